// Whether a key certificate fits its holder: one role per key, a kid certified once, possession proved.
import {
  type AgentScope,
  covers,
  type KeyCertificate,
  type KeyRole,
  type Refused,
  refused,
  Services,
  type Token,
} from '@writ/contracts';
import { agentOf, enforcementPointOf, personOf } from './registry.queries.js';
import type { RegistryState } from './registry.state.js';

/** Verified by the caller: kid is the thumbprint of x, and the possession frame is signed by x over this certificate. */
export type Possession = (key: KeyCertificate) => boolean;

/** What a certificate must say. */
type Expected = { readonly role: KeyRole; readonly holder: string; readonly scope: string };

/** The service (or plane role) that holds a key of each service role. A witness may have any name. */
const HOLDER: { readonly [R in KeyRole]?: string } = {
  decision: 'decision',
  approval: 'approval',
  'receipt-ledger': 'receipt-ledger',
  'anomaly-detector': 'anomaly-detector',
  'kill-switch': 'kill-switch',
  sealer: 'sealer',
};

/** Refuses a certificate that is not for this role, holder and scope, is known, or has no proof (WRIT-REG-003, -006, -007). */
export const fitsHolder = (
  state: RegistryState,
  key: KeyCertificate,
  expected: Expected,
  possession: Possession,
): Refused | undefined => {
  if (key.role !== expected.role || key.holder !== expected.holder || key.scope !== expected.scope) {
    const { role, holder, scope } = expected;
    return refused('WRIT-REG-006', `the key must have role ${role}, holder ${holder} and scope ${scope}`);
  }
  if (state.keys.has(key.kid)) return refused('WRIT-REG-003', 'a key is certified once, in one role');
  return possession(key) ? undefined : refused('WRIT-REG-007', 'the possession frame does not fit the key');
};

const expectedOf = (state: RegistryState, org: Token, key: KeyCertificate): Expected | Refused => {
  const { role, holder } = key;
  switch (role) {
    case 'root':
      return refused('WRIT-REG-001', 'root keys are named by the genesis');
    case 'registrar':
      return refused('WRIT-REG-001', 'the roots appoint a registrar');
    case 'person':
      return personOf(state, holder) === undefined
        ? refused('WRIT-REG-002', `there is no person ${holder}`)
        : { role, holder, scope: org };
    case 'agent':
      return ['active', 'orphaned'].includes(agentOf(state, holder)?.status ?? '')
        ? { role, holder, scope: holder }
        : refused('WRIT-REG-002', `there is no agent ${holder}`);
    case 'enforcement-point':
      return enforcementPointOf(state, holder) === undefined
        ? refused('WRIT-REG-002', `there is no enforcement point ${holder}`)
        : { role, holder, scope: holder };
    default:
      return { role, holder: HOLDER[role] ?? holder, scope: org };
  }
};

/** Judges a `certify-key`: a further key of a holder that exists, or a key of a service. */
export const mayCertify = (
  state: RegistryState,
  org: Token,
  key: KeyCertificate,
  possession: Possession,
): Refused | undefined => {
  const expected = expectedOf(state, org, key);
  return 'kind' in expected ? expected : fitsHolder(state, key, expected, possession);
};

/** Names that would share an inbox or a halt subject with something of the plane, and so are nobody's. */
export const isReservedPerson = (org: Token, person: Token): boolean =>
  person === org || person.startsWith('svc-') || [...Services, 'sealer', 'witness', 'root'].includes(person);

/** Names of agents and enforcement points that would read as a service's. */
export const isReservedAsker = (name: AgentScope): boolean =>
  name.split('.').at(-1)?.startsWith('svc-') ?? false;

/** Whether every grant lies in the organisation. */
export const grantsWithin = (org: Token, grants: readonly { readonly scope: string }[]): boolean =>
  grants.every((grant) => covers(org, grant.scope));
