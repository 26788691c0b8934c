// The registry's events: who and what exists, who owns it, which keys and documents are in force.
import { z } from 'zod';
import { PermissionBoundary } from '../boundary/boundary.js';
import { Criteria, Delegation, RoleGrant, ToolManifest } from '../command/registry-command.js';
import { ledgerEvent } from '../document.js';
import { Frame } from '../frame.js';
import { ApprovalGate } from '../gate/gate.js';
import { AgentScope, Digest, EventId, Kid, LedgerSeq, Name, Scope, Token } from '../ids.js';
import { KeyCertificate, KeyReason, PublicKeyEntry } from './key.js';

/** Every change names its author by the signed command that asked for it. */
const by = { command: Frame } as const;

/** The genesis, signed by a root key: version 1 of the registry subject. */
export const OrganisationFoundedData = z.strictObject({
  org: Token,
  roots: z.array(PublicKeyEntry).min(1).max(16),
  threshold: z.int().min(1),
  registrar: KeyCertificate,
});

export const registryEvents = {
  'writ.registry.organisation-founded.v1': ledgerEvent(
    'registry',
    'organisation-founded',
    OrganisationFoundedData,
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
} as const;
export type RegistryEvent = z.infer<(typeof registryEvents)[keyof typeof registryEvents]>;

export type OrganisationFoundedData = z.infer<typeof OrganisationFoundedData>;
