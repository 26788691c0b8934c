// The intent: what an agent wants to do, why, on what evidence, and how it could be undone.
import { z } from 'zod';
import { liveDocument } from '../document.js';
import { Committed } from '../frame.js';
import { Digest, EventId, Kid, Name, Timestamp } from '../ids.js';

/** What is to be done. `args` stands as salted digests; the values travel as disclosures. */
export const Action = z.strictObject({
  tool: z
    .string()
    .min(1)
    .max(100)
    .regex(/^[A-Za-z0-9_.:/-]+$/),
  operation: z
    .string()
    .min(1)
    .max(64)
    .regex(/^[a-zA-Z0-9_.-]+$/),
  resource: z
    .string()
    .min(1)
    .max(200)
    .regex(/^[A-Za-z0-9_.:/@-]+$/),
  args: Committed,
});
export type Action = z.infer<typeof Action>;

/** Why. `private` commits to goal, alternatives considered and chosen step. */
export const Reasoning = z.strictObject({
  private: Committed,
  promptDigest: Digest.optional(),
  contextDigest: Digest.optional(),
  model: z.string().max(100).optional(),
  tools: z.array(z.string().max(100)).max(32).optional(),
});

/** One reading on which the decision to act rests. `value` commits to what was read. */
export const Evidence = z.strictObject({
  source: z
    .string()
    .min(1)
    .max(200)
    .regex(/^[A-Za-z0-9_.:/@-]+$/),
  observedAt: Timestamp,
  value: Committed,
});

/** How the effect would be undone. `private` commits to the details. */
export const ReversalPath = z.strictObject({
  method: z.enum(['none', 'inverse-action', 'restore-backup', 'transaction-rollback', 'compensation']),
  private: Committed,
});

/** One link of a delegation chain: who delegated, in which event. */
export const DelegationLink = z.strictObject({ from: z.string().max(260), event: EventId, kid: Kid });

export const IntentData = z.strictObject({
  action: Action,
  reasoning: Reasoning,
  evidence: z.array(Evidence).max(16),
  reversal: ReversalPath,
  deadline: Timestamp,
  delegation: z.array(DelegationLink).max(8),
  plan: z.strictObject({ id: Name, step: z.int().min(0).max(999) }).optional(),
  idempotencyKey: z.string().max(100).optional(),
});
export type IntentData = z.infer<typeof IntentData>;

/** `writ.intent.v1` on `gov.intent.<scope>`; at most 12 KiB and depth 24. Its id is the UUIDv7 that everything else names. */
export const Intent = liveDocument('intent', IntentData);
export type Intent = z.infer<typeof Intent>;

export type Reasoning = z.infer<typeof Reasoning>;
export type Evidence = z.infer<typeof Evidence>;
export type ReversalPath = z.infer<typeof ReversalPath>;
export type DelegationLink = z.infer<typeof DelegationLink>;
