// The registry's events: who and what exists, who owns it, which keys and documents are in force.
import { z } from 'zod';
import { PermissionBoundary } from '../boundary/boundary.js';
import { AdoptedLedger, Criteria, Delegation, RoleGrant, ToolManifest } from '../command/registry-command.js';
import { ledgerEvent } from '../document.js';
import { Frame } from '../frame.js';
import { ApprovalGate } from '../gate/gate.js';
import { AgentScope, Digest, EventId, Kid, LedgerSeq, Name, Scope, Token } from '../ids.js';
import { ErasedData, ErasureTarget, HoldTarget, RetentionDueData } from './erasure.js';
import { Endorsements, KeyCertificate, KeyReason, PublicKeyEntry } from './key.js';

/** Every change names its author by the signed command that asked for it. */
const by = { command: Frame } as const;

/**
 * The genesis, signed by a root key: version 1 of the registry subject. `endorsements`: further root keys that agree, so that with
 * the signer there are `threshold` of them. `commands`: digests of the first commands that the roots agreed to; with a threshold
 * above one a root key commands nothing else.
 */
export const OrganisationFoundedData = z.strictObject({
  org: Token,
  roots: z.array(PublicKeyEntry).min(1).max(16),
  threshold: z.int().min(1),
  registrar: KeyCertificate,
  commands: z.array(Digest).max(512).optional(),
  endorsements: Endorsements.optional(),
});

/**
 * A new registrar, by `threshold` root keys; signed with its own key, which counts from here. `genesis`: the digest of the ledger's
 * first event, and `after`: the registrar that was appointed last: it is for that ledger, and for nothing once another was appointed.
 * `revokes`: the registrar that ends with it; `from`: what that one signed from this position on is void as well.
 */
export const RegistrarAppointedData = z.strictObject({
  org: Token,
  genesis: Digest,
  after: Kid,
  registrar: KeyCertificate,
  revokes: Kid.nullable(),
  from: LedgerSeq.nullable(),
  reason: KeyReason,
  endorsements: Endorsements,
});

