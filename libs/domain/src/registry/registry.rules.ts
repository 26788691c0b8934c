// The rule of each registry command: what must hold, and which change it makes. Author and version were judged before.
import { type AgentScope, type Refused, type RegistryAction, refused } from '@writ/contracts';
import { type Asking, type Change, exists, missing, type Of, type Ruling } from './registry.asking.js';
import { delegationChange, documentChange } from './registry.documents.js';
import { erasureChange } from './registry.erasure.js';
import { fitsHolder, grantsWithin, isReservedAsker, isReservedPerson, mayCertify } from './registry.keys.js';
import { agentOf, enforcementPointOf, personOf } from './registry.queries.js';
import type { RegistryState } from './registry.state.js';

const createProject = ({ state, org }: Asking, { project }: Of<'create-project'>): Ruling =>
  state.projects.has(`${org}.${project}`)
    ? exists(`project ${org}.${project}`)
    : { type: 'writ.registry.project-created.v1', data: { project } };

const createEnvironment = ({ state, org }: Asking, a: Of<'create-environment'>): Ruling => {
  const { project, environment } = a;
  if (!state.projects.has(`${org}.${project}`)) return missing(`project ${org}.${project}`);
  if (state.environments.has(`${org}.${project}.${environment}`)) return exists('the environment');
  return { type: 'writ.registry.environment-created.v1', data: { project, environment } };
};

const addPerson = ({ state, org, possession }: Asking, a: Of<'add-person'>): Ruling => {
  const { person, grants, key } = a;
  if (isReservedPerson(org, person)) return refused('WRIT-REG-003', `${person} is a reserved name`);
  if (state.people.has(person)) return exists(`${person} (names are not used again)`);
  if (!grantsWithin(org, grants)) return refused('WRIT-REG-002', 'a grant lies outside the organisation');
  const unfit = fitsHolder(state, key, { role: 'person', holder: person, scope: org }, possession);
  return unfit ?? { type: 'writ.registry.person-added.v1', data: { person, grants, key } };
};

const adminsBut = (state: RegistryState, org: string, but: string): number =>
  [...state.people.values()].filter(
    (p) => p.person !== but && p.status === 'active' && p.grants.some((g) => isOrgAdmin(org, g)),
  ).length;

const isOrgAdmin = (org: string, grant: { readonly role: string; readonly scope: string }): boolean =>
  grant.role === 'admin' && grant.scope === org;

const isLastAdmin = (state: RegistryState, org: string, person: string): boolean =>
  (personOf(state, person)?.grants.some((g) => isOrgAdmin(org, g)) ?? false) &&
  adminsBut(state, org, person) === 0;

const lastAdmin = (): Refused => refused('WRIT-REG-009', 'an organisation keeps at least one administrator');

const removePerson = ({ state, org }: Asking, { person }: Of<'remove-person'>): Ruling => {
  if (personOf(state, person) === undefined) return missing(`person ${person}`);
  if (isLastAdmin(state, org, person)) return lastAdmin();
  return { type: 'writ.registry.person-removed.v1', data: { person } };
};

const holds = (state: RegistryState, { person, grant }: Of<'grant-role' | 'revoke-role'>): boolean =>
  personOf(state, person)?.grants.some((g) => g.role === grant.role && g.scope === grant.scope) ?? false;

const grantRole = ({ state }: Asking, a: Of<'grant-role'>): Ruling => {
  if (personOf(state, a.person) === undefined) return missing(`person ${a.person}`);
  if (holds(state, a)) return exists('the grant');
  return { type: 'writ.registry.role-granted.v1', data: { person: a.person, grant: a.grant } };
};

const revokeRole = ({ state, org }: Asking, a: Of<'revoke-role'>): Ruling => {
  if (!holds(state, a)) return missing('such grant');
  if (isOrgAdmin(org, a.grant) && isLastAdmin(state, org, a.person)) return lastAdmin();
  return { type: 'writ.registry.role-revoked.v1', data: { person: a.person, grant: a.grant } };
};

/** A name in the agents' name space is free, its environment exists, and its owner is a person in office. */
const newcomer = (state: RegistryState, name: AgentScope, owner: string): Refused | undefined => {
  if (isReservedAsker(name)) return refused('WRIT-REG-003', `${name} is a reserved name`);
  if (agentOf(state, name) !== undefined || enforcementPointOf(state, name) !== undefined)
    return exists(name);
  const environment = name.split('.').slice(0, 3).join('.');
  if (!state.environments.has(environment)) return missing(`environment ${environment}`);
  return personOf(state, owner) === undefined ? missing(`person ${owner} to own it`) : undefined;
};

