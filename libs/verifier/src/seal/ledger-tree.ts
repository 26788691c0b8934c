// The tree of a ledger that is read from its beginning, as checkpoints are judged against it.
import { ledgerOrigin } from '@writ/crypto';
import type { Prepared } from '../frames/prepare.js';
import { readSignedCheckpoint } from './notes.js';
import type { KnownTree, SealInput } from './seal.js';
import { type WatchedTree, watchTree } from './tree.js';

const sizeOf = (note: string): number | undefined => readSignedCheckpoint(note)?.checkpoint.size;

/** Watches the tree at the sizes that the checkpoints name. */
export const watchFor = ({ checkpoint, outside = [] }: SealInput): WatchedTree => {
  const notes = checkpoint === undefined ? outside : [checkpoint, ...outside];
  return watchTree(notes.map(sizeOf).filter((size) => size !== undefined));
};

/** What is known after all messages of a whole ledger. */
export const knownTree = (watched: WatchedTree, origin: string | undefined): KnownTree => ({
  origin,
  size: watched.size,
  at: watched.at,
  headsShown: false,
});

/** What a prepared message adds to the tree. */
export const leafOf = ({ message, agent, leaf }: Prepared) => ({
  seq: message.seq,
  subject: message.subject,
  time: message.time,
  agent,
  leaf,
});

/** The origin when this is the first message of a ledger and its signature holds. */
export const originIn = (org: string, { message, opened }: Prepared): string | undefined =>
  message.seq === 1 && opened.ok ? ledgerOrigin(org, message.bytes) : undefined;
