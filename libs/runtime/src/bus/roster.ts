// Owns the list of who may speak on the bus: public names and NATS public keys. It never holds a seed or a signing key.

import { fromPublic } from '@nats-io/nkeys';
import {
  AgentScope,
  covers,
  type Refused,
  RoleGrant,
  refused,
  Scope,
  type ServiceName,
  Services,
  Token,
} from '@writ/contracts';
import { z } from 'zod';

/** A user's NATS public key (`U` and 55 characters, checksum included). Never an event key (ARCHITECTURE §3). */
const NkeyPublic = z.string().refine(isUserKey, 'not a public nkey of a user');

/** Persons under whose names services halt. `svc-` is theirs alone. */
export const HaltingServices = {
  decision: 'svc-decision',
  'anomaly-detector': 'svc-anomaly',
} as const satisfies Partial<Record<ServiceName, Token>>;

const RESERVED: readonly string[] = [...Services, 'root', 'registrar', 'bootstrap', 'sealer', 'witness'];

const Shape = z.strictObject({
  version: z.literal(1),
  org: Token,
  bootstrap: NkeyPublic,
  services: z.strictObject(
    Object.fromEntries(Services.map((name) => [name, NkeyPublic])),
  ) as unknown as z.ZodType<Readonly<Record<ServiceName, string>>>,
  agents: z.array(z.strictObject({ scope: AgentScope, owner: Token, nkey: NkeyPublic })),
  enforcementPoints: z.array(z.strictObject({ scope: AgentScope, owner: Token, nkey: NkeyPublic })),
  people: z.array(
    z.strictObject({
      person: Token,
      nkey: NkeyPublic,
      grants: z.array(RoleGrant).max(32),
      haltScopes: z.array(Scope).max(64),
    }),
  ),
  auditors: z.array(z.strictObject({ auditor: Token, nkey: NkeyPublic })),
});

/**
 * Everyone on the bus of one organisation. `services` has all seven; the read model and the auditors are readers and have no
 * right in the account of the plane. `grants` is what the registry was asked for; `haltScopes` is what the bus lets through.
 */
export type Roster = Readonly<z.infer<typeof Shape>>;

/** One agent or enforcement point of a roster. */
export type RosterAgent = Roster['agents'][number];
/** One person of a roster. */
export type RosterPerson = Roster['people'][number];

/**
 * Checks a roster in full. Names are single tokens (no `*`, `>`, dot or space), nobody bears the name of the organisation, of a
 * service or of another, every scope lies in the organisation, and no key is there twice: each of these would be a way into
 * somebody else's subjects or inbox. WRIT-REG-006 names the field.
 */
export function readRoster(value: unknown): { readonly kind: 'roster'; readonly roster: Roster } | Refused {
  const parsed = Shape.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return refused('WRIT-REG-006', `roster ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}`);
  }
  const problem = findProblem(parsed.data);
  return problem === undefined
    ? { kind: 'roster', roster: parsed.data }
    : refused('WRIT-REG-006', `roster ${problem}`);
}

/** Why a name may not be that of a person or an auditor; `undefined` when it may. */
export function nameProblem(name: string, org: string): string | undefined {
  if (!Token.safeParse(name).success) return 'a name has 1-63 lower-case letters, digits and hyphens';
  if (name === org) return 'the name is that of the organisation';
  if (RESERVED.includes(name) || name.startsWith('svc-')) return 'the name is reserved';
  return undefined;
}

function findProblem(roster: Roster): string | undefined {
  return orgProblem(roster) ?? nameProblems(roster) ?? scopeProblems(roster) ?? duplicates(roster);
}

function orgProblem({ org }: Roster): string | undefined {
  return RESERVED.includes(org) ? 'org: the name is reserved' : undefined;
}

function nameProblems(roster: Roster): string | undefined {
  const names = [...roster.people.map((p) => p.person), ...roster.auditors.map((a) => a.auditor)];
  return names.map((name) => nameProblem(name, roster.org)).find((problem) => problem !== undefined);
}

function scopeProblems({ org, agents, enforcementPoints, people }: Roster): string | undefined {
  const scopes = [...agents, ...enforcementPoints].map((a) => a.scope);
  const all = [...scopes, ...people.flatMap((p) => [...p.haltScopes, ...p.grants.map((g) => g.scope)])];
  return all.every((scope) => covers(org, scope)) ? undefined : 'a scope lies outside the organisation';
}

function duplicates(roster: Roster): string | undefined {
  const members = [...roster.agents, ...roster.enforcementPoints, ...roster.people, ...roster.auditors];
  const keys = [roster.bootstrap, ...Object.values(roster.services), ...members.map((m) => m.nkey)];
  const scopes = [...roster.agents, ...roster.enforcementPoints].map((a) => a.scope);
  const names = [...roster.people.map((p) => p.person), ...roster.auditors.map((a) => a.auditor)];
  return [keys, scopes, names].every((list) => new Set(list).size === list.length)
    ? undefined
    : 'a key or a name is there twice';
}

function isUserKey(text: string): boolean {
  if (!/^U[A-Z2-7]{55}$/.test(text)) return false;
  try {
    fromPublic(text);
    return true;
  } catch {
    return false;
  }
}
