// What a leaf of the ledger's tree says about a message: its place, the server's time, its subject and its exact bytes.
import { sha256 } from '../digest.js';
import { leafHash, type TreeHash } from './hash.js';

/** A stored message, junk included. `time` is the server's, RFC 3339 UTC milliseconds. */
export type LeafMessage = {
  readonly seq: number;
  readonly subject: string;
  readonly time: string;
  readonly bytes: Uint8Array;
};

/** The leaf as text: four lines. The exact bytes hold digest and signature; a subject has no line feed (ADR 0008). */
export const ledgerLeaf = ({ seq, time, subject, bytes }: LeafMessage): string =>
  `${seq}\n${time}\n${subject}\n${sha256(bytes)}\n`;

/** The hash of a message's leaf: leaf `seq - 1` of the tree. */
export const ledgerLeafHash = (message: LeafMessage): TreeHash => leafHash(ledgerLeaf(message));
