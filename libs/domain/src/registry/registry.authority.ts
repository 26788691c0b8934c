// Who may ask the registry for what: an administrator of a scope that covers it, or the root.
import {
  covers,
  type Digest,
  type KeyRole,
  type Kid,
  type PersonRole,
  type Refused,
  type RegistryAction,
  refused,
  type Scope,
  type Token,
} from '@writ/contracts';
import { hasRole } from './registry.queries.js';
import type { RegistryState } from './registry.state.js';

/** Who signed a command, as the caller verified it: a root key, or the active key of a person. */
export type Author =
  | {
      readonly kind: 'root';
      /** Digest of the command's document: with a threshold above one only those count that the genesis names. */
      readonly digest?: Digest | undefined;
    }
  | { readonly kind: 'person'; readonly person: Token };

/** Where the author must be an administrator; `root`: no administrator may. */
type Needed = Scope | 'root';

const HELD_BY_AGENTS: readonly KeyRole[] = ['agent', 'enforcement-point'];
const HELD_BY_FEW: readonly KeyRole[] = ['root', 'registrar'];

const forNewKey = (org: Token, role: KeyRole, scope: Scope): Needed => {
  if (HELD_BY_FEW.includes(role)) return 'root';
  return HELD_BY_AGENTS.includes(role) ? scope : org;
};

/** Ending a key is the safe direction: administrators of the organisation may end a service's key; the rules say whose nobody may. */
const forOldKey = (state: RegistryState, org: Token, kid: Kid): Needed => {
  const key = state.keys.get(kid);
  if (key?.role === 'root') return 'root';
  return key !== undefined && HELD_BY_AGENTS.includes(key.role) ? key.scope : org;
};

const scopeOfHold = (state: RegistryState, hold: string): Scope | undefined => {
  const target = state.holds.get(hold)?.target;
  return target?.kind === 'scope' ? target.scope : undefined;
};

/** Holds are an auditor's business too; everything else is an administrator's. */
const rolesFor = ({ do: what }: RegistryAction): readonly PersonRole[] =>
  what === 'place-hold' || what === 'lift-hold' ? ['admin', 'auditor'] : ['admin'];

const needed = (state: RegistryState, org: Token, action: RegistryAction): Needed => {
  switch (action.do) {
    case 'create-project':
    case 'add-person':
    case 'remove-person':
    case 'register-tool':
    case 'adopt-ledger':
      return org;
    case 'create-environment':
      return `${org}.${action.project}`;
    case 'grant-role':
    case 'revoke-role':
      return action.grant.scope;
    case 'register-agent':
    case 'retire-agent':
    case 'change-owner':
      return action.agent;
    case 'register-enforcement-point':
      return action.name;
    case 'certify-key':
      return forNewKey(org, action.key.role, action.key.scope);
    case 'retire-key':
    case 'revoke-key':
    case 'distrust-key':
      return forOldKey(state, org, action.kid);
    case 'publish-boundary':
      return action.boundary.metadata.scope;
    case 'publish-gate':
      return action.gate.metadata.scope;
    case 'retire-boundary':
    case 'retire-gate':
      return action.scope;
    case 'publish-criteria':
      return action.criteria.scope;
    case 'grant-delegation':
      return action.delegation.from;
    case 'revoke-delegation':
      return state.delegations.get(action.event)?.delegation.from ?? org;
    case 'erase':
      return action.target.kind === 'agent-month' ? action.target.agent : org;
    case 'place-hold':
      return action.target.kind === 'scope' ? action.target.scope : org;
    case 'lift-hold':
      return scopeOfHold(state, action.hold) ?? org;
  }
};

/** One root key commands alone only where one is enough; otherwise what the roots agreed to with the genesis, and nothing later. */
const rootMay = (state: RegistryState, { digest }: Author & { kind: 'root' }): Refused | undefined =>
  state.threshold <= 1 || (digest !== undefined && state.firstCommands?.has(digest) === true)
    ? undefined
    : refused(
        'WRIT-REG-001',
        'one root key alone may not command; the genesis names what the roots agreed to',
      );

/** Refuses an author who may not do this (WRIT-REG-001) and a scope outside the organisation (WRIT-REG-002). */
export const mayAsk = (
  state: RegistryState,
  org: Token,
  author: Author,
  action: RegistryAction,
): Refused | undefined => {
  const where = needed(state, org, action);
  if (where !== 'root' && !covers(org, where)) {
    return refused('WRIT-REG-002', `${where} is not in this organisation`);
  }
  if (author.kind === 'root') return rootMay(state, author);
  if (where === 'root') return refused('WRIT-REG-001', 'only the root may do this');
  const roles = rolesFor(action);
  return roles.some((role) => hasRole(state, author.person, role, where))
    ? undefined
    : refused(
        'WRIT-REG-001',
        `${author.person} is not ${roles.length > 1 ? 'administrator or auditor' : 'an administrator'} of ${where}`,
      );
};
