// The one rule for what a ledger message is: an event, a void event, or junk. Pure: whoever folds the ledger agrees on it.
import { covers, type Digest, type Family, type LedgerSeq, parseSubject, type Scope } from '@writ/contracts';
import { type Chain, extend, type LinkFunction, nextPlace } from './chain.js';
import type { AdmissionCode } from './codes.js';
import type { Endorses } from './endorsements.js';
import { type Envelope, readEnvelope } from './envelope.js';
import { type Junk, junk } from './junk.js';
import { type KeyDirectory, type KeyRecord, keyStandingAt } from './keys.js';
import { isAppointmentType, isGenesisType, isUnversionedType, roleMayWrite, serviceOfRole } from './roles.js';
import { appointee, judgeKeys, judgeRoots } from './root-matters.js';

/** A message whose frame has been verified under the key that it names. */
export type LedgerMessage = {
  readonly seq: LedgerSeq;
  /** The NATS subject on which it is stored. */
  readonly subject: string;
  readonly document: unknown;
  /** SHA-256 of the DSSE encoding of the document bytes. */
  readonly digest: Digest;
};

/** Judges a document against the schema of its type: a reason for junk, or whether the type is known. */
export type Accepts = (document: unknown) => 'known' | 'unknown' | { readonly invalid: string };

/** What admission depends on besides the chain. Everyone who folds the ledger must use the same. */
export type AdmissionRules = {
  readonly keys: KeyDirectory;
  readonly link: LinkFunction;
  readonly accepts: Accepts;
  /** How endorsements of root keys are verified; without it none counts, so that a threshold above one is never met. */
  readonly endorses?: Endorses;
};

/** `void` keeps its place in the chains and has no effect; `junk` counts in no chain. */
export type Admission =
  | { readonly kind: 'event'; readonly chain: Chain }
  | { readonly kind: 'void'; readonly chain: Chain; readonly code: AdmissionCode; readonly reason: string }
  | Junk;

/** Family and scope of a ledger subject. */
type Address = { readonly family: Family; readonly scope: Scope };

/** Family and scope of a ledger subject; `undefined` for any other subject. */
export const readLedgerSubject = (subject: string): Address | undefined => {
  const parsed = parseSubject(subject);
  return parsed?.kind === 'ledger' ? { family: parsed.family, scope: parsed.scope } : undefined;
};

const judgeAddress = (message: LedgerMessage, event: Envelope, at: Address): Junk | undefined => {
  if (event.subject !== message.subject) return junk('WRIT-FRM-008', 'signed for another subject');
  if (!event.type.startsWith(`writ.${at.family}.`)) return junk('WRIT-ADM-002', 'type of another family');
  if (event.agent !== undefined && !covers(at.scope, event.agent)) {
    return junk('WRIT-ADM-005', 'the agent lies outside the subject');
  }
  return event.seen >= message.seq ? junk('WRIT-ADM-007', 'seen is not before its own position') : undefined;
};

const signerOf = (event: Envelope, seq: LedgerSeq, keys: KeyDirectory): KeyRecord | Junk => {
  const known = keys.find(event.kid);
  if (isAppointmentType(event.type)) return appointee(event, seq, known);
  if (known === undefined || keyStandingAt(known, seq) === 'unknown') {
    return junk('WRIT-FRM-005', 'the key is not certified here');
  }
  return known;
};

const judgeSigner = (event: Envelope, key: KeyRecord, at: Address): Junk | undefined => {
  if (!roleMayWrite(key.role, at.family, event.type) || !covers(key.scope, at.scope)) {
    return junk('WRIT-FRM-007', `a key of role ${key.role} may not write this here`);
  }
  if (event.source !== `/writ/${serviceOfRole(key.role)}`)
    return junk('WRIT-ADM-009', 'source of another service');
  return undefined;
};

const judgeFact = (chain: Chain, event: Envelope): Junk | undefined => {
  const placed = [event.ver, event.prev, event.agentver, event.agentprev].some(
    (value) => value !== undefined,
  );
  if (placed) return junk('WRIT-ADM-003', 'a fact without version carries one');
  return chain.facts.has(event.id) ? junk('WRIT-ADM-006', 'recorded before under the same id') : undefined;
};

const judgePlace = (chain: Chain, event: Envelope): Junk | undefined => {
  if (isUnversionedType(event.type)) return judgeFact(chain, event);
  const next = nextPlace(chain, event.agent);
  if (event.ver !== next.ver) return junk('WRIT-ADM-003', `version ${event.ver} where ${next.ver} is next`);
  if (isGenesisType(event.type) && event.ver !== 1) return junk('WRIT-ADM-003', 'a second genesis');
  if (event.subject.startsWith('gov.ledger.registry.') && event.ver === 1 && !isGenesisType(event.type)) {
    return junk('WRIT-ADM-003', 'a registry begins with its genesis');
  }
  if (event.prev !== next.prev) return junk('WRIT-ADM-004', 'not linked to the head of the subject');
  const sameAgent = event.agentver === next.agentver && event.agentprev === next.agentprev;
  return sameAgent ? undefined : junk('WRIT-ADM-005', "not the next of its agent's chain");
};

/**
 * Judges one verified message against the chain of its subject (ARCHITECTURE §3, §7.6). Total: never throws. Whether the
 * signature holds is decided before; a message whose signature does not is junk without coming here.
 */
export const admit = (chain: Chain, message: LedgerMessage, rules: AdmissionRules): Admission => {
  const event = readEnvelope(message.document);
  if (event === undefined) return junk('WRIT-FRM-009', 'not a ledger event');
  const key = signerOf(event, message.seq, rules.keys);
  if ('kind' in key) return key;
  const standing = keyStandingAt(key, message.seq);
  const at = readLedgerSubject(message.subject);
  if (at === undefined) return junk('WRIT-ADM-001', 'the subject is not one of the ledger');
  const refusal =
    judgeAddress(message, event, at) ??
    judgeSigner(event, key, at) ??
    judgeKeys(event, rules.keys) ??
    judgeRoots(event, key, at.scope, rules) ??
    judgePlace(chain, event);
  if (refusal !== undefined) return refusal;
  const accepted = rules.accepts(message.document);
  if (typeof accepted === 'object') return junk('WRIT-FRM-009', accepted.invalid);
  const effective = standing === 'valid' && accepted === 'known';
  const next = extend(chain, event, message.digest, rules.link, effective);
  if (standing === 'void') {
    return {
      kind: 'void',
      chain: next,
      code: 'WRIT-FRM-006',
      reason: 'its key was revoked or distrusted by then',
    };
  }
  if (accepted === 'unknown') {
    return { kind: 'void', chain: next, code: 'WRIT-ADM-008', reason: 'the type is not known here' };
  }
  return { kind: 'event', chain: next };
};
