// A public key of somebody else, and whether it verifies. Never holds a private half.
import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { importPublic, KeyError, type PublicKey, toBase64url, verifyStrict } from '@writ/crypto';
import { sha256Bytes } from '../bytes.js';

type Named = {
  /** The name under which receipts name the key; a key without one is tried on every receipt. */
  readonly id?: string;
  readonly revoked: boolean;
  /** base64url SHA-256 of the key's SubjectPublicKeyInfo. */
  readonly fingerprint: string;
};

/** A public key: Ed25519 (RFC 8032) or ECDSA on P-256 with SHA-256. Made by `readForeignKeys`. */
export type ForeignKey = Named &
  (
    | { readonly algorithm: 'Ed25519'; readonly key: PublicKey }
    | { readonly algorithm: 'P-256'; readonly key: KeyObject }
  );

/** The fixed head of an Ed25519 SubjectPublicKeyInfo (RFC 8410 §4); the 32 bytes follow. */
const ED25519_SPKI = Buffer.from('302a300506032b6570032100', 'hex');

const fingerprintOf = (key: KeyObject): string =>
  toBase64url(sha256Bytes(key.export({ type: 'spki', format: 'der' })));

const named = (key: KeyObject, id: string | undefined, revoked: boolean): Named => ({
  ...(id === undefined ? {} : { id }),
  revoked,
  fingerprint: fingerprintOf(key),
});

/** The Ed25519 key of 32 bytes; `undefined` when they are none (also a point of small order). */
export const ed25519Key = (raw: Uint8Array, id?: string, revoked = false): ForeignKey | undefined => {
  if (raw.length !== 32) return undefined;
  try {
    const key = importPublic(toBase64url(raw));
    return { algorithm: 'Ed25519', key, ...named(key.keyObject, id, revoked) };
  } catch (error) {
    if (error instanceof KeyError) return undefined;
    throw error;
  }
};

const ofKeyObject = (key: KeyObject, id: string | undefined, revoked: boolean): ForeignKey | undefined => {
  if (key.asymmetricKeyType === 'ed25519') {
    const der = key.export({ type: 'spki', format: 'der' });
    return ed25519Key(der.subarray(ED25519_SPKI.length), id, revoked);
  }
  const curve = key.asymmetricKeyDetails?.namedCurve;
  if (key.asymmetricKeyType !== 'ec' || curve !== 'prime256v1') return undefined;
  return { algorithm: 'P-256', key, ...named(key, id, revoked) };
};

type KeyInput = Parameters<typeof createPublicKey>[0];

/** The key that node:crypto reads from a JWK, SPKI or PEM; `undefined` when it is none of the two algorithms. */
export const importedKey = (input: KeyInput, id?: string, revoked = false): ForeignKey | undefined => {
  try {
    return ofKeyObject(createPublicKey(input), id, revoked);
  } catch {
    return undefined; // node:crypto throws for any input that is no key
  }
};

/** The key of a DER SubjectPublicKeyInfo. */
export const spkiKey = (der: Uint8Array, id?: string): ForeignKey | undefined =>
  importedKey({ key: Buffer.from(der), format: 'der', type: 'spki' }, id);

/** Whether a signature verifies: Ed25519 strictly (canonical S, no small order), P-256 over SHA-256 with a DER signature. */
export const verifies = (key: ForeignKey, message: Uint8Array, signature: Uint8Array): boolean => {
  if (key.algorithm === 'Ed25519') return verifyStrict(key.key, message, signature);
  try {
    return verify('sha256', message, key.key, signature);
  } catch {
    return false; // a signature that is not DER
  }
};
