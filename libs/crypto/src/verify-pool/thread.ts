// What a verifying thread runs: its whole program is this one function, so that it is found wherever the package is.
import type { KeyObject } from 'node:crypto';
import type { MessagePort } from 'node:worker_threads';

/**
 * Signatures to be verified, packed: `bytes` holds 64 bytes of signature and the message for each, `ends` where each ends, `which`
 * its key among `keys`.
 */
export type Chunk = {
  readonly keys: readonly KeyObject[];
  readonly which: Uint8Array;
  readonly ends: Uint32Array;
  readonly bytes: Uint8Array;
};

// Refers to nothing outside of itself: the thread gets its text.
const serve = (crypto: typeof import('node:crypto'), port: MessagePort): void => {
  port.on('message', ({ keys, which, ends, bytes }: Chunk) => {
    const valid = new Uint8Array(which.length);
    let at = 0;
    for (let i = 0; i < which.length; i++) {
      const key = keys[which[i] as number] as KeyObject;
      const end = ends[i] as number;
      if (crypto.verify(null, bytes.subarray(at + 64, end), key, bytes.subarray(at, at + 64))) valid[i] = 1;
      at = end;
    }
    port.postMessage(valid);
  });
};

/** The program of a verifying thread: each `Chunk` is answered, in order, with a byte per signature; 1 is valid. */
export const threadProgram = `(${serve})(require('node:crypto'), require('node:worker_threads').parentPort)`;
