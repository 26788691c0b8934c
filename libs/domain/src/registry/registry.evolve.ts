// Folds the registry's own events into its state, in ledger order. Judges nothing: what is recorded has happened.
import type {
  AgentScope,
  Digest,
  KeyCertificate,
  Kid,
  LedgerSeq,
  RegistryEvent,
  Token,
} from '@writ/contracts';
import { Set as ISet, List } from 'immutable';
import type { Recorded } from '../recorded.js';
import { evolveErasure } from './registry.erasure.state.js';
import type { AgentRecord, PersonRecord, RegistryKey, RegistryState } from './registry.state.js';
import { isRegistryEvent, thing, thingsOfEvent } from './registry.things.js';

type Data<T extends RegistryEvent['type']> = Extract<RegistryEvent, { readonly type: T }>['data'];
type At = { readonly seq: LedgerSeq; readonly ver: number; readonly digest: Digest };

const certify = (state: RegistryState, cert: KeyCertificate, seq: LedgerSeq): RegistryState => {
  if (state.keys.has(cert.kid)) return state;
  const { kid, x, role, holder, scope } = cert;
  return { ...state, keys: state.keys.set(kid, { kid, x, role, holder, scope, certifiedAt: seq }) };
};

const patchKey = (
  state: RegistryState,
  kid: Kid,
  patch: (key: RegistryKey) => RegistryKey,
): RegistryState => {
  const key = state.keys.get(kid);
  return key === undefined ? state : { ...state, keys: state.keys.set(kid, patch(key)) };
};

const retireKey = (state: RegistryState, kid: Kid, seq: LedgerSeq): RegistryState =>
  patchKey(state, kid, (key) => ({ ...key, retiredAt: key.retiredAt ?? seq }));

const retireKeysOf = (state: RegistryState, role: string, holder: string, seq: LedgerSeq): RegistryState => {
  const kids = [...state.keys.values()].filter((key) => key.role === role && key.holder === holder);
  return kids.reduce((current, key) => retireKey(current, key.kid, seq), state);
};

const patchPerson = (
  state: RegistryState,
  person: Token,
  patch: (record: PersonRecord) => PersonRecord,
): RegistryState => {
  const record = state.people.get(person);
  return record === undefined ? state : { ...state, people: state.people.set(person, patch(record)) };
};

const patchAgent = (
  state: RegistryState,
  agent: AgentScope,
  patch: (record: AgentRecord) => AgentRecord,
): RegistryState => {
  const record = state.agents.get(agent);
  return record === undefined ? state : { ...state, agents: state.agents.set(agent, patch(record)) };
};

const found = (
  state: RegistryState,
  data: Data<'writ.registry.organisation-founded.v1'>,
  { seq, digest }: At,
): RegistryState => {
  const keys = state.keys.withMutations((map) => {
    for (const { kid, x } of data.roots) {
      map.set(kid, { kid, x, role: 'root', holder: 'root', scope: data.org, certifiedAt: 0 });
    }
  });
  const { org, threshold, commands, registrar } = data;
  const firstCommands = commands === undefined ? null : ISet(commands);
  const rooted = { ...state, org, roots: List(data.roots), threshold, firstCommands, keys };
  return certify({ ...rooted, genesis: digest, registrar: registrar.kid }, registrar, seq);
};

const removePerson = (state: RegistryState, person: Token, at: At): RegistryState => {
  const gone = patchPerson(state, person, (record) => ({ ...record, grants: [], status: 'removed' }));
  const keyless = retireKeysOf(gone, 'person', person, at.seq);
  const owned = [...state.agents.values()].filter((a) => a.owner === person && a.status === 'active');
  return owned.reduce(
    (current, { agent }) => ({
      ...patchAgent(current, agent, (record) => ({ ...record, status: 'orphaned' })),
      changed: current.changed.set(thing.agent(agent), at.ver),
    }),
    keyless,
  );
};

const certifyForHolder = (state: RegistryState, key: KeyCertificate, seq: LedgerSeq): RegistryState => {
  const next = certify(state, key, seq);
  if (key.role === 'agent') return patchAgent(next, key.holder, (record) => ({ ...record, kid: key.kid }));
  if (key.role === 'person') return patchPerson(next, key.holder, (record) => ({ ...record, kid: key.kid }));
  const point = next.enforcementPoints.get(key.holder);
  if (key.role !== 'enforcement-point' || point === undefined) return next;
  return {
    ...next,
    enforcementPoints: next.enforcementPoints.set(key.holder, { ...point, kid: key.kid }),
  };
};

