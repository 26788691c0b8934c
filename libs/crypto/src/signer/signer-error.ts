// Why nothing was signed. Never carries what a signer said: that may hold secrets.
import type { Kid } from '@writ/contracts';
import type { CryptoCode } from '../codes.js';

const REASONS = {
  'WRIT-KEY-010': 'the signer does not run',
  'WRIT-KEY-011': 'the signer did not answer in time',
  'WRIT-KEY-012': 'the signer refused',
  'WRIT-KEY-013': 'the signer gave a signature that is not of this key',
  'WRIT-KEY-014': 'the private key is held by a signer',
} as const satisfies { readonly [code in CryptoCode]?: string };

export type SignerCode = keyof typeof REASONS;

/** A signature that was not made: WRIT-KEY-010 to -013, or -014 where a private key was needed. Fail closed. */
export class SignerError extends Error {
  override readonly name = 'SignerError';
  constructor(
    readonly code: SignerCode,
    readonly kid: Kid,
  ) {
    super(`${REASONS[code]} (${kid})`);
  }
}
