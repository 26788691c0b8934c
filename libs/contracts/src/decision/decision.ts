// The decision events: one per intent, with the intent frame verbatim and every input the verdict depended on.
import { z } from 'zod';
import { AutonomyStep, BlastRadius, Level, Reversibility } from '../boundary/boundary.js';
import { Containment } from '../conduct/conduct.js';
import { ledgerEvent } from '../document.js';
import { Disclosure, Frame } from '../frame.js';
import { AgentScope, CommandId, Digest, EventId, Name, Timestamp } from '../ids.js';
import { Obligation } from '../obligation/obligation.js';

/** Reason codes: stable, short, lower case. */
export const ReasonCode = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/);

/** Everything outside the intent that the verdict depended on; enough to derive it again. */
export const DecisionInputs = z.strictObject({
  now: Timestamp,
  agentStatus: z.enum(['active', 'retired', 'orphaned', 'unknown']),
  containment: Containment,
  autonomy: AutonomyStep,
  halted: z.boolean(),
  counters: z.record(Name, z.int().min(0)),
});
export type DecisionInputs = z.infer<typeof DecisionInputs>;

export const DecisionData = z.strictObject({
  agent: AgentScope,
  intent: Frame,
  /** The certificate of the session key that signed the intent. */
  session: Frame.optional(),
  intentDigest: Digest,
  disclosed: z.array(Disclosure).max(64),
  boundary: z.strictObject({ name: Name, digest: Digest, event: EventId, level: Level }).nullable(),
  registryVer: z.int().min(0),
  rule: z.string().max(80).nullable(),
  codes: z.array(ReasonCode).min(1).max(16),
  inputs: DecisionInputs,
  reversibility: Reversibility,
  blastRadius: BlastRadius,
  obligations: z.array(Obligation).max(16),
  obligedDigest: Digest,
  expires: Timestamp,
});

export const EscalatedData = DecisionData.extend({
  gate: z.strictObject({ name: Name, digest: Digest }),
  lowRisk: z.boolean(),
});

const Step = z.strictObject({
  step: z.int().min(0),
  intent: CommandId.optional(),
  rollback: CommandId.optional(),
});
export const PlanData = z.strictObject({
  agent: AgentScope,
  plan: Name,
  steps: z.array(Step).max(100),
  frame: Frame,
  codes: z.array(ReasonCode).max(16),
});

export const decisionEvents = {
  'writ.decision.permitted.v1': ledgerEvent('decision', 'permitted', DecisionData),
  'writ.decision.denied.v1': ledgerEvent('decision', 'denied', DecisionData),
  'writ.decision.escalated.v1': ledgerEvent('decision', 'escalated', EscalatedData),
  'writ.decision.plan-verified.v1': ledgerEvent('decision', 'plan-verified', PlanData),
  'writ.decision.plan-rejected.v1': ledgerEvent('decision', 'plan-rejected', PlanData),
} as const;
export type DecisionEvent = z.infer<(typeof decisionEvents)[keyof typeof decisionEvents]>;

export type ReasonCode = z.infer<typeof ReasonCode>;
export type DecisionData = z.infer<typeof DecisionData>;
export type EscalatedData = z.infer<typeof EscalatedData>;
export type PlanData = z.infer<typeof PlanData>;
