// M-of-N approval by people (EP-QUORUM-v1, draft-schrock-ep-quorum; conformance suite 1.0.0). All rules must hold. The policy is
// the document's own: whether it is the one that should have applied is not said here.
import type { JsonValue } from '@writ/contracts';
import { at, listAt, textAt } from '../json.js';
import type { ForeignKey } from '../keys/foreign-key.js';
import { candidatesOf } from '../keys/signature.js';
import { check, type Findings, type ForeignCheck, type ForeignSigner, fails, holds } from '../report.js';
import { readSignoff, type Signoff } from './signoff.js';

const DEFAULT_WINDOW_SECONDS = 900;

type Policy = {
  readonly ordered: boolean;
  readonly required: number;
  readonly slots: readonly string[];
  readonly distinctHumans: boolean;
  readonly windowSeconds: number;
  readonly chained: boolean;
};

const slot = (role: string | undefined, approver: string | undefined): string =>
  JSON.stringify([role ?? null, approver ?? null]);

const readPolicy = (policy: JsonValue | undefined): Policy | undefined => {
  const mode = textAt(policy, 'mode');
  const required = at(policy, 'required');
  const approvers = listAt(policy, 'approvers') ?? [];
  if (mode !== 'ordered' && mode !== 'threshold') return undefined;
  if (!Number.isSafeInteger(required) || (required as number) < 1) return undefined;
  if (approvers.length < (required as number)) return undefined;
  const window = at(policy, 'window_sec');
  return {
    ordered: mode === 'ordered',
    required: required as number,
    slots: approvers.map((one) => slot(textAt(one, 'role'), textAt(one, 'approver'))),
    distinctHumans: at(policy, 'distinct_humans') !== false,
    windowSeconds: typeof window === 'number' ? window : DEFAULT_WINDOW_SECONDS,
    chained: at(policy, 'ordered_chain') === true,
  };
};

const distinct = (values: readonly unknown[]): boolean =>
  !values.includes(undefined) && new Set(values).size === values.length;

const excludesInitiator = (members: readonly Signoff[]): boolean => {
  const initiator = members[0]?.initiator;
  const same = members.every((member) => member.initiator === initiator);
  return (
    initiator !== undefined &&
    initiator !== '' &&
    same &&
    members.every(({ approver }) => approver !== initiator)
  );
};

/** Ordered: the first `required` slots, in their order, at increasing times. */
const inOrder = (policy: Policy, members: readonly Signoff[]): boolean =>
  !policy.ordered ||
  members.every(
    (member, i) =>
      slot(member.role, member.approver) === policy.slots[i] &&
      (i === 0 || member.issuedAt > (members[i - 1] as Signoff).issuedAt),
  );

/** Chained: each sign-off names the hash of the context before it; the first names none. */
const linked = (policy: Policy, members: readonly Signoff[]): boolean =>
  !(policy.ordered && policy.chained) ||
  members.every((member, i) =>
    i === 0
      ? member.previous === undefined || member.previous === null
      : member.previous === members[i - 1]?.contextHash,
  );

const withinWindow = (policy: Policy, members: readonly Signoff[]): boolean => {
  const times = members.map(({ issuedAt }) => issuedAt);
  return Math.max(...times) - Math.min(...times) <= policy.windowSeconds * 1000;
};

const rules = (policy: Policy, action: string, members: readonly Signoff[]): readonly ForeignCheck[] => {
  const rule = (name: string, ok: boolean, reason: string) => check(name, ok, 'WRIT-FGN-012', reason);
  const people = members.map(({ approver }) => approver);
  const keys = members.map(({ key }) => key?.fingerprint);
  const admitted = members.every(({ role, approver }) => policy.slots.includes(slot(role, approver)));
  return [
    rule(
      'action',
      members.every((member) => member.action === action),
      'somebody signed another action',
    ),
    rule('distinct people', !policy.distinctHumans || distinct(people), 'one person fills two places'),
    rule('distinct keys', distinct(keys), 'one key fills two places'),
    rule(
      'initiator',
      excludesInitiator(members),
      'who initiated the action also approves it, or is not named',
    ),
    rule('roles', admitted, 'somebody who may not approve this'),
    rule('threshold', new Set(people).size >= policy.required, 'too few approvals'),
    rule('order', inOrder(policy, members), 'not in the order that the policy demands'),
    rule('chain', linked(policy, members), 'a sign-off does not name the one before it'),
    rule('window', withinWindow(policy, members), 'the approvals lie too far apart'),
  ];
};

const isPinned = (member: Signoff, keys: readonly ForeignKey[]): boolean =>
  candidatesOf(keys, member.approver).some(
    ({ fingerprint, revoked }) => !revoked && fingerprint === member.key?.fingerprint,
  );

const keyCheck = (members: readonly Signoff[], keys: readonly ForeignKey[]): ForeignCheck =>
  members.every((member) => isPinned(member, keys))
    ? holds('keys', 'the key of everybody who approved is pinned')
    : fails('keys', 'WRIT-FGN-020', 'the key of somebody who approved is known from this document only');

const signerOf = (members: readonly Signoff[], pinned: boolean): ForeignSigner | undefined => {
  const first = members[0];
  if (first?.key === undefined) return undefined;
  const keyId = first.approver === undefined ? {} : { keyId: first.approver };
  return { ...keyId, fingerprint: first.key.fingerprint, trust: pinned ? 'pinned' : 'self-asserted' };
};

/** The checks and claims of one quorum document; the caller pins the keys of the people. */
export const verifyEmiliaQuorum = (value: JsonValue, keys: readonly ForeignKey[]): Findings => {
  const policy = readPolicy(at(value, 'policy'));
  const action = textAt(value, 'action_hash') ?? '';
  const members = (listAt(value, 'members') ?? []).map(readSignoff);
  const says = {
    id: action,
    decidedBy: members.map(({ approver }) => approver).filter((approver) => approver !== undefined),
    count: members.length,
  };
  if (policy === undefined || action === '' || members.length === 0) {
    return {
      checks: [fails('form', 'WRIT-FGN-003', 'no policy of a known mode, no action or nobody')],
      says,
    };
  }
  const signed = members.every((member) => member.signed);
  const signatures = check('signatures', signed, 'WRIT-FGN-006', 'an assertion does not verify');
  const pinned = keyCheck(members, keys);
  const checks = [holds('form'), signatures, ...rules(policy, action, members), pinned];
  return { checks, signer: signed ? signerOf(members, pinned.ok) : undefined, says };
};
