// Whose cosignatures count, and how many are enough: `witnesses.json`. Distinct operators are counted, not keys.
import { existsSync, readFileSync } from 'node:fs';
import { type NoteKey, readVerifierKey } from '@writ/crypto';
import { RuntimeFault } from '@writ/runtime';
import { z } from 'zod';

const WitnessUrl = z.url({ protocol: /^https?$/ }).max(500);

const Shape = z.strictObject({
  threshold: z.int().min(1).max(32),
  witnesses: z
    .array(
      z.strictObject({
        key: z.string().max(300),
        url: WitnessUrl,
        operator: z.string().min(1).max(100),
      }),
    )
    .min(1)
    .max(32),
});

/** One witness: its verifier key, the submission prefix, who runs it. */
export type Witness = { readonly key: NoteKey; readonly url: string; readonly operator: string };

/** `threshold` distinct operators among the witnesses must cosign. */
export type WitnessPolicy = { readonly threshold: number; readonly witnesses: readonly Witness[] };

const problemOf = ({ threshold, witnesses }: WitnessPolicy): string | undefined => {
  const names = new Set(witnesses.map(({ key }) => key.name));
  const keys = new Set(witnesses.map(({ key }) => key.key.kid));
  if (names.size < witnesses.length || keys.size < witnesses.length) return 'a witness is there twice';
  const operators = new Set(witnesses.map(({ operator }) => operator)).size;
  return threshold > operators ? `${threshold} are asked for, there are ${operators} operators` : undefined;
};

const parse = (text: string): WitnessPolicy => {
  const { threshold, witnesses } = Shape.parse(JSON.parse(text));
  return {
    threshold,
    witnesses: witnesses.map(({ key, url, operator }) => {
      const read = readVerifierKey(key);
      if (read?.kind !== 'witness') throw new RuntimeFault('WRIT-WIT-004', `that of ${operator}`);
      return { key: read, url: url.replace(/\/+$/, ''), operator };
    }),
  };
};

/** The policy of an installation; `undefined` without a file. Throws WRIT-WIT-004 for a key, WRIT-CFG-002 for anything else. */
export const readWitnessPolicy = (file: string): WitnessPolicy | undefined => {
  if (!existsSync(file)) return undefined;
  let policy: WitnessPolicy;
  try {
    policy = parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof RuntimeFault) throw error;
    throw new RuntimeFault('WRIT-CFG-002', `${file} (is not a witness policy)`);
  }
  const problem = problemOf(policy);
  if (problem !== undefined) throw new RuntimeFault('WRIT-CFG-002', `${file} (${problem})`);
  return policy;
};

/** How many distinct operators have signed. */
export const operatorsOf = (policy: WitnessPolicy, names: ReadonlySet<string>): number =>
  new Set(policy.witnesses.filter(({ key }) => names.has(key.name)).map(({ operator }) => operator)).size;
