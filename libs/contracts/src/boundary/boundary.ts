// The permission boundary: what one agent (or every agent of a scope) may do. Content-addressed, published at run time.
import { z } from 'zod';
import { Name, Scope } from '../ids.js';
import { Obligation } from '../obligation/obligation.js';

/** How far an effect can be undone. */
export const Reversibility = z.enum(['reversible', 'partially', 'irreversible']);
/** How much an action can touch. */
export const BlastRadius = z.enum(['single', 'many', 'system', 'external']);
export type Reversibility = z.infer<typeof Reversibility>;
export type BlastRadius = z.infer<typeof BlastRadius>;

/** Enforcement levels 0-3 (ARCHITECTURE §5): observe, enforce, gate high stakes, full. */
export const Level = z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(3)]);
export type Level = z.infer<typeof Level>;

/** The autonomy steps, lowest first: what an agent may do without a person. */
export const AutonomySteps = ['shadow', 'supervised', 'bounded', 'autonomous'] as const;
export const AutonomyStep = z.enum(AutonomySteps);
export type AutonomyStep = z.infer<typeof AutonomyStep>;

/** A glob over resources: `*` within a segment, `**` across segments; `/` and `:` separate segments. */
export const ResourcePattern = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[A-Za-z0-9_.:/*@-]+$/);
/** A glob over operations: a literal, or with `*`. */
export const OperationPattern = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[a-zA-Z0-9_.*-]+$/);

/** A counter over a sliding window, exact per environment. */
export const Limit = z.strictObject({
  id: Name,
  resource: ResourcePattern.default('**'),
  operations: z.array(OperationPattern).min(1).max(32).default(['*']),
  max: z.int().min(0).max(100_000),
  windowSeconds: z
    .int()
    .min(1)
    .max(7 * 86_400),
  effect: z.enum(['deny', 'gate']).default('deny'),
  gate: Name.optional(),
});
export type Limit = z.infer<typeof Limit>;

/** One rule. Deny overrides gate, gate overrides permit; among equals the first in the document is named. */
export const Rule = z.strictObject({
  id: Name,
  description: z.string().max(300).optional(),
  resource: ResourcePattern,
  operations: z.array(OperationPattern).min(1).max(32),
  when: z.string().max(2000).optional(),
  effect: z.enum(['permit', 'deny', 'gate']),
  gate: Name.optional(),
  reversibility: Reversibility.default('irreversible'),
  blastRadius: BlastRadius.default('many'),
  obligations: z.array(Obligation).max(16).default([]),
  onViolation: z.enum(['halt']).optional(),
  lowRisk: z.boolean().optional(),
});
export type Rule = z.infer<typeof Rule>;

/** How long private values are kept, in days after the intent's own time. The class names why, for those who order and report. */
export const Retention = z.strictObject({ class: Name, days: z.int().min(1).max(36_525) });
export type Retention = z.infer<typeof Retention>;

const ArgumentPath = z.string().regex(/^args\.[A-Za-z_][A-Za-z0-9_]{0,62}$/);

/**
 * The boundary document (`kind: PermissionBoundary`). `clear` names the argument fields that may stand in the ledger;
 * `dataSubject` the one that says whom the action is about: its private values get keys of their own, to be erased alone.
 */
export const PermissionBoundary = z.strictObject({
  apiVersion: z.literal('writ/v1'),
  kind: z.literal('PermissionBoundary'),
  metadata: z.strictObject({ name: Name, scope: Scope, description: z.string().max(500).optional() }),
  spec: z.strictObject({
    task: z.string().min(1).max(1000),
    level: Level,
    autonomy: AutonomyStep,
    clear: z.array(ArgumentPath).max(64).default([]),
    dataSubject: ArgumentPath.optional(),
    retention: Retention.optional(),
    default: z.strictObject({ effect: z.enum(['deny', 'gate']), gate: Name.optional() }),
    highStakesGate: Name.optional(),
    permitSeconds: z.int().min(1).max(86_400).default(300),
    receiptSeconds: z.int().min(1).max(3600).default(60),
    limits: z.array(Limit).max(32).default([]),
    rules: z.array(Rule).max(200),
  }),
});
export type PermissionBoundary = z.infer<typeof PermissionBoundary>;
