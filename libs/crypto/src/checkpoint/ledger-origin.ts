// The name of one ledger for ever: made of its first message, so that no other ledger can bear it. Verifies nothing.
import { LEDGER_PAYLOAD_TYPE, type Token } from '@writ/contracts';
import { digestOf } from '../digest.js';
import { readFrame } from '../frame.js';

/** `writ/<org>/<digest of the genesis document>`; `undefined` for bytes that are no frame (ADR 0008). */
export const ledgerOrigin = (org: Token, genesis: Uint8Array): string | undefined => {
  const read = readFrame(genesis);
  return read.ok ? `writ/${org}/${digestOf(LEDGER_PAYLOAD_TYPE, read.frame.document)}` : undefined;
};
