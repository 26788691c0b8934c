// The state round trip (nonce, halts in force), acknowledgement of a halt, and preserved state.
import { z } from 'zod';
import { AutonomyStep } from '../boundary/boundary.js';
import { Containment } from '../conduct/conduct.js';
import { liveDocument } from '../document.js';
import { HaltId, HaltInForce } from '../halt/halt.js';
import { AgentScope, Digest, EventId, Kid, LedgerSeq, Timestamp } from '../ids.js';

export const Nonce = z.string().regex(/^[A-Za-z0-9_-]{22}$/);

/**
 * `want`: the key path (certificate frames up to the pinned root), the boundary and gates in force, the recorded halts and releases
 * (for who holds a halt that the state no longer lists, or gets as many listed as it can hold).
 */
export const StateRequestData = z.strictObject({
  agent: AgentScope,
  nonce: Nonce,
  want: z.array(z.enum(['keys', 'boundary', 'halts'])).max(3),
});
/** `writ.state-request.v1` on `gov.state.<asker>`. */
export const StateRequest = liveDocument('state-request', StateRequestData);
export type StateRequest = z.infer<typeof StateRequest>;

export const StateData = z.strictObject({
  agent: AgentScope,
  nonce: Nonce,
  epoch: z.int().min(1),
  haltPosition: LedgerSeq,
  validMs: z.int(),
  halts: z.array(HaltInForce).max(64),
  status: z.enum(['active', 'retired', 'orphaned', 'unknown']),
  containment: Containment,
  autonomy: AutonomyStep,
  preserved: z.strictObject({ digest: Digest, event: EventId, at: Timestamp }).nullable(),
  revokedKeys: z.array(Kid).max(256),
});
/** `writ.state.v1`, the reply; frames asked for follow it, each on a line of its own. */
export const State = liveDocument('state', StateData);
export type State = z.infer<typeof State>;

export const AckData = z.strictObject({
  agent: AgentScope,
  halts: z.array(HaltId).min(1).max(64),
  state: z.enum(['idle', 'aborted', 'cannot-abort']),
  aborted: z.int().min(0),
  heardAt: Timestamp,
});
/** `writ.ack.v1` on `gov.ack.<asker>`: the agent has stopped. */
export const Ack = liveDocument('ack', AckData);
export type Ack = z.infer<typeof Ack>;

/** `put`: the state travels as one disclosure named "state" behind the frame, at most 256 KiB; `get`: asks for it back. */
export const PreserveRequestData = z.strictObject({
  agent: AgentScope,
  op: z.enum(['put', 'get']),
  digest: Digest,
  bytes: z
    .int()
    .min(0)
    .max(256 * 1024),
  halts: z.array(HaltId).max(64),
});
export const PreserveRequest = liveDocument('preserve-request', PreserveRequestData);
export type PreserveRequest = z.infer<typeof PreserveRequest>;

/** The reply to `get`: the disclosure follows on a line of its own. */
export const Preserved = liveDocument(
  'preserved',
  z.strictObject({ agent: AgentScope, digest: Digest, event: EventId }),
);
export type Preserved = z.infer<typeof Preserved>;

export type Nonce = z.infer<typeof Nonce>;
export type StateRequestData = z.infer<typeof StateRequestData>;
export type StateData = z.infer<typeof StateData>;
export type AckData = z.infer<typeof AckData>;
export type PreserveRequestData = z.infer<typeof PreserveRequestData>;
