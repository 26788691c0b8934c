// What the decision service remembers of one environment: answered intents and what counts against limits. Values only.
import type { AgentScope, CommandId, Digest, EventId } from '@writ/contracts';
import { Map as IMap, type Set as ISet, List } from 'immutable';

/** An answered intent. `until`: when its permit, or the longest life of its gate and grant, ends (ms since epoch). */
export type AnsweredIntent = {
  readonly digest: Digest;
  readonly eventId: EventId;
  readonly effect: 'permit' | 'deny' | 'gate';
  readonly until: number;
};

/** An answered intent is looked at again at `at` (ms since epoch) and forgotten unless it is still open. */
export type Reminder = { readonly id: CommandId; readonly at: number };

/** One environment. Times are ms since epoch of the events' own `inputs.now`, never running backwards. */
export type DecisionState = {
  readonly clock: number;
  readonly intents: IMap<CommandId, AnsweredIntent>;
  readonly reminders: List<Reminder>;
  /** Every id answered within the sweep's reach, by the bucket of its own UUIDv7 time: one decision per id (§7.4). */
  readonly answered: IMap<number, ISet<CommandId>>;
  /** When what counted, by `<agent>/<limit id>`, oldest first; at most as many as the highest limit there can be. */
  readonly counted: IMap<string, List<number>>;
};

/** Nothing decided yet. */
export const decisionInitial: DecisionState = {
  clock: 0,
  intents: IMap(),
  reminders: List(),
  answered: IMap(),
  counted: IMap(),
};

/** The times of a decision (ARCHITECTURE §5 step 1). All in milliseconds. */
export const DecisionTimes = {
  /** Older by its own time, and unknown: stale. */
  staleAfterMs: 120_000,
  /** Further ahead by its own time: refused. */
  aheadMs: 30_000,
  /** Answers are repeated for at least this long, and as long as a permit or gate can be open. */
  rememberMs: 240_000,
  /** The sweep reaches this far back: as far as GOV_INTENTS keeps intents. */
  sweepReachMs: 3_600_000,
  /** Ids are remembered this much beyond the sweep's reach, so that it never answers one twice. */
  sweepSlackMs: 600_000,
  bucketMs: 300_000,
  longestWindowMs: 7 * 86_400_000,
  highestLimit: 100_000,
} as const;

/** The key of a counter. */
export const counterKey = (agent: AgentScope, limit: string): string => `${agent}/${limit}`;

/** The time inside a UUIDv7: its first 48 bits, in ms since epoch. */
export const uuidTime = (id: CommandId): number => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);

/** The bucket in which an id is remembered. */
export const bucketOf = (id: CommandId): number => Math.floor(uuidTime(id) / DecisionTimes.bucketMs);
