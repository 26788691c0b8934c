// How the four streams must be configured, field by field, and the comparison with what a server echoes. Pure.
import { Streams } from '@writ/contracts';

/** Nanoseconds in a second: JetStream's unit of durations. */
const SECOND = 1_000_000_000;

export type StreamSizes = {
  /** Copies of each message: 1, or 3 in a cluster. */
  readonly replicas: number;
  /** Limit of GOV_LEDGER in bytes; -1: the store's own. At the limit appends are refused (WRIT-LED-001). */
  readonly ledgerMaxBytes?: number;
  /** Limit of GOV_INTENTS in bytes of memory; 256 MiB. The oldest go first. */
  readonly intentsMaxBytes?: number;
};

/** A stream configuration as the JetStream API spells it. Absent, false, 0 and empty are the same to the comparison. */
export type StreamFields = { readonly [field: string]: unknown };

const base = (name: string, subject: string, sizes: StreamSizes): StreamFields => ({
  name,
  subjects: [subject],
  retention: 'limits',
  storage: 'file',
  discard: 'old',
  num_replicas: sizes.replicas,
  max_consumers: -1,
  max_msgs: -1,
  max_bytes: -1,
  max_age: 0,
  max_msgs_per_subject: -1,
  max_msg_size: -1,
  duplicate_window: 120 * SECOND,
  compression: 'none',
  allow_direct: true,
  mirror_direct: false,
  deny_delete: true,
  deny_purge: true,
  allow_rollup_hdrs: false,
  allow_atomic: false,
  no_ack: true,
  sealed: false,
});

const ledger = (sizes: StreamSizes): StreamFields => ({
  ...base(Streams.ledger, 'gov.ledger.>', sizes),
  discard: 'new',
  max_bytes: sizes.ledgerMaxBytes ?? -1,
  no_ack: false,
  allow_atomic: true,
});

const intents = (sizes: StreamSizes): StreamFields => ({
  ...base(Streams.intents, 'gov.intent.>', sizes),
  storage: 'memory',
  max_age: 3_600 * SECOND,
  max_bytes: sizes.intentsMaxBytes ?? 256 * 1024 * 1024,
  deny_delete: false,
  deny_purge: false,
});

/** The four streams of ARCHITECTURE §4, in the order of their creation. */
export const streamConfigs = (sizes: StreamSizes): readonly StreamFields[] => [
  ledger(sizes),
  base(Streams.halts, 'gov.halt.>', sizes),
  intents(sizes),
  { ...base(Streams.checkpoints, 'gov.checkpoint.>', sizes), no_ack: false },
];

/** One field that is not as it must be. */
export type FieldDifference = {
  readonly stream: string;
  readonly field: string;
  readonly expected: unknown;
  readonly actual: unknown;
};

/** Fields that change nothing of what the ledger promises. */
const HARMLESS = new Set(['metadata', 'description', 'placement', 'consumer_limits']);

const isNothing = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === false ||
  value === 0 ||
  value === '' ||
  value === 'default';

const isSame = (expected: unknown, actual: unknown): boolean =>
  (isNothing(expected) && isNothing(actual)) || JSON.stringify(expected) === JSON.stringify(actual);

/**
 * Compares every field: what is expected must be there, and what is there must be expected (a field that this version does
 * not know counts unless it says nothing). `ignore`: fields whose value the caller does not know.
 */
export const compareStream = (
  expected: StreamFields,
  actual: StreamFields,
  ignore: readonly string[] = [],
): readonly FieldDifference[] =>
  [...new Set([...Object.keys(expected), ...Object.keys(actual)])]
    .filter((field) => !HARMLESS.has(field) && !ignore.includes(field))
    .filter((field) => !isSame(expected[field], actual[field]))
    .map((field) => ({
      stream: String(expected['name']),
      field,
      expected: expected[field],
      actual: actual[field],
    }));