const distrust = (state: RegistryState, kid: Kid, from: LedgerSeq): RegistryState =>
  patchKey(state, kid, (key) => ({ ...key, distrustedFrom: Math.min(key.distrustedFrom ?? from, from) }));

type Ending = Extract<
  RegistryEvent,
  { readonly type: `writ.registry.key-${'retired' | 'revoked' | 'distrusted'}.v1` }
>;

/** The roots end a registrar, by an appointment; a registrar never another or itself, so that no two can end each other. */
const endByRegistrar = (state: RegistryState, { type, data }: Ending, { seq }: At): RegistryState => {
  if (['root', 'registrar'].includes(state.keys.get(data.kid)?.role ?? '')) return state;
  switch (type) {
    case 'writ.registry.key-retired.v1':
      return retireKey(state, data.kid, seq);
    case 'writ.registry.key-revoked.v1':
      return patchKey(state, data.kid, (key) => ({ ...key, revokedAt: key.revokedAt ?? seq }));
    case 'writ.registry.key-distrusted.v1':
      return distrust(state, data.kid, data.from);
  }
};

const appoint = (
  state: RegistryState,
  { registrar, revokes, from }: Data<'writ.registry.registrar-appointed.v1'>,
  seq: LedgerSeq,
): RegistryState => {
  const next = certify({ ...state, registrar: registrar.kid }, registrar, seq);
  if (revokes === null || state.keys.get(revokes)?.role !== 'registrar') return next;
  const revoked = patchKey(next, revokes, (key) => ({ ...key, revokedAt: key.revokedAt ?? seq }));
  return from === null ? revoked : distrust(revoked, revokes, from);
};

const sameGrant = (a: { role: string; scope: string }, b: { role: string; scope: string }): boolean =>
  a.role === b.role && a.scope === b.scope;

const publishBoundary = (
  state: RegistryState,
  event: Extract<RegistryEvent, { readonly type: 'writ.registry.boundary-published.v1' }>,
  at: At,
): RegistryState => {
  const { name, scope, digest, boundary } = event.data;
  const published = { name, scope, digest, boundary, event: event.id, publishedAt: at.seq, ver: at.ver };
  return {
    ...state,
    boundaries: state.boundaries.set(scope, published),
    boundariesByDigest: state.boundariesByDigest.set(digest, published),
  };
};

const publishGate = (
  state: RegistryState,
  event: Extract<RegistryEvent, { readonly type: 'writ.registry.gate-published.v1' }>,
  at: At,
): RegistryState => {
  const { name, scope, digest, gate } = event.data;
  const published = { name, scope, digest, gate, event: event.id, publishedAt: at.seq, ver: at.ver };
  return {
    ...state,
    gates: state.gates.set(`${scope}/${name}`, published),
    gatesByDigest: state.gatesByDigest.set(digest, published),
  };
};

const apply = (state: RegistryState, event: RegistryEvent, at: At): RegistryState => {
  switch (event.type) {
    case 'writ.registry.organisation-founded.v1':
      return found(state, event.data, at);
    case 'writ.registry.registrar-appointed.v1':
      return appoint(state, event.data, at.seq);
    case 'writ.registry.project-created.v1':
      return { ...state, projects: state.projects.add(`${state.org}.${event.data.project}`) };
    case 'writ.registry.environment-created.v1': {
      const scope = `${state.org}.${event.data.project}.${event.data.environment}`;
      const record = { scope, event: event.id, seq: at.seq };
      return { ...state, environments: state.environments.set(scope, record) };
    }
    case 'writ.registry.person-added.v1': {
      const { person, grants, key } = event.data;
      const record: PersonRecord = { person, grants, kid: key.kid, status: 'active' };
      return certify({ ...state, people: state.people.set(person, record) }, key, at.seq);
    }
    case 'writ.registry.person-removed.v1':
      return removePerson(state, event.data.person, at);
    case 'writ.registry.role-granted.v1': {
      const { person, grant } = event.data;
      return patchPerson(state, person, (record) => ({ ...record, grants: [...record.grants, grant] }));
    }
    case 'writ.registry.role-revoked.v1': {
      const { person, grant } = event.data;
      return patchPerson(state, person, (record) => ({
        ...record,
        grants: record.grants.filter((held) => !sameGrant(held, grant)),
      }));
    }
    default:
      return applyToAgentsAndDocuments(state, event, at);
  }
};

