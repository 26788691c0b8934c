// Reports of services to the anomaly-detector: what they met and may not record themselves. Never an event; the detector judges it.
import { z } from 'zod';
import { liveDocument } from '../document.js';
import { Frame } from '../frame.js';
import { AgentScope, EventId, Timestamp } from '../ids.js';
import type { ServiceName } from '../subjects.js';

/** The kinds of live subject that agents and enforcement points send to. */
export const IntakeKinds = ['intent', 'receipt', 'outcome', 'state', 'preserve', 'ack'] as const;
export const IntakeKind = z.enum(IntakeKinds);
export type IntakeKind = z.infer<typeof IntakeKind>;

/** The services that agents send to: they alone report. */
export const ReportingServices = [
  'decision',
  'receipt-ledger',
  'kill-switch',
] as const satisfies ServiceName[];
export const ReportingService = z.enum(ReportingServices);
export type ReportingService = z.infer<typeof ReportingService>;

/** Which kinds each of them answers: it cannot have shed anything else. */
export const IntakesOf: { readonly [S in ReportingService]: readonly IntakeKind[] } = {
  decision: ['intent'],
  'receipt-ledger': ['receipt', 'outcome'],
  'kill-switch': ['state', 'preserve', 'ack'],
};

/** What a token bucket shed of one asker, summed up: `shed` messages between two times. */
export const FloodReport = z.strictObject({
  about: z.literal('flood'),
  kind: IntakeKind,
  asker: AgentScope,
  shed: z.int().min(1),
  from: Timestamp,
  to: Timestamp,
});

/** `intent`: the second intent, as its agent signed it, `session` the certificate of a session key; `recorded`: the decision on the first one. */
export const IdReuseReport = z.strictObject({
  about: z.literal('intent-id-reused'),
  intent: Frame,
  session: Frame.optional(),
  recorded: EventId,
});

export const ConductReportData = z.discriminatedUnion('about', [FloodReport, IdReuseReport]);
/** `writ.conduct-report.v1` on `gov.report.<org>.<service>`; it is not answered. */
export const ConductReport = liveDocument('conduct-report', ConductReportData);
export type ConductReport = z.infer<typeof ConductReport>;

export type ConductReportData = z.infer<typeof ConductReportData>;
export type FloodReport = z.infer<typeof FloodReport>;
export type IdReuseReport = z.infer<typeof IdReuseReport>;
