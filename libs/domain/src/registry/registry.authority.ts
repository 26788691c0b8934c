// Who may ask the registry for what: an administrator of a scope that covers it, or the root.
import {
  covers,
  type KeyRole,
  type Kid,
  type Refused,
  type RegistryAction,
  refused,
  type Scope,
  type Token,
} from '@writ/contracts';
import { hasRole } from './registry.queries.js';
import type { RegistryState } from './registry.state.js';

/** Who signed a command, as the caller verified it: a root key, or the active key of a person. */
export type Author = { readonly kind: 'root' } | { readonly kind: 'person'; readonly person: Token };

/** Where the author must be an administrator; `root`: no administrator may. */
type Needed = Scope | 'root';

const HELD_BY_AGENTS: readonly KeyRole[] = ['agent', 'enforcement-point'];

const forNewKey = (org: Token, role: KeyRole, scope: Scope): Needed => {
  if (role === 'person') return org;
  return HELD_BY_AGENTS.includes(role) ? scope : 'root';
};

/** Ending a key is the safe direction: administrators of the organisation may end a service's key, nobody a root's. */
const forOldKey = (state: RegistryState, org: Token, kid: Kid): Needed => {
  const key = state.keys.get(kid);
  if (key?.role === 'root') return 'root';
  return key !== undefined && HELD_BY_AGENTS.includes(key.role) ? key.scope : org;
};

const needed = (state: RegistryState, org: Token, action: RegistryAction): Needed => {
  switch (action.do) {
    case 'create-project':
    case 'add-person':
    case 'remove-person':
    case 'register-tool':
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
  }
};

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
  if (author.kind === 'root') return undefined;
  if (where === 'root') return refused('WRIT-REG-001', 'only the root may do this');
  return hasRole(state, author.person, 'admin', where)
    ? undefined
    : refused('WRIT-REG-001', `${author.person} is not an administrator of ${where}`);
};
