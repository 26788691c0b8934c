// What is said of a foreign receipt. Never more than was checked: a receipt under its own key only is not VALID.
import { type ForeignCode, UNDETERMINED } from './codes.js';

/** The formats that are recognised; `unknown` is anything else. */
export type ForeignFormat =
  | 'permission-protocol'
  | 'scopeblind'
  | 'agent-receipts'
  | 'emilia-receipt'
  | 'emilia-quorum'
  | 'dsse'
  | 'unknown';

/** One check: `code` and a reason where it did not hold. Reasons quote no free text of the receipt. */
export type ForeignCheck = {
  readonly name: string;
  readonly ok: boolean;
  readonly code?: ForeignCode;
  readonly reason: string;
};

/** VALID under a pinned key, INVALID (altered, or against its own format), UNDETERMINED (cannot be told with what is here). */
export type ForeignVerdict = 'VALID' | 'INVALID' | 'UNDETERMINED';

/** Under which key the signature verifies. `fingerprint`: base64url SHA-256 of the key's SubjectPublicKeyInfo. */
export type ForeignSigner = {
  readonly keyId?: string;
  readonly fingerprint: string;
  readonly trust: 'pinned' | 'self-asserted';
};

/** What the receipt claims, in neutral names; times as the receipt writes them. Claims, not findings. */
export type ForeignClaims = {
  readonly id?: string;
  readonly issuer?: string;
  readonly agent?: string;
  readonly decision?: string;
  readonly principal?: string;
  readonly decidedBy?: readonly string[];
  readonly tool?: string;
  readonly operation?: string;
  readonly resource?: string;
  readonly policy?: string;
  readonly outcome?: string;
  readonly issuedAt?: string;
  readonly expiresAt?: string;
  readonly reasons?: readonly string[];
  readonly count?: number;
};

/** The report on one file: `name` is the format and version for people. */
export type ForeignReport = {
  readonly format: ForeignFormat;
  readonly name: string;
  readonly verdict: ForeignVerdict;
  readonly checks: readonly ForeignCheck[];
  readonly signer?: ForeignSigner;
  readonly says: ForeignClaims;
};

/** What a format's adapter found; the verdict follows from the checks. */
export type Findings = {
  readonly checks: readonly ForeignCheck[];
  readonly signer?: ForeignSigner | undefined;
  readonly says: { readonly [K in keyof ForeignClaims]: ForeignClaims[K] | undefined };
};

/** A check that holds. */
export const holds = (name: string, reason = 'holds'): ForeignCheck => ({ name, ok: true, reason });

/** A check that does not hold. */
export const fails = (name: string, code: ForeignCode, reason: string): ForeignCheck => ({
  name,
  ok: false,
  code,
  reason,
});

/** One or the other. */
export const check = (name: string, ok: boolean, code: ForeignCode, reason: string): ForeignCheck =>
  ok ? holds(name) : fails(name, code, reason);

/** A check that names the place in the list. */
export const numbered = (index: number, found: ForeignCheck): ForeignCheck => ({
  ...found,
  name: `receipt ${index + 1}: ${found.name}`,
});

const verdictOf = (checks: readonly ForeignCheck[]): ForeignVerdict => {
  const failed = checks.filter(({ ok }) => !ok);
  if (failed.some(({ code }) => code === undefined || !UNDETERMINED.has(code))) return 'INVALID';
  return failed.length > 0 || checks.length === 0 ? 'UNDETERMINED' : 'VALID';
};

const isEmpty = (value: unknown): boolean => Array.isArray(value) && value.length === 0;

const present = (says: Findings['says']): ForeignClaims =>
  Object.fromEntries(Object.entries(says).filter(([, value]) => value !== undefined && !isEmpty(value)));

/** The report of an adapter's findings. */
export const reportOf = (format: ForeignFormat, name: string, found: Findings): ForeignReport => ({
  format,
  name,
  verdict: verdictOf(found.checks),
  checks: found.checks,
  ...(found.signer === undefined ? {} : { signer: found.signer }),
  says: present(found.says),
});
