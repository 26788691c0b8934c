// The signed evidence of a fresh sign-in (receipt-spec SPEC.md §3.8): present exactly when the method says so, in its form.
import type { JsonValue } from '@writ/contracts';
import { isObject, textAt } from '../json.js';
import { type ForeignCheck, fails, holds } from '../report.js';

const NAME = 'decider proof';
const SHA256 = /^[a-f0-9]{64}$/;

type Rule = (value: JsonValue) => boolean;

const digest: Rule = (value) => typeof value === 'string' && SHA256.test(value);
const positive: Rule = (value) => Number.isSafeInteger(value) && (value as number) > 0;
const instant: Rule = (value) => {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return !Number.isNaN(time) && new Date(time).toISOString() === value;
};
const origin: Rule = (value) => {
  if (typeof value !== 'string' || value.length > 2048 || !URL.canParse(value)) return false;
  const url = new URL(value);
  return ['http:', 'https:'].includes(url.protocol) && url.origin === value;
};

const WEBAUTHN: { readonly [name: string]: Rule } = {
  method: (value) => value === 'webauthn',
  credentialIdHash: digest,
  challengeHash: digest,
  authenticatorDataHash: digest,
  userVerified: (value) => typeof value === 'boolean',
  rpId: (value) => typeof value === 'string' && /^[A-Za-z0-9.-]{1,253}$/.test(value),
  origin,
  verifiedAt: instant,
};
const REAUTH: { readonly [name: string]: Rule } = {
  method: (value) => value === 'reauth',
  authTime: instant,
  maxAgeMs: positive,
  verifiedAt: instant,
};
const OPTIONAL: { readonly [name: string]: Rule } = { reviewGeneration: positive };

const RULES: { readonly [method: string]: { readonly [name: string]: Rule } } = {
  session_stepup_webauthn: WEBAUTHN,
  session_reauth: REAUTH,
};

const hasForm = (proof: JsonValue, rules: { readonly [name: string]: Rule }): boolean => {
  if (!isObject(proof)) return false;
  const known = rules === WEBAUTHN ? { ...rules, ...OPTIONAL } : rules;
  const complete = Object.keys(rules).every((name) => Object.hasOwn(proof, name));
  const each = ([name, value]: [string, JsonValue]) =>
    Object.hasOwn(known, name) && known[name]?.(value) === true;
  return complete && Object.entries(proof).every(each);
};

const isFresh = (proof: JsonValue): boolean => {
  const age = Date.parse(textAt(proof, 'verifiedAt') ?? '') - Date.parse(textAt(proof, 'authTime') ?? '');
  return isObject(proof) && age <= Number(proof['maxAgeMs']);
};

/** Checks the decider proof of a jcs_v3 receipt against its signed method, in both directions. */
export const checkDeciderProof = (method: string | undefined, proof: JsonValue | undefined): ForeignCheck => {
  const rules = Object.hasOwn(RULES, method ?? '') ? RULES[method as string] : undefined;
  if (rules === undefined) {
    return proof === undefined
      ? holds(NAME, 'none is needed')
      : fails(NAME, 'WRIT-FGN-013', 'there is one, and the signed method has none');
  }
  if (proof === undefined) return fails(NAME, 'WRIT-FGN-013', 'the signed method needs one');
  const ok = hasForm(proof, rules) && (rules !== REAUTH || isFresh(proof));
  return ok ? holds(NAME) : fails(NAME, 'WRIT-FGN-013', 'it has not the form of the signed method');
};
