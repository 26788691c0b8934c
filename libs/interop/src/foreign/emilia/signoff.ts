// One person's sign-off (EP-SIGNOFF-v1): a WebAuthn assertion whose challenge is the SHA-256 of the canonical context.
import type { JsonValue } from '@writ/contracts';
import { fromBase64url, toBase64url } from '@writ/crypto';
import { fromBase64, sha256Bytes, sha256Hex } from '../bytes.js';
import { at, readJson, textAt } from '../json.js';
import { type ForeignKey, spkiKey, verifies } from '../keys/foreign-key.js';
import { emiliaCanonical } from './canonical.js';

const USER_PRESENT = 0x01;
const USER_VERIFIED = 0x04;

/** A member of a quorum as far as it could be read. `context` is what the person signed. */
export type Signoff = {
  readonly role: string | undefined;
  readonly approver: string | undefined;
  readonly initiator: string | undefined;
  readonly action: string | undefined;
  readonly issuedAt: number;
  readonly previous: JsonValue | undefined;
  readonly contextHash: string | undefined;
  readonly key: ForeignKey | undefined;
  /** Whether the assertion is one: key, signature, challenge, presence and verification, same origin. */
  readonly signed: boolean;
};

const bytesAt = (webauthn: JsonValue | undefined, name: string): Uint8Array =>
  fromBase64url(textAt(webauthn, name) ?? '') ?? new Uint8Array();

/** Layout of authenticatorData (WebAuthn 2 §6.1): 32 bytes of RP id hash, one of flags, four of counter. */
const bothFlags = (data: Uint8Array): boolean => {
  const flags = data.length >= 37 ? (data[32] as number) : 0;
  return (flags & USER_PRESENT) !== 0 && (flags & USER_VERIFIED) !== 0;
};

const isAssertion = (webauthn: JsonValue | undefined, canonical: string, key: ForeignKey): boolean => {
  const clientBytes = bytesAt(webauthn, 'client_data_json');
  const client = readJson(clientBytes);
  const data = bytesAt(webauthn, 'authenticator_data');
  const message = Buffer.concat([data, sha256Bytes(clientBytes)]);
  return (
    textAt(client, 'type') === 'webauthn.get' &&
    textAt(client, 'challenge') === toBase64url(sha256Bytes(canonical)) &&
    at(client, 'crossOrigin') !== true &&
    bothFlags(data) &&
    verifies(key, message, bytesAt(webauthn, 'signature'))
  );
};

/** Reads and checks one member. */
export const readSignoff = (member: JsonValue): Signoff => {
  const context = at(member, 'signoff', 'context');
  const canonical = emiliaCanonical(context);
  const der = fromBase64(textAt(member, 'approver_public_key') ?? '');
  const key = der === undefined ? undefined : spkiKey(der);
  const webauthn = at(member, 'signoff', 'webauthn');
  const usable = key?.algorithm === 'P-256' && canonical !== undefined;
  return {
    role: textAt(member, 'role'),
    approver: textAt(context, 'approver'),
    initiator: textAt(context, 'initiator'),
    action: textAt(context, 'action_hash'),
    issuedAt: Date.parse(textAt(context, 'issued_at') ?? ''),
    previous: at(context, 'prev_context_hash'),
    contextHash: canonical === undefined ? undefined : sha256Hex(canonical),
    key,
    signed: usable && isAssertion(webauthn, canonical, key),
  };
};
