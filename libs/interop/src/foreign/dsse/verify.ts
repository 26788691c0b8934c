// DSSE v1.0 envelopes (github.com/secure-systems-lab/dsse) and the in-toto Statements v1 and v0.1 in them. Ed25519 or ECDSA P-256.
import type { JsonValue } from '@writ/contracts';
import { pae } from '@writ/crypto';
import { fromBase64 } from '../bytes.js';
import { isObject, listAt, readJson, textAt } from '../json.js';
import type { ForeignKey } from '../keys/foreign-key.js';
import { type Judged, judgeSignature } from '../keys/signature.js';
import { check, type Findings, type ForeignCheck, fails, holds } from '../report.js';

/** The payload type of an in-toto Statement. */
export const IN_TOTO_PAYLOAD_TYPE = 'application/vnd.in-toto+json';

const STATEMENTS = ['https://in-toto.io/Statement/v1', 'https://in-toto.io/Statement/v0.1'];

/** Whether a value has the form of an envelope. */
export const isDsse = (value: JsonValue | undefined): boolean =>
  textAt(value, 'payload') !== undefined &&
  textAt(value, 'payloadType') !== undefined &&
  listAt(value, 'signatures') !== undefined;

const hasDigest = (subject: JsonValue): boolean => {
  const digest = isObject(subject) ? subject['digest'] : undefined;
  return isObject(digest) && Object.values(digest).some((value) => typeof value === 'string');
};

const statementCheck = (statement: JsonValue | undefined): ForeignCheck => {
  const subjects = listAt(statement, 'subject') ?? [];
  const ok =
    STATEMENTS.includes(textAt(statement, '_type') ?? '') &&
    textAt(statement, 'predicateType') !== undefined &&
    subjects.length > 0 &&
    subjects.every(hasDigest);
  return check(
    'statement',
    ok,
    'WRIT-FGN-003',
    'the payload is no in-toto Statement whose subjects have digests',
  );
};

const claimsOf = (type: string, statement: JsonValue | undefined): Findings['says'] => ({
  id: textAt(listAt(statement, 'subject')?.[0], 'name'),
  operation: textAt(statement, 'predicateType') ?? type,
  count: listAt(statement, 'subject')?.length,
});

/** One good signature under a pinned key is enough (DSSE §4); else the most telling of the others. */
const best = (judged: readonly Judged[]): Judged => {
  const rank = (one: Judged): number =>
    one.check.ok ? 0 : one.check.code === 'WRIT-FGN-021' ? 3 : one.check.code === 'WRIT-FGN-007' ? 1 : 2;
  return [...judged].sort((a, b) => rank(a) - rank(b))[0] as Judged;
};

/** The checks and claims of one envelope. */
export const verifyDsse = (value: JsonValue, keys: readonly ForeignKey[]): Findings => {
  const type = textAt(value, 'payloadType') ?? '';
  const payload = fromBase64(textAt(value, 'payload') ?? '');
  const signatures = listAt(value, 'signatures') ?? [];
  if (payload === undefined || signatures.length === 0) {
    return {
      checks: [fails('envelope', 'WRIT-FGN-003', 'its payload is not base64, or nobody signed it')],
      says: {},
    };
  }
  const message = pae(type, payload);
  const judged = best(
    signatures.map((one) => {
      const keyId = textAt(one, 'keyid');
      const named = keyId === undefined || keyId === '' ? undefined : keyId;
      return judgeSignature({ message, signature: fromBase64(textAt(one, 'sig') ?? ''), keyId: named }, keys);
    }),
  );
  const inToto = type === IN_TOTO_PAYLOAD_TYPE;
  const statement = inToto ? readJson(payload) : undefined;
  const checks = [holds('envelope'), judged.check, ...(inToto ? [statementCheck(statement)] : [])];
  return { checks, signer: judged.signer, says: claimsOf(type, statement) };
};
