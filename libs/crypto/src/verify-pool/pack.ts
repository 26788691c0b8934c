// Packs signatures for a verifying thread into one buffer, which is then handed over and not copied.
import type { PublicKey } from '../keys.js';
import type { Chunk } from './thread.js';

/** A signature to be verified. */
export type Check = {
  readonly key: PublicKey;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
};

const SIGNATURE_BYTES = 64;

/** The chunk of at most 256 checks whose signatures have 64 bytes each. Copies; the checks may be reused. */
export const packChecks = (checks: readonly Check[]): Chunk => {
  const size = checks.reduce((sum, { message }) => sum + SIGNATURE_BYTES + message.length, 0);
  const [bytes, ends] = [new Uint8Array(size), new Uint32Array(checks.length)];
  const [which, keys] = [new Uint8Array(checks.length), [] as Chunk['keys'][number][]];
  let at = 0;
  for (const [i, { key, message, signature }] of checks.entries()) {
    const known = keys.indexOf(key.keyObject);
    which[i] = known === -1 ? keys.push(key.keyObject) - 1 : known;
    bytes.set(signature, at);
    bytes.set(message, at + SIGNATURE_BYTES);
    at += SIGNATURE_BYTES + message.length;
    ends[i] = at;
  }
  return { keys, which, ends, bytes };
};
