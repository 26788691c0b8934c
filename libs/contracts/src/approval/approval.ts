// The events of an approval gate. A gate is named by the intent that it holds.
import { z } from 'zod';
import { ledgerEvent } from '../document.js';
import { Frame } from '../frame.js';
import { AgentScope, CommandId, Digest, EventId, Name, Timestamp, Token } from '../ids.js';

const gate = { agent: AgentScope, intentId: CommandId, intentDigest: Digest } as const;

export const GateOpenedData = z.strictObject({
  ...gate,
  decision: z.strictObject({ id: EventId, digest: Digest }),
  gate: z.strictObject({ name: Name, digest: Digest }),
  boundaryDigest: Digest,
  obligedDigest: Digest,
  approvers: z.array(Token).max(256),
  excluded: z.array(Token).max(64),
  quorum: z.int().min(1),
  fallback: z.enum(['deny', 'allow']),
  deadline: Timestamp,
  grantSeconds: z.int().min(1),
});
export const VotedData = z.strictObject({
  ...gate,
  person: Token,
  choice: z.enum(['approve', 'reject', 'abstain']),
  vote: Frame,
  voteDigest: Digest,
});
export const StageEscalatedData = z.strictObject({ ...gate, stage: z.int().min(1), deadline: Timestamp });
export const GrantedData = z.strictObject({
  ...gate,
  by: z.array(Token).min(1).max(64),
  votes: z.array(EventId).max(64),
  until: Timestamp,
});
export const RejectedData = z.strictObject({
  ...gate,
  by: z.array(Token).max(64),
  votes: z.array(EventId).max(64),
  codes: z.array(z.string().max(40)).max(8),
});
export const TimedOutData = z.strictObject({
  ...gate,
  fallback: z.enum(['deny', 'allow']),
  deadline: Timestamp,
  until: Timestamp.optional(),
});
export const OverriddenData = z.strictObject({
  ...gate,
  effect: z.enum(['force', 'block']),
  command: Frame,
  person: Token,
  until: Timestamp,
});
export const FrozenData = z.strictObject({
  ...gate,
  halts: z.array(EventId).max(16),
  remainingMs: z.int().min(0),
});
export const ThawedData = z.strictObject({
  ...gate,
  releases: z.array(EventId).max(16),
  deadline: Timestamp,
});

export const approvalEvents = {
  'writ.approval.gate-opened.v1': ledgerEvent('approval', 'gate-opened', GateOpenedData),
  'writ.approval.voted.v1': ledgerEvent('approval', 'voted', VotedData),
  'writ.approval.stage-escalated.v1': ledgerEvent('approval', 'stage-escalated', StageEscalatedData),
  'writ.approval.granted.v1': ledgerEvent('approval', 'granted', GrantedData),
  'writ.approval.rejected.v1': ledgerEvent('approval', 'rejected', RejectedData),
  'writ.approval.timed-out.v1': ledgerEvent('approval', 'timed-out', TimedOutData),
  'writ.approval.overridden.v1': ledgerEvent('approval', 'overridden', OverriddenData),
  'writ.approval.frozen.v1': ledgerEvent('approval', 'frozen', FrozenData),
  'writ.approval.thawed.v1': ledgerEvent('approval', 'thawed', ThawedData),
} as const;
export type ApprovalEvent = z.infer<(typeof approvalEvents)[keyof typeof approvalEvents]>;

export type GateOpenedData = z.infer<typeof GateOpenedData>;
export type VotedData = z.infer<typeof VotedData>;
export type StageEscalatedData = z.infer<typeof StageEscalatedData>;
export type GrantedData = z.infer<typeof GrantedData>;
export type RejectedData = z.infer<typeof RejectedData>;
export type TimedOutData = z.infer<typeof TimedOutData>;
export type OverriddenData = z.infer<typeof OverriddenData>;
export type FrozenData = z.infer<typeof FrozenData>;
export type ThawedData = z.infer<typeof ThawedData>;
