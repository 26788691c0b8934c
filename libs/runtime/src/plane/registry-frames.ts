// Keeps the registry frames that travel outside: the key path up to the pinned root, and the documents in force.
import { type AgentScope, type EventId, type KeyRole, type Kid, organisationOf } from '@writ/contracts';
import { boundaryFor, findKey, gateFor } from '@writ/domain';
import type { LedgerEvent } from '@writ/ledger';
import type { Plane } from './plane.js';

export interface RegistryFrames {
  /**
   * The genesis, every certificate of services and people that is in force, and what was taken away since, in ledger order. A
   * registrar's certificate stays: what it signed before is verified with it.
   */
  keyPath(): readonly Uint8Array[];
  /** The boundary in force for an agent and the gates that it names. */
  documentsFor(agent: AgentScope): readonly Uint8Array[];
  /** The keys of services and people that were revoked or distrusted; agents' keys vouch for nothing outside. */
  revokedKeys(): ReadonlySet<Kid>;
}

const PATH_TYPES: ReadonlySet<string> = new Set([
  'writ.registry.organisation-founded.v1',
  'writ.registry.registrar-appointed.v1',
  'writ.registry.key-certified.v1',
  'writ.registry.person-added.v1',
  'writ.registry.role-granted.v1',
  'writ.registry.role-revoked.v1',
  'writ.registry.person-removed.v1',
  'writ.registry.key-retired.v1',
  'writ.registry.key-revoked.v1',
  'writ.registry.key-distrusted.v1',
]);
const DOCUMENT_TYPES: ReadonlySet<string> = new Set([
  'writ.registry.boundary-published.v1',
  'writ.registry.gate-published.v1',
]);

const ofAgents = (role: KeyRole | undefined): boolean => role === 'agent' || role === 'enforcement-point';

/** The role of the key that an event certifies or takes away; undefined for an event about no key. */
const roleConcerned = (plane: Plane, { document }: LedgerEvent): KeyRole | undefined => {
  switch (document.type) {
    case 'writ.registry.key-certified.v1':
      return document.data.key.role;
    case 'writ.registry.key-retired.v1':
    case 'writ.registry.key-revoked.v1':
    case 'writ.registry.key-distrusted.v1':
      return findKey(plane.registry(), document.data.kid)?.role;
    default:
      return undefined;
  }
};

type Certificates = Map<Kid, Uint8Array>;

/** Takes an event of the path up; a certificate that it ends is not sent any more. */
const takeUp = (
  path: Set<Uint8Array>,
  certificates: Certificates,
  { document, bytes }: LedgerEvent,
): void => {
  path.add(bytes);
  if (document.type === 'writ.registry.key-certified.v1' && document.data.key.role !== 'registrar')
    certificates.set(document.data.key.kid, bytes);
  if (
    document.type === 'writ.registry.key-revoked.v1' ||
    document.type === 'writ.registry.key-distrusted.v1'
  ) {
    const ended = certificates.get(document.data.kid);
    if (ended !== undefined) path.delete(ended);
    certificates.delete(document.data.kid);
  }
};

/** Follows the registry. The path is small: services and people, not agents. */
export const keepRegistryFrames = (plane: Plane): RegistryFrames => {
  const path = new Set<Uint8Array>();
  const certificates: Certificates = new Map();
  const documents = new Map<EventId, Uint8Array>();
  const revoked = new Set<Kid>();
  plane.follower.listen((event) => {
    if (event.void || event.family !== 'registry' || organisationOf(event.scope) !== plane.org) return;
    const { document } = event;
    if (DOCUMENT_TYPES.has(document.type)) documents.set(document.id, event.bytes);
    if (!PATH_TYPES.has(document.type) || ofAgents(roleConcerned(plane, event))) return;
    takeUp(path, certificates, event);
    if (
      document.type === 'writ.registry.key-revoked.v1' ||
      document.type === 'writ.registry.key-distrusted.v1'
    ) {
      revoked.add(document.data.kid);
    }
  });
  return {
    keyPath: () => [...path],
    documentsFor: (agent) => {
      const boundary = boundaryFor(plane.registry(), agent);
      if (boundary === undefined) return [];
      const { spec } = boundary.boundary;
      const names = new Set([
        spec.default.gate,
        spec.highStakesGate,
        ...spec.rules.map((r) => r.gate),
        ...spec.limits.map((l) => l.gate),
      ]);
      const gates = [...names].flatMap((name) =>
        name === undefined ? [] : [gateFor(plane.registry(), name, agent)?.event],
      );
      return [boundary.event, ...gates]
        .flatMap((id) => (id === undefined ? [] : [documents.get(id)]))
        .filter((bytes) => bytes !== undefined);
    },
    revokedKeys: () => revoked,
  };
};
