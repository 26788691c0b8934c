// What an enforcement point asks at the moment of execution, and what it reports afterwards.
import { z } from 'zod';
import { liveDocument } from '../document.js';
import { Committed } from '../frame.js';
import { AgentScope, CommandId, Decimal, Digest, EventId, Timestamp } from '../ids.js';

export const ReceiptRequestData = z.strictObject({
  intentId: CommandId,
  agent: AgentScope,
  argsDigest: Digest,
  expires: Timestamp,
});

/** `writ.receipt-request.v1` on `gov.receipt.<asker>`: `argsDigest` is that of the obliged arguments about to be used. */
export const ReceiptRequest = liveDocument('receipt-request', ReceiptRequestData);
export type ReceiptRequest = z.infer<typeof ReceiptRequest>;

/** What an action did to one resource. `count` in records, `amount` a decimal string. */
export const Effect = z.strictObject({
  resource: z.string().max(200),
  operation: z.string().max(64),
  count: z.int().min(0).optional(),
  amount: Decimal.optional(),
});
export type Effect = z.infer<typeof Effect>;

export const OutcomeReportData = z.strictObject({
  intentId: CommandId,
  agent: AgentScope,
  receipt: EventId,
  as: z.enum(['executor', 'verifier']),
  status: z.enum(['succeeded', 'failed']),
  startedAt: Timestamp,
  finishedAt: Timestamp,
  effects: z.array(Effect).max(64),
  result: Committed,
  errorCode: z.string().max(64).optional(),
});

/** `writ.outcome-report.v1` on `gov.outcome.<asker>`. */
export const OutcomeReport = liveDocument('outcome-report', OutcomeReportData);
export type OutcomeReport = z.infer<typeof OutcomeReport>;

export type ReceiptRequestData = z.infer<typeof ReceiptRequestData>;
export type OutcomeReportData = z.infer<typeof OutcomeReportData>;
