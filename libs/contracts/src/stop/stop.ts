// What followed a halt: acknowledgements, agents that did not answer, preserved state, drills.
import { z } from 'zod';
import { ledgerEvent } from '../document.js';
import { Frame } from '../frame.js';
import { HaltId } from '../halt/halt.js';
import { AgentScope, Digest, EnvironmentScope, EventId, Scope, Timestamp } from '../ids.js';

export const AcknowledgedData = z.strictObject({
  agent: AgentScope,
  halts: z.array(HaltId).min(1).max(64),
  ack: Frame,
  /** The certificate of the session key that signed the acknowledgement, or the request. */
  session: Frame.optional(),
  state: z.enum(['idle', 'aborted', 'cannot-abort']),
  aborted: z.int().min(0),
  heardAt: Timestamp,
});
export const UnconfirmedData = z.strictObject({
  environment: EnvironmentScope,
  halts: z.array(HaltId).min(1).max(64),
  agents: z.array(AgentScope).max(500),
});
export const StatePreservedData = z.strictObject({
  agent: AgentScope,
  halts: z.array(HaltId).max(64),
  digest: Digest,
  bytes: z.int().min(0),
  request: Frame,
  session: Frame.optional(),
});
export const StateRestoredData = z.strictObject({
  agent: AgentScope,
  digest: Digest,
  preserved: EventId,
  request: Frame,
  session: Frame.optional(),
});
export const DrillData = z.strictObject({
  environment: EnvironmentScope,
  scope: Scope,
  halts: z.array(HaltId).max(64),
  ok: z.boolean(),
});

export const stopEvents = {
  'writ.stop.acknowledged.v1': ledgerEvent('stop', 'acknowledged', AcknowledgedData),
  'writ.stop.unconfirmed.v1': ledgerEvent('stop', 'unconfirmed', UnconfirmedData),
  'writ.stop.state-preserved.v1': ledgerEvent('stop', 'state-preserved', StatePreservedData),
  'writ.stop.state-restored.v1': ledgerEvent('stop', 'state-restored', StateRestoredData),
  'writ.stop.drill-finished.v1': ledgerEvent('stop', 'drill-finished', DrillData),
} as const;
export type StopEvent = z.infer<(typeof stopEvents)[keyof typeof stopEvents]>;

export type AcknowledgedData = z.infer<typeof AcknowledgedData>;
export type UnconfirmedData = z.infer<typeof UnconfirmedData>;
export type StatePreservedData = z.infer<typeof StatePreservedData>;
export type StateRestoredData = z.infer<typeof StateRestoredData>;
export type DrillData = z.infer<typeof DrillData>;
