// The two envelopes: a live document, and a ledger event (CloudEvents 1.0, structured mode).
import { z } from 'zod';
import type { LiveKind } from './frame.js';
import { AgentScope, CommandId, Digest, EventId, Kid, LedgerSeq, Timestamp, Version } from './ids.js';
import type { Family, ServiceName } from './subjects.js';

/** A live document: valid only on the subject that it names. Services' replies name the reply subject's owner. */
export const liveDocument = <K extends LiveKind, D extends z.ZodType>(kind: K, data: D) =>
  z.strictObject({
    type: z.literal(`writ.${kind}.v1` as const),
    id: CommandId,
    kid: Kid,
    subject: z.string().max(400),
    time: Timestamp,
    data,
  });

/** Who may write a family: the `source` of its events. */
export const SourceOf: { readonly [F in Family]: readonly ServiceName[] } = {
  registry: ['registry'],
  decision: ['decision'],
  authority: ['receipt-ledger', 'kill-switch'],
  outcome: ['receipt-ledger'],
  approval: ['approval'],
  conduct: ['anomaly-detector'],
  stop: ['kill-switch'],
};

const envelope = {
  specversion: z.literal('1.0'),
  id: EventId,
  source: z.string().regex(/^\/writ\/[a-z-]+$/),
  subject: z.string().max(300),
  time: Timestamp,
  datacontenttype: z.literal('application/json'),
  kid: Kid,
  agent: AgentScope.optional(),
  seen: LedgerSeq,
  causationid: z.string().max(240),
  correlationid: z.string().max(240),
  traceparent: z.string().max(100).optional(),
};

/** A versioned ledger event: ver and prev are its place in its subject, agentver and agentprev in its agent's chain. */
export const ledgerEvent = <F extends Family, N extends string, D extends z.ZodType>(
  family: F,
  fact: N,
  data: D,
) =>
  z.strictObject({
    ...envelope,
    type: z.literal(`writ.${family}.${fact}.v1` as const),
    ver: Version,
    prev: Digest,
    agentver: Version.optional(),
    agentprev: Digest.optional(),
    data,
  });

/** An unversioned fact of the kill-switch: it cannot lose a race, and counts once by its id. */
export const unversionedEvent = <F extends Family, N extends string, D extends z.ZodType>(
  family: F,
  fact: N,
  data: D,
) => z.strictObject({ ...envelope, type: z.literal(`writ.${family}.${fact}.v1` as const), data });

/** The fields that every ledger event has, whatever its type. */
export const AnyLedgerEvent = z.looseObject({
  ...envelope,
  type: z.string().regex(/^writ\.[a-z]+\.[a-z-]+\.v\d+$/),
  ver: Version.optional(),
  prev: Digest.optional(),
  agentver: Version.optional(),
  agentprev: Digest.optional(),
  data: z.looseObject({}),
});
export type AnyLedgerEvent = z.infer<typeof AnyLedgerEvent>;
