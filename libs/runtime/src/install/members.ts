// Owns coming and going on the bus: keys, roster, accounts, reload, in this order. What the registry must know it hands back as an
// action for the administrator to sign; it sends nothing itself.
import {
  AgentScope,
  covers,
  type KeyRole,
  organisationOf,
  type Refused,
  type RegistryAction,
  type RoleGrant,
  refused,
  Scope,
} from '@writ/contracts';
import type { SigningKey } from '@writ/crypto';
import { nameProblem, type Roster } from '../bus/roster.js';
import { uuidv7 } from '../uuidv7.js';
import { type Reload, reloadBus, writeAccounts } from './bus-files.js';
import { certificateOf } from './certificate.js';
import { type InstallPaths, installPaths } from './layout.js';
import { type AgentKind, type MemberKeys, makeAgent, makeAuditor, makePerson } from './member-files.js';
import { loadOrganisation, type OrganisationFile } from './organisation-file.js';
import { loadRoster, saveRoster, withRosterLock } from './roster-file.js';

/** A member that may speak on the bus now. `action` makes the registry know it: sign it as an administrator's command. */
export type Added = {
  readonly kind: 'added';
  readonly action: RegistryAction;
  readonly folder: string;
  readonly reload: Reload;
};

/** A change of the bus alone, of which the registry need not know. */
export type Changed = { readonly kind: 'changed'; readonly folder: string; readonly reload: Reload };

/** Whom to remove. */
export type Member =
  | { readonly kind: 'agent' | 'enforcement-point'; readonly scope: string }
  | { readonly kind: 'person'; readonly person: string }
  | { readonly kind: 'auditor'; readonly auditor: string };

/**
 * Adds an agent with exactly one owner, a person of the roster. Given again it makes nothing new and hands back an action for
 * the same keys. WRIT-CLI-003 no installation, WRIT-REG-002 no such owner, WRIT-REG-003 the name is taken, WRIT-REG-006 the
 * scope is not fit. Throws WRIT-NATS-003 when the running server refuses the new accounts.
 */
export function addAgent(home: string, request: { agent: string; owner: string }): Promise<Added | Refused> {
  return addAsker(home, 'agent', { scope: request.agent, owner: request.owner });
}

/** Adds an enforcement point that acts for many agents of its environment. Otherwise as `addAgent`. */
export function addEnforcementPoint(
  home: string,
  request: { name: string; owner: string },
): Promise<Added | Refused> {
  return addAsker(home, 'enforcement-point', { scope: request.name, owner: request.owner });
}

/** Adds a person: `grants` are for the registry to give, `haltScopes` are what the bus lets through at once. */
export function addPerson(
  home: string,
  request: { person: string; grants: readonly RoleGrant[]; haltScopes: readonly string[] },
): Promise<Added | Refused> {
  return change(home, async ({ paths, roster, organisation }) => {
    const { person } = request;
    const problem = nameProblem(person, roster.org);
    if (problem !== undefined) return refused('WRIT-REG-006', problem);
    const wanted = { person, grants: [...request.grants], haltScopes: [...request.haltScopes] };
    const outside = [...wanted.haltScopes, ...wanted.grants.map((g) => g.scope)].find(
      (scope) => !Scope.safeParse(scope).success || !covers(roster.org, scope),
    );
    if (outside !== undefined) return refused('WRIT-REG-006', 'a scope lies outside the organisation');
    const there = roster.people.find((p) => p.person === person);
    if (there !== undefined && !samePerson(there, wanted)) return refused('WRIT-REG-003', person);
    if (roster.auditors.some((a) => a.auditor === person)) return refused('WRIT-REG-003', person);
    const keys = makePerson(paths, organisation, wanted);
    const people = [...roster.people.filter((p) => p !== there), { ...wanted, nkey: keys.nkey }];
    const reload = await apply(paths, { ...roster, people });
    const key = await certified(roster.org, keys.pair, { role: 'person', holder: person, scope: roster.org });
    return added(reload, keys, { do: 'add-person', person, grants: wanted.grants, key });
  });
}

