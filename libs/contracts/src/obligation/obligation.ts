// Obligations: hard caps that an enforcement point applies to the arguments before it acts. Pure.
import { z } from 'zod';
import { Name } from '../ids.js';
import type { JsonValue } from '../json.js';

const Field = z.string().regex(/^args\.[A-Za-z_][A-Za-z0-9_]{0,62}$/);

/** Lowers (or raises) a number argument into the range. */
export const Clamp = z.strictObject({
  kind: z.literal('clamp'),
  field: Field,
  min: z.int().optional(),
  max: z.int().optional(),
});

/** Sets an argument to a fixed value, for example `dry_run: true`. */
export const SetArgument = z.strictObject({
  kind: z.literal('set'),
  field: Field,
  value: z.union([z.string().max(200), z.boolean(), z.int()]),
});

/** Removes an argument. */
export const Redact = z.strictObject({ kind: z.literal('redact'), field: Field });

/** An obligation. A client that meets a kind it does not know must refuse to act. */
export const Obligation = z.discriminatedUnion('kind', [Clamp, SetArgument, Redact]);
export type Obligation = z.infer<typeof Obligation>;

/** The kinds this version knows. */
export const KnownObligations: readonly string[] = ['clamp', 'set', 'redact'] satisfies Obligation['kind'][];

export type ObligeResult =
  | { readonly kind: 'obliged'; readonly args: Readonly<Record<string, JsonValue>> }
  | { readonly kind: 'refused'; readonly code: 'WRIT-OBL-001' | 'WRIT-OBL-002'; readonly reason: string };

type Args = Readonly<Record<string, JsonValue>>;

const clamp = (args: Args, name: string, o: z.infer<typeof Clamp>): Args | undefined => {
  const value = args[name];
  if (value === undefined) return args;
  if (typeof value !== 'number') return undefined;
  return { ...args, [name]: Math.min(Math.max(value, o.min ?? value), o.max ?? value) };
};

const apply = (args: Args, o: Obligation): Args | undefined => {
  const name = o.field.slice('args.'.length);
  switch (o.kind) {
    case 'clamp':
      return clamp(args, name, o);
    case 'set':
      return { ...args, [name]: o.value };
    case 'redact':
      return Object.fromEntries(Object.entries(args).filter(([key]) => key !== name));
  }
};

/**
 * Applies obligations in order. Guarantees: pure; the same arguments and obligations always give the same result;
 * anything unknown (WRIT-OBL-001) or inapplicable (WRIT-OBL-002) refuses.
 */
export const oblige = (args: Args, obligations: readonly Obligation[]): ObligeResult => {
  let current = args;
  for (const o of obligations) {
    if (!KnownObligations.includes(o.kind)) {
      return {
        kind: 'refused',
        code: 'WRIT-OBL-001',
        reason: `obligation '${String(o.kind)}' is not known here`,
      };
    }
    const next = apply(current, o);
    if (next === undefined) {
      return {
        kind: 'refused',
        code: 'WRIT-OBL-002',
        reason: `obligation '${o.kind}' does not fit ${o.field}`,
      };
    }
    current = next;
  }
  return { kind: 'obliged', args: current };
};

/** A rule or limit name. */
export const RuleId = Name;

export type Clamp = z.infer<typeof Clamp>;
export type SetArgument = z.infer<typeof SetArgument>;
export type Redact = z.infer<typeof Redact>;
