// A signed command of a person to one service. It works once, until it expires, against the version it was made for.
import { z } from 'zod';
import { AutonomyStep } from '../boundary/boundary.js';
import { Containment } from '../conduct/conduct.js';
import { liveDocument } from '../document.js';
import { Committed } from '../frame.js';
import { HaltId } from '../halt/halt.js';
import { AgentScope, CommandId, EnvironmentScope, Scope, Timestamp } from '../ids.js';
import { RegistryAction } from './registry-command.js';

/** Release names the halts that it releases; other halts that cover the same agent stay in force. */
export const KillSwitchAction = z.discriminatedUnion('do', [
  z.strictObject({
    do: z.literal('release'),
    scope: Scope,
    halts: z.array(HaltId).min(1).max(64),
    reason: Committed,
  }),
  z.strictObject({ do: z.literal('halt'), scope: Scope, reason: Committed }),
  z.strictObject({ do: z.literal('revoke-permit'), agent: AgentScope, intentId: CommandId }),
  z.strictObject({ do: z.literal('drill'), environment: EnvironmentScope }),
]);
export type KillSwitchAction = z.infer<typeof KillSwitchAction>;

export const ApprovalAction = z.discriminatedUnion('do', [
  z.strictObject({
    do: z.literal('override'),
    environment: EnvironmentScope,
    intentId: CommandId,
    effect: z.enum(['force', 'block']),
    until: Timestamp,
    reason: Committed,
  }),
]);
export type ApprovalAction = z.infer<typeof ApprovalAction>;

export const DetectorAction = z.discriminatedUnion('do', [
  z.strictObject({
    do: z.literal('set-containment'),
    agent: AgentScope,
    level: Containment,
    reason: Committed,
  }),
  z.strictObject({ do: z.literal('set-autonomy'), agent: AgentScope, step: AutonomyStep, reason: Committed }),
]);
export type DetectorAction = z.infer<typeof DetectorAction>;

export const ReceiptLedgerAction = z.discriminatedUnion('do', [
  z.strictObject({
    do: z.literal('reconcile'),
    environment: EnvironmentScope,
    intentId: CommandId,
    status: z.enum(['succeeded', 'failed']),
    reason: Committed,
  }),
]);
export type ReceiptLedgerAction = z.infer<typeof ReceiptLedgerAction>;

const Action = z.union([
  RegistryAction,
  KillSwitchAction,
  ApprovalAction,
  DetectorAction,
  ReceiptLedgerAction,
]);

/** `version` is the registry version (`ver` of the organisation's registry subject) that the author had before them. */
export const CommandData = z.strictObject({
  action: Action,
  expires: Timestamp,
  version: z.int().min(0),
});

/** `writ.command.v1` on `gov.command.<service>.<org>.<person>`. */
export const Command = liveDocument('command', CommandData);
export type Command = z.infer<typeof Command>;

export type CommandData = z.infer<typeof CommandData>;