export const registryEvents = {
  'writ.registry.organisation-founded.v1': ledgerEvent(
    'registry',
    'organisation-founded',
    OrganisationFoundedData,
  ),
  'writ.registry.registrar-appointed.v1': ledgerEvent(
    'registry',
    'registrar-appointed',
    RegistrarAppointedData,
  ),
  'writ.registry.project-created.v1': ledgerEvent(
    'registry',
    'project-created',
    z.strictObject({ project: Token, ...by }),
  ),
  'writ.registry.environment-created.v1': ledgerEvent(
    'registry',
    'environment-created',
    z.strictObject({ project: Token, environment: Token, ...by }),
  ),
  'writ.registry.person-added.v1': ledgerEvent(
    'registry',
    'person-added',
    z.strictObject({ person: Token, grants: z.array(RoleGrant).max(32), key: KeyCertificate, ...by }),
  ),
  'writ.registry.person-removed.v1': ledgerEvent(
    'registry',
    'person-removed',
    z.strictObject({ person: Token, ...by }),
  ),
  'writ.registry.role-granted.v1': ledgerEvent(
    'registry',
    'role-granted',
    z.strictObject({ person: Token, grant: RoleGrant, ...by }),
  ),
  'writ.registry.role-revoked.v1': ledgerEvent(
    'registry',
    'role-revoked',
    z.strictObject({ person: Token, grant: RoleGrant, ...by }),
  ),
  'writ.registry.agent-registered.v1': ledgerEvent(
    'registry',
    'agent-registered',
    z.strictObject({ agent: AgentScope, owner: Token, key: KeyCertificate, ...by }),
  ),
  'writ.registry.enforcement-point-registered.v1': ledgerEvent(
    'registry',
    'enforcement-point-registered',
    z.strictObject({ name: AgentScope, owner: Token, key: KeyCertificate, ...by }),
  ),
  'writ.registry.agent-retired.v1': ledgerEvent(
    'registry',
    'agent-retired',
    z.strictObject({ agent: AgentScope, ...by }),
  ),
  'writ.registry.owner-changed.v1': ledgerEvent(
    'registry',
    'owner-changed',
    z.strictObject({ agent: AgentScope, owner: Token, ...by }),
  ),
  'writ.registry.key-certified.v1': ledgerEvent(
    'registry',
    'key-certified',
    z.strictObject({ key: KeyCertificate, ...by }),
  ),
  'writ.registry.key-retired.v1': ledgerEvent('registry', 'key-retired', z.strictObject({ kid: Kid, ...by })),
  'writ.registry.key-revoked.v1': ledgerEvent(
    'registry',
    'key-revoked',
    z.strictObject({ kid: Kid, reason: KeyReason, ...by }),
  ),
  'writ.registry.key-distrusted.v1': ledgerEvent(
    'registry',
    'key-distrusted',
    z.strictObject({ kid: Kid, from: LedgerSeq, reason: KeyReason, ...by }),
  ),
  'writ.registry.boundary-published.v1': ledgerEvent(
    'registry',
    'boundary-published',
    z.strictObject({ name: Name, scope: Scope, digest: Digest, boundary: PermissionBoundary, ...by }),
  ),
  'writ.registry.boundary-retired.v1': ledgerEvent(
    'registry',
    'boundary-retired',
    z.strictObject({ name: Name, scope: Scope, ...by }),
  ),
  'writ.registry.gate-published.v1': ledgerEvent(
    'registry',
    'gate-published',
    z.strictObject({ name: Name, scope: Scope, digest: Digest, gate: ApprovalGate, ...by }),
  ),
  'writ.registry.gate-retired.v1': ledgerEvent(
    'registry',
    'gate-retired',
    z.strictObject({ name: Name, scope: Scope, ...by }),
  ),
  'writ.registry.tool-registered.v1': ledgerEvent(
    'registry',
    'tool-registered',
    z.strictObject({ manifest: ToolManifest, ...by }),
  ),
  'writ.registry.criteria-published.v1': ledgerEvent(
    'registry',
    'criteria-published',
    z.strictObject({ criteria: Criteria, ...by }),
  ),
  'writ.registry.delegation-granted.v1': ledgerEvent(
    'registry',
    'delegation-granted',
    z.strictObject({ delegation: Delegation, ...by }),
  ),
  'writ.registry.delegation-revoked.v1': ledgerEvent(
    'registry',
    'delegation-revoked',
    z.strictObject({ event: EventId, ...by }),
  ),
  'writ.registry.erasure-ordered.v1': ledgerEvent(
    'registry',
    'erasure-ordered',
    z.strictObject({ target: ErasureTarget, ...by }),
  ),
  // By the registry itself, as the boundaries declare it: nobody commands it.
  'writ.registry.retention-due.v1': ledgerEvent('registry', 'retention-due', RetentionDueData),
  'writ.registry.erased.v1': ledgerEvent('registry', 'erased', ErasedData),
  'writ.registry.legal-hold-placed.v1': ledgerEvent(
    'registry',
    'legal-hold-placed',
    z.strictObject({ target: HoldTarget, ...by }),
  ),
  'writ.registry.ledger-adopted.v1': ledgerEvent(
    'registry',
    'ledger-adopted',
    z.strictObject({ ledger: AdoptedLedger, ...by }),
  ),
  'writ.registry.legal-hold-lifted.v1': ledgerEvent(
    'registry',
    'legal-hold-lifted',
    z.strictObject({ hold: EventId, ...by }),
  ),
} as const;
export type RegistryEvent = z.infer<(typeof registryEvents)[keyof typeof registryEvents]>;

export type RegistrarAppointedData = z.infer<typeof RegistrarAppointedData>;
export type OrganisationFoundedData = z.infer<typeof OrganisationFoundedData>;
