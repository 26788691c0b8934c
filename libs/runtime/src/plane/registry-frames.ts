// Keeps the registry frames that travel outside: the key path up to the pinned root, and the documents in force.
import { type AgentScope, type EventId, type Kid, organisationOf } from '@writ/contracts';
import { boundaryFor, gateFor } from '@writ/domain';
import type { LedgerEvent } from '@writ/ledger';
import type { Plane } from './plane.js';

export interface RegistryFrames {
  /** The genesis and every certificate of services and people that is in force, in ledger order. */
  keyPath(): readonly Uint8Array[];
  /** The boundary in force for an agent and the gates that it names. */
  documentsFor(agent: AgentScope): readonly Uint8Array[];
  revokedKeys(): ReadonlySet<Kid>;
}

const PATH_TYPES: ReadonlySet<string> = new Set([
  'writ.registry.organisation-founded.v1',
  'writ.registry.key-certified.v1',
  'writ.registry.person-added.v1',
  'writ.registry.role-granted.v1',
  'writ.registry.role-revoked.v1',
  'writ.registry.person-removed.v1',
  'writ.registry.key-retired.v1',
]);
const DOCUMENT_TYPES: ReadonlySet<string> = new Set([
  'writ.registry.boundary-published.v1',
  'writ.registry.gate-published.v1',
]);

const concernsOutsiders = (event: LedgerEvent): boolean => {
  const { document } = event;
  if (document.type !== 'writ.registry.key-certified.v1') return PATH_TYPES.has(document.type);
  const { role } = document.data.key;
  return role !== 'agent' && role !== 'enforcement-point';
};

/** Follows the registry. The path is small: services and people, not agents. */
export const keepRegistryFrames = (plane: Plane): RegistryFrames => {
  const path: Uint8Array[] = [];
  const documents = new Map<EventId, Uint8Array>();
  const revoked = new Set<Kid>();
  plane.follower.listen((event) => {
    if (event.void || event.family !== 'registry' || organisationOf(event.scope) !== plane.org) return;
    const { document } = event;
    if (concernsOutsiders(event)) path.push(event.bytes);
    if (DOCUMENT_TYPES.has(document.type)) documents.set(document.id, event.bytes);
    if (
      document.type === 'writ.registry.key-revoked.v1' ||
      document.type === 'writ.registry.key-distrusted.v1'
    ) {
      revoked.add(document.data.kid);
    }
  });
  return {
    keyPath: () => path,
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
