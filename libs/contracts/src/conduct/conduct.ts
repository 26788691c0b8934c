// Facts about an agent's conduct: flags, containment, autonomy. Written by the anomaly-detector.
import { z } from 'zod';
import { AutonomyStep } from '../boundary/boundary.js';
import { ledgerEvent } from '../document.js';
import { Frame } from '../frame.js';
import { AgentScope, EventId, Name, Timestamp } from '../ids.js';
import { IntakeKind, ReportingService } from '../report/report.js';

/** The containment ladder, lowest first. */
export const ContainmentLevels = ['none', 'watch', 'gate', 'isolate', 'halt'] as const;
export const Containment = z.enum(ContainmentLevels);
export type Containment = z.infer<typeof Containment>;

/** The detectors that ship; the last one looks at what the decision service reports. */
export const Detector = z.enum(['rate', 'novelty', 'irreversible-burst', 'intent-id-reused']);
export type Detector = z.infer<typeof Detector>;

const codes = z.array(z.string().max(40)).max(16);

export const FlaggedData = z.strictObject({
  agent: AgentScope,
  detector: Detector,
  observed: z.int(),
  threshold: z.int(),
  windowSeconds: z.int(),
  history: z.int(),
  events: z.array(EventId).max(64),
  codes,
  at: Timestamp,
  /** For `intent-id-reused`: the second intent under the id; `events` names the decision on the first one. */
  intent: Frame.optional(),
  /** The certificate of the session key that signed it. */
  session: Frame.optional(),
});

export const ContainmentChangedData = z.strictObject({
  agent: AgentScope,
  from: Containment,
  to: Containment,
  cause: z.enum(['flag', 'cleared-by-approval', 'cool-down', 'command']),
  causeEvent: EventId.optional(),
  command: Frame.optional(),
  codes,
});

export const AutonomyChangedData = z.strictObject({
  agent: AgentScope,
  from: AutonomyStep,
  to: AutonomyStep,
  evidence: z.array(EventId).max(64),
  criteria: Name.optional(),
  command: Frame.optional(),
  codes,
});

export const BenchmarkData = z.strictObject({
  agent: AgentScope,
  name: Name,
  window: z.strictObject({ from: Timestamp, to: Timestamp }),
  counts: z.record(Name, z.int()),
});

/** What a service shed of one asker before it was looked at. `report`: the service's signed word, which says the same. */
export const FloodShedData = z.strictObject({
  service: ReportingService,
  kind: IntakeKind,
  asker: AgentScope,
  shed: z.int().min(1),
  from: Timestamp,
  to: Timestamp,
  report: Frame,
});

export const conductEvents = {
  'writ.conduct.flagged.v1': ledgerEvent('conduct', 'flagged', FlaggedData),
  'writ.conduct.containment-changed.v1': ledgerEvent(
    'conduct',
    'containment-changed',
    ContainmentChangedData,
  ),
  'writ.conduct.autonomy-promoted.v1': ledgerEvent('conduct', 'autonomy-promoted', AutonomyChangedData),
  'writ.conduct.autonomy-demoted.v1': ledgerEvent('conduct', 'autonomy-demoted', AutonomyChangedData),
  'writ.conduct.benchmark-recorded.v1': ledgerEvent('conduct', 'benchmark-recorded', BenchmarkData),
  'writ.conduct.flood-shed.v1': ledgerEvent('conduct', 'flood-shed', FloodShedData),
} as const;
export type ConductEvent = z.infer<(typeof conductEvents)[keyof typeof conductEvents]>;

export type FlaggedData = z.infer<typeof FlaggedData>;
export type ContainmentChangedData = z.infer<typeof ContainmentChangedData>;
export type AutonomyChangedData = z.infer<typeof AutonomyChangedData>;
export type BenchmarkData = z.infer<typeof BenchmarkData>;
export type FloodShedData = z.infer<typeof FloodShedData>;
