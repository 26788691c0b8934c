// Which key may sign what, folded from verified registry facts. Pure: it verifies nothing and believes only what it is given.
import type { KeyCertificate, KeyRole, LedgerDocument, RoleGrant, Scope } from '@writ/contracts';
import { covers, parseSubject } from '@writ/contracts';

/** A certified key. A retired one still vouches for facts of the past, not for live documents. */
export type CertifiedKey = {
  readonly kid: string;
  readonly x: string;
  readonly role: KeyRole;
  readonly holder: string;
  readonly retired: boolean;
  /** The registry version at which roots appointed another registrar: what this one signed later is not believed. */
  readonly endedAt?: number;
};

type BoundaryFact = Extract<LedgerDocument, { type: 'writ.registry.boundary-published.v1' }>;
type GateFact = Extract<LedgerDocument, { type: 'writ.registry.gate-published.v1' }>;

export type Directory = {
  readonly keys: ReadonlyMap<string, CertifiedKey>;
  readonly people: ReadonlyMap<string, readonly RoleGrant[]>;
  readonly boundaries: readonly BoundaryFact[];
  readonly gates: readonly GateFact[];
};

/** Nothing known. */
export const emptyDirectory: Directory = { keys: new Map(), people: new Map(), boundaries: [], gates: [] };

const certify = (directory: Directory, cert: KeyCertificate): Directory => {
  const { kid, x, role, holder } = cert;
  if (directory.keys.has(kid)) return directory;
  return { ...directory, keys: new Map(directory.keys).set(kid, { kid, x, role, holder, retired: false }) };
};

const withoutKey = (directory: Directory, kid: string): Directory => {
  const keys = new Map(directory.keys);
  keys.delete(kid);
  return { ...directory, keys };
};

/** Someone who comes back brings a new key. */
const withoutKeysOf = (directory: Directory, person: string): Directory => {
  const keys = [...directory.keys].filter(([, key]) => key.role !== 'person' || key.holder !== person);
  return { ...directory, keys: new Map(keys) };
};

const retire = (directory: Directory, kid: string): Directory => {
  const key = directory.keys.get(kid);
  if (key === undefined) return directory;
  return { ...directory, keys: new Map(directory.keys).set(kid, { ...key, retired: true }) };
};

const appoint = (
  directory: Directory,
  { data, ver }: Extract<LedgerDocument, { type: 'writ.registry.registrar-appointed.v1' }>,
): Directory => {
  const next = certify(directory, data.registrar);
  const old = data.revokes === null ? undefined : next.keys.get(data.revokes);
  if (old?.role !== 'registrar') return next;
  return { ...next, keys: new Map(next.keys).set(old.kid, { ...old, retired: true, endedAt: ver }) };
};

const grant = (directory: Directory, person: string, grants: readonly RoleGrant[]): Directory => ({
  ...directory,
  people: new Map(directory.people).set(person, grants),
});

const sameGrant = (a: RoleGrant, b: RoleGrant): boolean => a.role === b.role && a.scope === b.scope;

/** Adds one verified registry fact; facts come in the order of their version. */
export const evolveDirectory = (directory: Directory, fact: LedgerDocument): Directory => {
  switch (fact.type) {
    case 'writ.registry.organisation-founded.v1':
      return certify(directory, fact.data.registrar);
    case 'writ.registry.registrar-appointed.v1':
      return appoint(directory, fact);
    case 'writ.registry.key-certified.v1':
    case 'writ.registry.agent-registered.v1':
    case 'writ.registry.enforcement-point-registered.v1':
      return certify(directory, fact.data.key);
    case 'writ.registry.person-added.v1':
      return grant(certify(directory, fact.data.key), fact.data.person, fact.data.grants);
    case 'writ.registry.person-removed.v1':
      return grant(withoutKeysOf(directory, fact.data.person), fact.data.person, []);
    case 'writ.registry.role-granted.v1': {
      const held = directory.people.get(fact.data.person) ?? [];
      return grant(directory, fact.data.person, [...held, fact.data.grant]);
    }
    case 'writ.registry.role-revoked.v1': {
      const held = directory.people.get(fact.data.person) ?? [];
      return grant(
        directory,
        fact.data.person,
        held.filter((g) => !sameGrant(g, fact.data.grant)),
      );
    }
    case 'writ.registry.key-retired.v1':
      return retire(directory, fact.data.kid);
    case 'writ.registry.key-revoked.v1':
    case 'writ.registry.key-distrusted.v1':
      return withoutKey(directory, fact.data.kid);
    case 'writ.registry.boundary-published.v1':
      return { ...directory, boundaries: [...directory.boundaries, fact] };
    case 'writ.registry.gate-published.v1':
      return { ...directory, gates: [...directory.gates, fact] };
    default:
      return directory;
  }
};

/** Whether a person holds the role at a scope that covers `scope`. */
export const holdsRole = (
  directory: Directory,
  person: string,
  role: RoleGrant['role'],
  scope: Scope,
): boolean => (directory.people.get(person) ?? []).some((g) => g.role === role && covers(g.scope, scope));

/** The person of a command's subject, when it is a command to `service` in `org`. */
export const commandAuthor = (subject: string, service: string, org: string): string | undefined => {
  const parsed = parseSubject(subject);
  if (parsed?.kind !== 'command' || parsed.service !== service || parsed.org !== org) return undefined;
  return parsed.person;
};
