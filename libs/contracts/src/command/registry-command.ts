// What administrators ask of the registry. Each command carries its expiry and the registry version it was made against.
import { z } from 'zod';
import { PermissionBoundary } from '../boundary/boundary.js';
import { Committed } from '../frame.js';
import { ApprovalGate, PersonRole } from '../gate/gate.js';
import { AgentScope, Digest, EventId, Kid, LedgerSeq, Name, Scope, Timestamp, Token } from '../ids.js';
import { ErasureRequest, HoldRequest } from '../registry/erasure.js';
import { KeyCertificate, KeyReason } from '../registry/key.js';

export const RoleGrant = z.strictObject({ role: PersonRole, scope: Scope });
export type RoleGrant = z.infer<typeof RoleGrant>;

/** A registered tool: its schema digest is pinned, so that a changed tool is seen (ASI04). */
export const ToolManifest = z.strictObject({
  tool: z.string().max(100),
  version: z.string().max(60),
  digest: Digest,
  operations: z.array(z.string().max(64)).max(200),
});

/** Evidence that an autonomy promotion needs. */
export const Criteria = z.strictObject({
  name: Name,
  scope: Scope,
  minDecisions: z.int().min(1),
  maxFlags: z.int().min(0),
  minDays: z.int().min(0),
});

export const Delegation = z.strictObject({
  from: AgentScope,
  to: AgentScope,
  boundary: Digest,
  expires: Timestamp,
  depth: z.int().min(1).max(8),
});

/**
 * A ledger with which a person goes on although the plane knew another: its end as it was found, and the root of its tree up to there
 * (RFC 9162 over all messages, ADR 0008; of an empty one SHA-256 of nothing).
 */
export const AdoptedLedger = z.strictObject({ end: LedgerSeq, root: Digest });
export type AdoptedLedger = z.infer<typeof AdoptedLedger>;

export const RegistryAction = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('create-project'), project: Token }),
  z.strictObject({ do: z.literal('create-environment'), project: Token, environment: Token }),
  z.strictObject({
    do: z.literal('add-person'),
    person: Token,
    grants: z.array(RoleGrant).max(32),
    key: KeyCertificate,
  }),
  z.strictObject({ do: z.literal('remove-person'), person: Token }),
  z.strictObject({ do: z.literal('grant-role'), person: Token, grant: RoleGrant }),
  z.strictObject({ do: z.literal('revoke-role'), person: Token, grant: RoleGrant }),
  z.strictObject({ do: z.literal('register-agent'), agent: AgentScope, owner: Token, key: KeyCertificate }),
  z.strictObject({
    do: z.literal('register-enforcement-point'),
    name: AgentScope,
    owner: Token,
    key: KeyCertificate,
  }),
  z.strictObject({ do: z.literal('retire-agent'), agent: AgentScope }),
  z.strictObject({ do: z.literal('change-owner'), agent: AgentScope, owner: Token }),
  z.strictObject({ do: z.literal('certify-key'), key: KeyCertificate }),
  z.strictObject({ do: z.literal('retire-key'), kid: Kid }),
  z.strictObject({ do: z.literal('revoke-key'), kid: Kid, reason: KeyReason }),
  z.strictObject({ do: z.literal('distrust-key'), kid: Kid, from: LedgerSeq, reason: KeyReason }),
  z.strictObject({ do: z.literal('publish-boundary'), boundary: PermissionBoundary }),
  z.strictObject({ do: z.literal('retire-boundary'), name: Name, scope: Scope }),
  z.strictObject({ do: z.literal('publish-gate'), gate: ApprovalGate }),
  z.strictObject({ do: z.literal('retire-gate'), name: Name, scope: Scope }),
  z.strictObject({ do: z.literal('register-tool'), manifest: ToolManifest }),
  z.strictObject({ do: z.literal('publish-criteria'), criteria: Criteria }),
  z.strictObject({ do: z.literal('grant-delegation'), delegation: Delegation }),
  z.strictObject({ do: z.literal('revoke-delegation'), event: EventId }),
  z.strictObject({ do: z.literal('erase'), target: ErasureRequest, reason: Committed }),
  z.strictObject({ do: z.literal('place-hold'), target: HoldRequest, reason: Committed }),
  z.strictObject({ do: z.literal('lift-hold'), hold: EventId, reason: Committed }),
  z.strictObject({ do: z.literal('adopt-ledger'), ledger: AdoptedLedger, reason: Committed }),
]);
export type RegistryAction = z.infer<typeof RegistryAction>;

export type ToolManifest = z.infer<typeof ToolManifest>;
export type Criteria = z.infer<typeof Criteria>;
export type Delegation = z.infer<typeof Delegation>;