const applyToAgentsAndDocuments = (state: RegistryState, event: RegistryEvent, at: At): RegistryState => {
  switch (event.type) {
    case 'writ.registry.agent-registered.v1': {
      const { agent, owner, key } = event.data;
      const record: AgentRecord = { agent, owner, kid: key.kid, status: 'active' };
      return certify({ ...state, agents: state.agents.set(agent, record) }, key, at.seq);
    }
    case 'writ.registry.enforcement-point-registered.v1': {
      const { name, owner, key } = event.data;
      const points = state.enforcementPoints.set(name, { name, owner, kid: key.kid });
      return certify({ ...state, enforcementPoints: points }, key, at.seq);
    }
    case 'writ.registry.agent-retired.v1': {
      const { agent } = event.data;
      const retired = patchAgent(state, agent, (record) => ({ ...record, status: 'retired' }));
      return retireKeysOf(retired, 'agent', agent, at.seq);
    }
    case 'writ.registry.owner-changed.v1': {
      const { agent, owner } = event.data;
      return patchAgent(state, agent, (record) => ({ ...record, owner, status: 'active' }));
    }
    case 'writ.registry.key-certified.v1':
      return certifyForHolder(state, event.data.key, at.seq);
    case 'writ.registry.key-retired.v1':
    case 'writ.registry.key-revoked.v1':
    case 'writ.registry.key-distrusted.v1':
      return endByRegistrar(state, event, at);
    default:
      return applyToDocuments(state, event, at);
  }
};

const applyToDocuments = (state: RegistryState, event: RegistryEvent, at: At): RegistryState => {
  switch (event.type) {
    case 'writ.registry.boundary-published.v1':
      return publishBoundary(state, event, at);
    case 'writ.registry.boundary-retired.v1':
      return { ...state, boundaries: state.boundaries.delete(event.data.scope) };
    case 'writ.registry.gate-published.v1':
      return publishGate(state, event, at);
    case 'writ.registry.gate-retired.v1':
      return { ...state, gates: state.gates.delete(`${event.data.scope}/${event.data.name}`) };
    case 'writ.registry.tool-registered.v1':
      return { ...state, tools: state.tools.set(event.data.manifest.tool, event.data.manifest) };
    case 'writ.registry.criteria-published.v1': {
      const { criteria } = event.data;
      return { ...state, criteria: state.criteria.set(`${criteria.scope}/${criteria.name}`, criteria) };
    }
    case 'writ.registry.delegation-granted.v1': {
      const record = { event: event.id, delegation: event.data.delegation, revoked: false };
      return { ...state, delegations: state.delegations.set(event.id, record) };
    }
    case 'writ.registry.delegation-revoked.v1': {
      const held = state.delegations.get(event.data.event);
      if (held === undefined) return state;
      return { ...state, delegations: state.delegations.set(held.event, { ...held, revoked: true }) };
    }
    default:
      return evolveErasure(state, event, at);
  }
};

const usedCommand = (event: RegistryEvent): string =>
  'command' in event.data ? String(event.data.command.signed['id']) : event.causationid;

/**
 * Folds one admitted, effective event. Guarantees: pure; events of other families leave the state as it is; key positions
 * (`certifiedAt`, `retiredAt`, `revokedAt`) are the ledger sequence of the event, `distrustedFrom` is what the event says.
 */
export const evolveRegistry = (state: RegistryState, rec: Recorded): RegistryState => {
  const event = rec.document;
  if (!isRegistryEvent(event)) return state;
  const at: At = { seq: rec.seq, ver: event.ver, digest: rec.digest };
  const next = apply(state, event, at);
  const changed = next.changed.withMutations((map) => {
    for (const name of thingsOfEvent(next.org ?? '', event)) map.set(name, at.ver);
  });
  return { ...next, ver: at.ver, seq: at.seq, changed, commands: next.commands.add(usedCommand(event)) };
};

const certifiedBy = (event: RegistryEvent): KeyCertificate | undefined =>
  'key' in event.data ? event.data.key : undefined;

/**
 * Folds a *void* registry event: nothing, but for a key that it certifies. What that key signs is not unknown but void: it keeps its
 * place in the chains, so that a registrar's key distrusted backwards does not tear them.
 */
export const evolveVoidRegistry = (state: RegistryState, rec: Recorded): RegistryState => {
  const event = rec.document;
  const key = isRegistryEvent(event) ? certifiedBy(event) : undefined;
  if (key === undefined || state.keys.has(key.kid)) return state;
  const certified = certify(state, key, rec.seq);
  return patchKey(certified, key.kid, (held) => ({ ...held, distrustedFrom: 0, voidBorn: true }));
};
