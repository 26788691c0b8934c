// The program of a preparing thread: chunks in, answers out. It has no state but the keys that it was told.
import { parentPort } from 'node:worker_threads';
import type { Kid } from '@writ/contracts';
import type { PublicKey } from '@writ/crypto';
import { type Chunk, prepareChunk } from './chunk.js';

const known = new Map<Kid, PublicKey>();

parentPort?.on('message', async (chunk: Chunk) => {
  parentPort?.postMessage(await prepareChunk(chunk, known));
});
