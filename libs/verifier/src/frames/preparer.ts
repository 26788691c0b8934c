// Prepares messages ahead of their turn, on the threads of the process. The order stays; what waits is bounded.
import type { StoredMessage } from '../message.js';
import { ahead } from './ahead.js';
import type { FindPublicKey } from './open-live.js';
import { type Prepared, prepare } from './prepare.js';

/** Prepares messages with the keys that are known by then, and yields them in order. */
export type Preparer = (
  messages: AsyncIterable<StoredMessage>,
  find: FindPublicKey,
) => AsyncIterable<Prepared>;

/** Messages whose signatures are verified ahead of their turn. */
const WINDOW = 128;

/** Without any worker: signatures on the threads of node:crypto, everything else here. */
export const prepareHere: Preparer = (messages, find) =>
  ahead(messages, (message) => prepare(message, find), WINDOW);
