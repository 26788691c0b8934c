// The approval gate document: who must agree, how many, until when, and what happens if nobody answers.
import { z } from 'zod';
import { Name, Scope, Token } from '../ids.js';

/** The roles that a person can hold at a scope. */
export const PersonRole = z.enum(['approver', 'operator', 'admin', 'auditor', 'override']);
export type PersonRole = z.infer<typeof PersonRole>;

/** Named people and holders of a role, at the gate's scope. */
export const Approvers = z.strictObject({
  people: z.array(Token).max(64).default([]),
  roles: z.array(PersonRole).max(5).default([]),
});

/** `kind: ApprovalGate`. `fallback: allow` is applied only to intents whose rule is marked low risk. */
export const ApprovalGate = z.strictObject({
  apiVersion: z.literal('writ/v1'),
  kind: z.literal('ApprovalGate'),
  metadata: z.strictObject({ name: Name, scope: Scope, description: z.string().max(500).optional() }),
  spec: z.strictObject({
    type: z.literal('human'),
    approvers: Approvers,
    quorum: z.int().min(1).max(16),
    deadlineSeconds: z
      .int()
      .min(1)
      .max(7 * 86_400),
    fallback: z.enum(['deny', 'allow']),
    excludeOwner: z.boolean().default(false),
    grantSeconds: z.int().min(1).max(86_400).default(300),
  }),
});
export type ApprovalGate = z.infer<typeof ApprovalGate>;

export type Approvers = z.infer<typeof Approvers>;
