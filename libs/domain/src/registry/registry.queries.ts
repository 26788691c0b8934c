// What others ask of the registry. Reads only; the most specific scope wins.
import {
  type AgentScope,
  covers,
  type Digest,
  type Kid,
  type PersonRole,
  type Scope,
  type Token,
} from '@writ/contracts';
import type { KeyDirectory } from '../admission/keys.js';
import type {
  AgentRecord,
  EnforcementPointRecord,
  EnvironmentRecord,
  PersonRecord,
  PublishedBoundary,
  PublishedGate,
  RegistryKey,
  RegistryState,
} from './registry.state.js';

/** The scope and its ancestors, most specific first: agent, environment, project, organisation. */
export const ancestry = (scope: Scope): readonly Scope[] => {
  const tokens = scope.split('.');
  return tokens.map((_, n) => tokens.slice(0, tokens.length - n).join('.'));
};

/** A key by its thumbprint, root keys included; whatever its standing. */
export const findKey = (state: RegistryState, kid: Kid): RegistryKey | undefined => state.keys.get(kid);

/** The directory that admission asks. A view of this state value: take it again after folding. */
export const keyDirectory = (state: RegistryState): KeyDirectory => ({ find: (kid) => state.keys.get(kid) });

/** Whether a key may sign new live documents: certified, neither retired, revoked nor distrusted (else WRIT-FRM-006). */
export const isKeyActive = (key: RegistryKey): boolean =>
  key.retiredAt === undefined && key.revokedAt === undefined && key.distrustedFrom === undefined;

/** The active keys of a holder in a role, as certified: an agent, an enforcement point, a person, a service. */
export const activeKeysOf = (state: RegistryState, role: RegistryKey['role'], holder: string) =>
  state.keys
    .valueSeq()
    .filter((key) => key.role === role && key.holder === holder && isKeyActive(key))
    .toArray();

/** A person who is in office; `undefined` for one who was removed or never was. */
export const personOf = (state: RegistryState, person: Token): PersonRecord | undefined => {
  const record = state.people.get(person);
  return record?.status === 'active' ? record : undefined;
};

/** Whether a person holds a role at the scope or above it: a grant at `acme` covers `acme.shop.prod`. */
export const hasRole = (state: RegistryState, person: Token, role: PersonRole, scope: Scope): boolean =>
  personOf(state, person)?.grants.some((grant) => grant.role === role && covers(grant.scope, scope)) ?? false;

/** The people in office who hold a role at the scope, sorted. */
export const holdersOf = (state: RegistryState, role: PersonRole, scope: Scope): readonly Token[] =>
  [...state.people.keys()].filter((person) => hasRole(state, person, role, scope)).sort();

/** An agent, whatever its status. */
export const agentOf = (state: RegistryState, agent: AgentScope): AgentRecord | undefined =>
  state.agents.get(agent);

/** An enforcement point by its name. */
export const enforcementPointOf = (
  state: RegistryState,
  name: AgentScope,
): EnforcementPointRecord | undefined => state.enforcementPoints.get(name);

/** The boundary in force for an agent: the most specific of agent, environment, project, organisation. */
export const boundaryFor = (state: RegistryState, agent: AgentScope): PublishedBoundary | undefined => {
  for (const scope of ancestry(agent)) {
    const found = state.boundaries.get(scope);
    if (found !== undefined) return found;
  }
  return undefined;
};

/** Any boundary ever published, by digest. */
export const boundaryByDigest = (state: RegistryState, digest: Digest): PublishedBoundary | undefined =>
  state.boundariesByDigest.get(digest);

/** The gate of that name in force for an agent: the most specific scope wins. */
export const gateFor = (state: RegistryState, name: string, agent: AgentScope): PublishedGate | undefined => {
  for (const scope of ancestry(agent)) {
    const found = state.gates.get(`${scope}/${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
};

/** Any gate ever published, by digest. */
export const gateByDigest = (state: RegistryState, digest: Digest): PublishedGate | undefined =>
  state.gatesByDigest.get(digest);

/** Every environment, in the order of its name. */
export const environments = (state: RegistryState): readonly EnvironmentRecord[] =>
  [...state.environments.values()].sort((a, b) => (a.scope < b.scope ? -1 : 1));

/** Every agent at or beneath the scope, in the order of its name. */
export const agents = (state: RegistryState, scope: Scope): readonly AgentRecord[] =>
  [...state.agents.values()]
    .filter((record) => covers(scope, record.agent))
    .sort((a, b) => (a.agent < b.agent ? -1 : 1));

/** The version at which a thing last changed; 0 when it never did. Things are named as in registry.things. */
export const changedAt = (state: RegistryState, thing: string): number => state.changed.get(thing) ?? 0;
