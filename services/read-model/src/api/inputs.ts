// What the API takes, as schemas: anything unknown, repeated or malformed is refused. Texts hold no NUL by their patterns.
import {
  AgentScope,
  CommandId,
  EnvironmentScope,
  ResourcePattern,
  Scope,
  Timestamp,
  Token,
} from '@writ/contracts';
import { z } from 'zod';

const MAX_SEQ = Number.MAX_SAFE_INTEGER;
const FROM_YEAR = Date.UTC(1970, 0);
const TO_YEAR = Date.UTC(9999, 0);

/** RFC 3339 with an offset, from 1970 to 9998; read as UTC milliseconds. */
export const Time = z.iso
  .datetime({ offset: true })
  .max(40)
  .transform((text) => Date.parse(text))
  .refine((ms) => ms >= FROM_YEAR && ms < TO_YEAR, 'out of range')
  .transform((ms) => new Date(ms).toISOString());

const UNIT_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

/** A span such as `24h`: s, m, h, d or w; read as milliseconds. */
export const Span = z
  .string()
  .regex(/^[1-9]\d{0,3}[smhdw]$/)
  .transform((text) => Number(text.slice(0, -1)) * UNIT_MS[text.at(-1) as keyof typeof UNIT_MS]);

const Count = z
  .string()
  .regex(/^[1-9]\d{0,3}$/)
  .transform(Number)
  .refine((n) => n <= 1000, 'at most 1000');
const Seq = z
  .string()
  .regex(/^(0|[1-9]\d{0,15})$/)
  .transform(Number)
  .refine((n) => n <= MAX_SEQ, 'not a sequence');

const cursorOf = <T extends z.ZodType>(shape: T) =>
  z
    .string()
    .max(400)
    .regex(/^[A-Za-z0-9_-]+$/)
    .transform((text, ctx): z.output<T> => {
      try {
        const parsed = shape.safeParse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
        if (parsed.success) return parsed.data;
      } catch {
        // Not JSON: refused below like any other that is not ours.
      }
      ctx.addIssue({ code: 'custom', message: 'not a cursor of this list' });
      return z.NEVER;
    });

/** A cursor as it goes out: opaque to the caller. */
export const encodeCursor = (value: unknown): string =>
  Buffer.from(JSON.stringify(value)).toString('base64url');

/** A day that the calendar has: V8 reads February 31st as March 3rd, Postgres refuses it. */
const isDay = (text: string): boolean => {
  const ms = Date.parse(text);
  return ms >= FROM_YEAR && ms < TO_YEAR && new Date(ms).toISOString() === text;
};
const CursorTime = Timestamp.refine(isDay, 'no time');
const PositiveSeq = z.int().min(0);

/** `from` is inclusive, `to` exclusive; `last` counts back from now. */
export const ActionsQuery = z.strictObject({
  agent: AgentScope.optional(),
  scope: Scope.optional(),
  resource: ResourcePattern.optional(),
  operation: z
    .string()
    .regex(/^[a-zA-Z0-9_.-]{1,64}$/)
    .optional(),
  verdict: z.enum(['permitted', 'denied', 'escalated']).optional(),
  from: Time.optional(),
  to: Time.optional(),
  last: Span.optional(),
  limit: Count.optional(),
  cursor: cursorOf(z.strictObject({ at: CursorTime, seq: PositiveSeq })).optional(),
});

export const StatsQuery = ActionsQuery.omit({ limit: true, cursor: true });

export const AgentsQuery = z.strictObject({
  scope: Scope.optional(),
  limit: Count.optional(),
  cursor: cursorOf(AgentScope).optional(),
});

export const GatesQuery = z.strictObject({
  state: z.enum(['open', 'all']).optional(),
  scope: Scope.optional(),
  limit: Count.optional(),
  cursor: cursorOf(PositiveSeq).optional(),
});

export const HaltsQuery = z.strictObject({
  state: z.enum(['in-force', 'all']).optional(),
  environment: EnvironmentScope.optional(),
  limit: Count.optional(),
  cursor: cursorOf(
    z.strictObject({ seq: PositiveSeq, halt: z.string().regex(/^halt-[a-z0-9-]{1,58}$/) }),
  ).optional(),
});

/** Both ends inclusive; `to` is the head where it is not given. */
export const ExportQuery = z.strictObject({ from: Seq.optional(), to: Seq.optional() });

/** `org`: where one ledger holds several organisations. */
export const RegistryQuery = z.strictObject({ org: Token.optional() });

/** A period, `from` inclusive and `to` exclusive, and how many samples of each event type. */
export const EvidenceQuery = z.strictObject({ from: Time, to: Time, samples: Count.optional() });

export const NoQuery = z.strictObject({});
export const AgentPath = z.strictObject({ scope: AgentScope });
export const IntentPath = z.strictObject({ id: CommandId });
export const NoPath = z.strictObject({});

/** A message of the ledger, or a size of its tree with at least one. */
const Size = Seq.refine((n) => n > 0, 'not a size');
export const InclusionQuery = z.strictObject({ seq: Size, size: Size.optional() });
export const ConsistencyQuery = z.strictObject({ from: Size, to: Size.optional() });
export const HeadsQuery = z.strictObject({ agent: AgentScope, size: Size.optional() });
