// Verification where there is no node:crypto, and the independent cross-check in conformance tests. A hundred times slower.
import nacl from 'tweetnacl';
import { precheck } from './precheck.js';

/**
 * Whether the signature is strictly valid, by tweetnacl behind the same pre-check as `verifyStrict` (alone it accepts S + L).
 * `publicKey` is 32 bytes, `signature` 64; any other length is `false`. Agrees with `verifyStrict` on every public vector.
 */
export const verifyTweetnacl = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean =>
  precheck(signature, publicKey) === undefined && nacl.sign.detached.verify(message, signature, publicKey);
