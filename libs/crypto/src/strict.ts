// Strict Ed25519: one pre-check before any library, so that the verdict does not depend on the library (ADR 0002).
import { sign, verify } from 'node:crypto';
import nacl from 'tweetnacl';
import type { KeyPair, PublicKey } from './keys.js';

// RFC 8032 §5.1: the order of the base point, little-endian.
const ORDER = Buffer.from('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010', 'hex');

// The y coordinates of the points of small order, canonical and not; each with both signs makes 14 encodings.
const SMALL_ORDER_Y = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
].map((hex) => Buffer.from(hex, 'hex'));

const sameY = (point: Uint8Array, y: Uint8Array): boolean => {
  for (let i = 0; i < 31; i++) if (point[i] !== y[i]) return false;
  return ((point[31] as number) & 0x7f) === y[31];
};

/** Whether 32 bytes are one of the 14 encodings of a point of small order. */
export const isSmallOrder = (point: Uint8Array): boolean => SMALL_ORDER_Y.some((y) => sameY(point, y));

const belowOrder = (s: Uint8Array): boolean => {
  for (let i = 31; i >= 0; i--) {
    const a = s[i] as number;
    const b = ORDER[i] as number;
    if (a !== b) return a < b;
  }
  return false;
};

export type PrecheckFailure =
  | 'signature-length'
  | 'key-length'
  | 's-not-reduced'
  | 'small-order-r'
  | 'small-order-a';

/** The pre-check: a failure, or undefined. Public data only, so it need not be constant-time. */
export const precheck = (signature: Uint8Array, publicKey: Uint8Array): PrecheckFailure | undefined => {
  if (signature.length !== 64) return 'signature-length';
  if (publicKey.length !== 32) return 'key-length';
  if (!belowOrder(signature.subarray(32))) return 's-not-reduced';
  if (isSmallOrder(signature.subarray(0, 32))) return 'small-order-r';
  return isSmallOrder(publicKey) ? 'small-order-a' : undefined;
};

/** Verifies with node:crypto behind the pre-check. Never throws. */
export const verifyStrict = (key: PublicKey, message: Uint8Array, signature: Uint8Array): boolean =>
  precheck(signature, key.raw) === undefined && verify(null, message, key.keyObject, signature);

/** The same in the thread pool: the way to use every core. */
export const verifyStrictAsync = (
  key: PublicKey,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> =>
  precheck(signature, key.raw) !== undefined
    ? Promise.resolve(false)
    : new Promise((resolve) =>
        verify(null, message, key.keyObject, signature, (error, ok) => resolve(error === null && ok)),
      );

/** Verifies with tweetnacl behind the same pre-check: for runtimes without node:crypto, and as a second opinion. */
export const verifyTweetnacl = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean =>
  precheck(signature, publicKey) === undefined && nacl.sign.detached.verify(message, signature, publicKey);

/** Signs with node:crypto. */
export const signBytes = (key: KeyPair, message: Uint8Array): Uint8Array =>
  sign(null, message, key.privateKey);

/** The same in the thread pool. */
export const signBytesAsync = (key: KeyPair, message: Uint8Array): Promise<Uint8Array> =>
  new Promise((resolve, reject) =>
    sign(null, message, key.privateKey, (error, signature) => (error ? reject(error) : resolve(signature))),
  );