const registerAgent = ({ state, possession }: Asking, a: Of<'register-agent'>): Ruling => {
  const { agent, owner, key } = a;
  const unfit =
    newcomer(state, agent, owner) ??
    fitsHolder(state, key, { role: 'agent', holder: agent, scope: agent }, possession);
  return unfit ?? { type: 'writ.registry.agent-registered.v1', agent, data: { agent, owner, key } };
};

const registerPoint = ({ state, possession }: Asking, a: Of<'register-enforcement-point'>): Ruling => {
  const { name, owner, key } = a;
  const unfit =
    newcomer(state, name, owner) ??
    fitsHolder(state, key, { role: 'enforcement-point', holder: name, scope: name }, possession);
  return unfit ?? { type: 'writ.registry.enforcement-point-registered.v1', data: { name, owner, key } };
};

const retireAgent = ({ state }: Asking, { agent }: Of<'retire-agent'>): Ruling => {
  const record = agentOf(state, agent);
  if (record === undefined || record.status === 'retired') return missing(`agent ${agent} in service`);
  return { type: 'writ.registry.agent-retired.v1', agent, data: { agent } };
};

const changeOwner = ({ state }: Asking, { agent, owner }: Of<'change-owner'>): Ruling => {
  const record = agentOf(state, agent);
  if (record === undefined || record.status === 'retired') return missing(`agent ${agent} in service`);
  if (personOf(state, owner) === undefined) return missing(`person ${owner}`);
  if (record.owner === owner) return exists('this ownership');
  return { type: 'writ.registry.owner-changed.v1', agent, data: { agent, owner } };
};

const certifyKey = ({ state, org, possession }: Asking, { key }: Of<'certify-key'>): Ruling => {
  const unfit = mayCertify(state, org, key, possession);
  const agent = key.role === 'agent' ? { agent: key.holder } : {};
  return unfit ?? { type: 'writ.registry.key-certified.v1', ...agent, data: { key } };
};

type KeyEnd = Of<'retire-key' | 'revoke-key' | 'distrust-key'>;

const ended = (a: KeyEnd): Change => {
  switch (a.do) {
    case 'retire-key':
      return { type: 'writ.registry.key-retired.v1', data: { kid: a.kid } };
    case 'revoke-key':
      return { type: 'writ.registry.key-revoked.v1', data: { kid: a.kid, reason: a.reason } };
    case 'distrust-key':
      return {
        type: 'writ.registry.key-distrusted.v1',
        data: { kid: a.kid, from: a.from, reason: a.reason },
      };
  }
};

const endKey = ({ state }: Asking, a: KeyEnd): Ruling => {
  const key = state.keys.get(a.kid);
  if (key === undefined) return missing('such key');
  if (key.role === 'root') return refused('WRIT-REG-001', 'root keys are not ended by a command');
  if (key.role === 'registrar')
    return refused('WRIT-REG-001', 'the roots end a registrar, by appointing another');
  if (a.do === 'retire-key' && key.retiredAt !== undefined) return exists('the retirement');
  if (a.do === 'revoke-key' && key.revokedAt !== undefined) return exists('the revocation');
  return { ...ended(a), ...(key.role === 'agent' ? { agent: key.holder } : {}) };
};

/** Applies the rule of a command. Pure; refuses WRIT-REG-001, -002, -003, -006, -007, -009 and WRIT-ERA-001. */
export const changeOf = (asking: Asking & { readonly action: RegistryAction }): Ruling => {
  const { action } = asking;
  switch (action.do) {
    case 'create-project':
      return createProject(asking, action);
    case 'create-environment':
      return createEnvironment(asking, action);
    case 'add-person':
      return addPerson(asking, action);
    case 'remove-person':
      return removePerson(asking, action);
    case 'grant-role':
      return grantRole(asking, action);
    case 'revoke-role':
      return revokeRole(asking, action);
    case 'register-agent':
      return registerAgent(asking, action);
    case 'register-enforcement-point':
      return registerPoint(asking, action);
    case 'retire-agent':
      return retireAgent(asking, action);
    case 'change-owner':
      return changeOwner(asking, action);
    case 'certify-key':
      return certifyKey(asking, action);
    case 'retire-key':
    case 'revoke-key':
    case 'distrust-key':
      return endKey(asking, action);
    case 'erase':
    case 'place-hold':
    case 'lift-hold':
      return erasureChange(asking, action);
    case 'adopt-ledger':
      return { type: 'writ.registry.ledger-adopted.v1', data: { ledger: action.ledger } };
    case 'grant-delegation':
    case 'revoke-delegation':
      return delegationChange(asking, action);
    default:
      return documentChange(asking, action);
  }
};
