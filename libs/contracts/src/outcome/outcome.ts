// What happened after a receipt. Who reported and who verified are recorded apart.
import { z } from 'zod';
import { ledgerEvent } from '../document.js';
import { Committed, Frame } from '../frame.js';
import { AgentScope, CommandId, EventId, Kid, Timestamp } from '../ids.js';
import { Effect } from '../receipt/receipt-request.js';

const base = { agent: AgentScope, intentId: CommandId, receipt: EventId } as const;

export const ReportedData = z.strictObject({
  ...base,
  report: Frame,
  /** The certificate of the session key that signed the report. */
  session: Frame.optional(),
  reportedBy: z.strictObject({ name: AgentScope, kid: Kid }),
  effects: z.array(Effect).max(64),
  result: Committed,
  late: z.boolean(),
});
export const UnknownData = z.strictObject({ ...base, expired: Timestamp });
export const ReconciledData = z.strictObject({
  ...base,
  status: z.enum(['succeeded', 'failed']),
  command: Frame,
});
export const VerifiedData = z.strictObject({
  ...base,
  report: Frame,
  session: Frame.optional(),
  verifiedBy: z.strictObject({ name: AgentScope, kid: Kid }),
  effects: z.array(Effect).max(64),
});

export const outcomeEvents = {
  'writ.outcome.succeeded.v1': ledgerEvent('outcome', 'succeeded', ReportedData),
  'writ.outcome.failed.v1': ledgerEvent('outcome', 'failed', ReportedData),
  'writ.outcome.unknown.v1': ledgerEvent('outcome', 'unknown', UnknownData),
  'writ.outcome.reconciled.v1': ledgerEvent('outcome', 'reconciled', ReconciledData),
  'writ.outcome.verified.v1': ledgerEvent('outcome', 'verified', VerifiedData),
  'writ.outcome.contradicted.v1': ledgerEvent('outcome', 'contradicted', VerifiedData),
} as const;
export type OutcomeEvent = z.infer<(typeof outcomeEvents)[keyof typeof outcomeEvents]>;

export type ReportedData = z.infer<typeof ReportedData>;
export type UnknownData = z.infer<typeof UnknownData>;
export type ReconciledData = z.infer<typeof ReconciledData>;
export type VerifiedData = z.infer<typeof VerifiedData>;
