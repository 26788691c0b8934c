// The port of whoever holds a private key: in this process, or elsewhere. Says nothing about where that is.
import type { Kid } from '@writ/contracts';
import { importPublic, type KeyPair } from '../keys.js';
import { signBytesAsync, verifyStrict } from '../strict.js';
import { SignerError } from './signer-error.js';

/**
 * A key that signs, wherever its private half is. `sign` gives the 64 bytes over exactly the bytes given (the DSSE encoding of a
 * document); what it gives is verified before it is used. `close` ends what it runs; it may be used again afterwards.
 */
export interface Signer {
  readonly kid: Kid;
  /** The public key: 32 bytes, unpadded base64url. */
  readonly x: string;
  sign(bytes: Uint8Array): Promise<Uint8Array> | Uint8Array;
  close?(): Promise<void>;
}

/** What signs a document: a key pair in this process, or a signer. */
export type SigningKey = KeyPair | Signer;

/** Whether the private half is in this process. */
export const isKeyPair = (key: SigningKey): key is KeyPair => 'privateKey' in key;

const checked = (key: Signer, bytes: Uint8Array, signature: Uint8Array): Uint8Array => {
  if (verifyStrict(importPublic(key.x), bytes, signature)) return signature;
  throw new SignerError('WRIT-KEY-013', key.kid);
};

/**
 * The signature of a signing key, verified where it was not made here. In this process it is made on a thread of the pool. Rejects
 * with SignerError: then nothing was signed.
 */
export const signWith = async (key: SigningKey, bytes: Uint8Array): Promise<Uint8Array> =>
  isKeyPair(key) ? signBytesAsync(key, bytes) : checked(key, bytes, await key.sign(bytes));
