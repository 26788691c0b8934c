// The codes of this package that @writ/contracts does not list. Same shape as its `Codes`; a code is never reused.
import type { Code } from '@writ/contracts';

/** Codes about keys and key files, beside WRIT-CFG-002 (no such file) and WRIT-CFG-003 (others may read it). */
export const KeyCodes = {
  'WRIT-KEY-001': {
    title: 'the key file does not hold a private Ed25519 key',
    next: 'restore it from its backup, or rotate to a new key',
  },
  'WRIT-KEY-002': {
    title: 'a key file stands there already',
    next: 'move it away or choose another name; a key is never overwritten',
  },
  'WRIT-KEY-003': {
    title: 'the public key is not valid',
    next: 'send the 32 bytes of an Ed25519 public key as 43 characters of base64url',
  },
} as const;

/** Every code that this package gives. */
export type CryptoCode = Code | keyof typeof KeyCodes;