/** Changes which scopes the bus lets a person halt. WRIT-REG-002: no such person. */
export function setHaltScopes(
  home: string,
  person: string,
  scopes: readonly string[],
): Promise<Changed | Refused> {
  return change(home, async ({ paths, roster, organisation }) => {
    const there = roster.people.find((p) => p.person === person);
    if (there === undefined) return refused('WRIT-REG-002', person);
    const next = { ...there, haltScopes: [...scopes] };
    const people = roster.people.map((p) => (p === there ? next : p));
    const reload = await apply(paths, { ...roster, people });
    if (typeof reload === 'object') return reload;
    return { kind: 'changed', folder: makePerson(paths, organisation, next).folder, reload };
  });
}

/** Adds an auditor: a reader of the ledger without any right in the account of the plane. WRIT-REG-003, WRIT-REG-006. */
export function addAuditor(home: string, request: { auditor: string }): Promise<Changed | Refused> {
  return change(home, async ({ paths, roster, organisation }) => {
    const { auditor } = request;
    const problem = nameProblem(auditor, roster.org);
    if (problem !== undefined) return refused('WRIT-REG-006', problem);
    if (roster.people.some((p) => p.person === auditor)) return refused('WRIT-REG-003', auditor);
    const { nkey, folder } = makeAuditor(paths, organisation, auditor);
    const auditors = [...roster.auditors.filter((a) => a.auditor !== auditor), { auditor, nkey }];
    const reload = await apply(paths, { ...roster, auditors });
    return typeof reload === 'object' ? reload : { kind: 'changed', folder, reload };
  });
}

/**
 * Takes a member off the bus: its connections end with the reload. Its folder stays, and so does what the registry knows:
 * retire the agent or remove the person there. WRIT-REG-002: no such member.
 */
export function removeMember(home: string, member: Member): Promise<Changed | Refused> {
  return change(home, async ({ paths, roster }) => {
    const next = without(roster, member);
    if (size(next) === size(roster)) return refused('WRIT-REG-002', 'there is no such member');
    const reload = await apply(paths, next);
    return typeof reload === 'object' ? reload : { kind: 'changed', folder: folderOf(paths, member), reload };
  });
}

/** Writes the accounts from the roster and has a running server read them: after a roster was restored, or at every start. */
export function applyRoster(home: string): Promise<Changed | Refused> {
  return change(home, async ({ paths, roster }) => {
    const reload = await apply(paths, roster);
    return typeof reload === 'object' ? reload : { kind: 'changed', folder: paths.natsDir, reload };
  });
}

/**
 * Writes a member's public file again, after its key file was swapped: it names the key. WRIT-REG-002: no such member.
 */
export function rewriteMember(
  home: string,
  member: Exclude<Member, { readonly kind: 'auditor' }>,
): Promise<Changed | Refused> {
  return change(home, async ({ paths, roster, organisation }) => {
    if (member.kind === 'person') {
      const there = roster.people.find((p) => p.person === member.person);
      if (there === undefined) return refused('WRIT-REG-002', member.person);
      return {
        kind: 'changed',
        folder: makePerson(paths, organisation, there).folder,
        reload: 'not-running',
      };
    }
    const there = lists(roster, member.kind).list.find((a) => a.scope === member.scope);
    if (there === undefined) return refused('WRIT-REG-002', member.scope);
    const { folder } = makeAgent(paths, organisation, member.kind, there);
    return { kind: 'changed', folder, reload: 'not-running' };
  });
}

type Installation = {
  readonly paths: InstallPaths;
  readonly roster: Roster;
  readonly organisation: OrganisationFile;
};

async function change<T>(
  home: string,
  work: (at: Installation) => Promise<T | Refused>,
): Promise<T | Refused> {
  const paths = installPaths(home);
  const pinned = loadOrganisation(paths.orgFile);
  if (pinned.kind === 'refused') return pinned;
  return withRosterLock(paths, async () => {
    const loaded = loadRoster(paths);
    if (loaded.kind === 'refused') return loaded;
    return work({ paths, roster: loaded.roster, organisation: pinned.organisation });
  });
}

