// Owns the translation of the roster into what every identity may publish and hear (ARCHITECTURE §4). Pure; allow lists only,
// never `allow_responses`, and nothing that the tables do not give.
import { environmentOf, haltSubjectsOf, inboxOf, subjects } from '@writ/contracts';
import type { BusUser, Permissions } from './bus-user.js';
import { type Roster, type RosterAgent, type RosterPerson, readRoster } from './roster.js';
import { bootstrapPermissions, haltsOf, PlaneServices, servicePermissions } from './service-permissions.js';

/** The two subjects in the account READERS, and what they are in the account of the plane. */
export const ReaderSubjects = {
  /** A direct get of GOV_LEDGER: one message, or a batch in order. */
  get: 'writ.ledger.get',
  /** STREAM.INFO of GOV_LEDGER, from the leader. */
  info: 'writ.ledger.info',
} as const;

/**
 * Every user with its lists. The roster is checked again here, whoever made it: throws RangeError on one that `readRoster`
 * refuses, so that no caller can make a user named `*`.
 */
export function busUsers(roster: Roster): readonly BusUser[] {
  const checked = readRoster(roster);
  if (checked.kind === 'refused') throw new RangeError(checked.reason);
  return [...planeUsers(checked.roster), ...readers(checked.roster)];
}

/** What an agent may do: its six intakes, its inbox, its four ancestors' halts, notices and leases of its environment. */
export function agentPermissions(agent: string): Permissions {
  return {
    publish: [subjects.intent(agent), ...asks(agent)],
    subscribe: [`${inboxOf(agent)}.>`, ...haltSubjectsOf(agent), ...environmentNews(agent)],
  };
}

/** An enforcement point acts for many: no intents of its own, and every agent's halts in its environment. */
export function enforcementPointPermissions(name: string): Permissions {
  const ancestors = haltSubjectsOf(name).slice(0, 3);
  const beneath = `gov.halt.*.${environmentOf(name)}.*`;
  return {
    publish: asks(name),
    subscribe: [`${inboxOf(name)}.>`, ...ancestors, beneath, ...environmentNews(name)],
  };
}

/** What a person may do: vote, command, and halt the granted scopes and what lies beneath, all under the own name. */
export function personPermissions({ person, haltScopes }: RosterPerson, org: string): Permissions {
  const command = `gov.command.*.${org}.${person}`;
  return {
    publish: [subjects.vote(org, person), command, ...haltScopes.flatMap((scope) => haltsOf(person, scope))],
    subscribe: [`${inboxOf(person)}.>`],
  };
}

/** What a reader may do: ask the two imported services, and hear its own inbox. */
export function readerPermissions(name: string): Permissions {
  return { publish: Object.values(ReaderSubjects), subscribe: [`${inboxOf(name)}.>`] };
}

function asks(asker: string): readonly string[] {
  const kinds = ['receipt', 'outcome', 'state', 'preserve', 'ack'] as const;
  return kinds.map((kind) => subjects[kind](asker));
}

function environmentNews(scope: string): readonly string[] {
  return [subjects.notice(environmentOf(scope)), subjects.lease(environmentOf(scope))];
}

function planeUsers(roster: Roster): readonly BusUser[] {
  const user = (name: string, nkey: string, permissions: Permissions): BusUser => ({
    account: 'PLANE',
    name,
    nkey,
    permissions,
  });
  const agent = ({ scope, nkey }: RosterAgent) => user(scope, nkey, agentPermissions(scope));
  const point = ({ scope, nkey }: RosterAgent) => user(scope, nkey, enforcementPointPermissions(scope));
  return [
    user('bootstrap', roster.bootstrap, bootstrapPermissions()),
    ...PlaneServices.map((name) => user(name, roster.services[name], servicePermissions(name, roster.org))),
    ...roster.agents.map(agent),
    ...roster.enforcementPoints.map(point),
    ...roster.people.map((p) => user(p.person, p.nkey, personPermissions(p, roster.org))),
  ];
}

function readers(roster: Roster): readonly BusUser[] {
  const reader = (name: string, nkey: string): BusUser => ({
    account: 'READERS',
    name,
    nkey,
    permissions: readerPermissions(name),
  });
  const readModel = reader('read-model', roster.services['read-model']);
  return [readModel, ...roster.auditors.map(({ auditor, nkey }) => reader(auditor, nkey))];
}