async function apply(paths: InstallPaths, roster: Roster): Promise<Reload | Refused> {
  const unfit = saveRoster(paths, roster);
  if (unfit !== undefined) return unfit;
  writeAccounts(paths, roster);
  return reloadBus(paths);
}

function addAsker(
  home: string,
  kind: AgentKind,
  { scope, owner }: { readonly scope: string; readonly owner: string },
): Promise<Added | Refused> {
  return change(home, async ({ paths, roster, organisation }) => {
    const { list, other } = lists(roster, kind);
    const there = list.find((a) => a.scope === scope);
    const problem = askerProblem(roster, scope, owner);
    if (problem !== undefined) return problem;
    const taken = other.some((a) => a.scope === scope) || (there !== undefined && there.owner !== owner);
    if (taken) return refused('WRIT-REG-003', scope);
    const keys = makeAgent(paths, organisation, kind, { scope, owner });
    const next = [...list.filter((a) => a !== there), { scope, owner, nkey: keys.nkey }];
    const field = kind === 'agent' ? 'agents' : 'enforcementPoints';
    const reload = await apply(paths, { ...roster, [field]: next });
    const key = await certified(roster.org, keys.pair, { role: kind, holder: scope, scope });
    const action: RegistryAction =
      kind === 'agent'
        ? { do: 'register-agent', agent: scope, owner, key }
        : { do: 'register-enforcement-point', name: scope, owner, key };
    return added(reload, keys, action);
  });
}

function askerProblem(roster: Roster, scope: string, owner: string): Refused | undefined {
  if (!AgentScope.safeParse(scope).success)
    return refused('WRIT-REG-006', 'not <org>.<project>.<env>.<name>');
  if (organisationOf(scope) !== roster.org)
    return refused('WRIT-REG-006', 'the scope is of another organisation');
  return roster.people.some((p) => p.person === owner)
    ? undefined
    : refused('WRIT-REG-002', `owner ${owner}`);
}

function lists(roster: Roster, kind: AgentKind) {
  return kind === 'agent'
    ? { list: roster.agents, other: roster.enforcementPoints }
    : { list: roster.enforcementPoints, other: roster.agents };
}

function added(reload: Reload | Refused, keys: MemberKeys, action: RegistryAction): Added | Refused {
  return typeof reload === 'object' ? reload : { kind: 'added', action, folder: keys.folder, reload };
}

function certified(
  org: string,
  key: SigningKey,
  about: { readonly role: KeyRole; readonly holder: string; readonly scope: string },
) {
  return certificateOf(key, { ...about, org, time: new Date().toISOString(), id: uuidv7() });
}

function samePerson(one: Omit<Roster['people'][number], 'nkey'>, other: typeof one): boolean {
  const text = ({ grants, haltScopes }: typeof one) => JSON.stringify([grants, haltScopes]);
  return text(one) === text(other);
}

function without(roster: Roster, member: Member): Roster {
  switch (member.kind) {
    case 'agent':
      return { ...roster, agents: roster.agents.filter((a) => a.scope !== member.scope) };
    case 'enforcement-point':
      return {
        ...roster,
        enforcementPoints: roster.enforcementPoints.filter((a) => a.scope !== member.scope),
      };
    case 'person':
      return { ...roster, people: roster.people.filter((p) => p.person !== member.person) };
    case 'auditor':
      return { ...roster, auditors: roster.auditors.filter((a) => a.auditor !== member.auditor) };
  }
}

function folderOf(paths: InstallPaths, member: Member): string {
  if (member.kind === 'person') return paths.personDir(member.person);
  return member.kind === 'auditor' ? paths.auditorDir(member.auditor) : paths.agentDir(member.scope);
}

function size(roster: Roster): number {
  return [roster.agents, roster.enforcementPoints, roster.people, roster.auditors].flat().length;
}
