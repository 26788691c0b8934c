// What must hold before the sealer signs anything: its memories agree with each other, and the ledger is still the one that it sealed.
import { hashText, ledgerLeafHash, ledgerOrigin, rootOf, sameHash, type TreeHash } from '@writ/crypto';
import type { Ledger, StoredMessage } from '@writ/ledger';
import { type KeptSeals, RuntimeFault, type SealReader, type SealState } from '@writ/runtime';
import type { SignedCheckpoint } from './notes.js';

/** The place and leaf of a message that was sealed: as long as it is still there, the ledger is the same one. */
export type Mark = { readonly seq: number; readonly subject: string; readonly leaf: TreeHash };

/** What the sealer remembers. `signed`: the last note in Postgres, in its file, in GOV_CHECKPOINTS, those that there are. */
export type Memories = {
  readonly kept: KeptSeals;
  readonly signed: readonly SignedCheckpoint[];
};

export type OpeningParts = {
  readonly origin: string;
  readonly org: string;
  readonly registrySubject: string;
  readonly ledger: Ledger;
  readonly reader: SealReader;
};

/**
 * `last`: the largest checkpoint ever signed. `ahead`: those beyond the kept state, smallest first; nothing may be signed before the
 * ledger has given the same trees again.
 */
export type Opened = {
  readonly last: SignedCheckpoint | undefined;
  readonly ahead: readonly SignedCheckpoint[];
  readonly mark: Mark | undefined;
  /** The first message: it goes first when a stream is cut at its beginning. */
  readonly first: Mark | undefined;
  /** A tree that was committed and not signed: the process died in between. */
  readonly unsigned: SealState | undefined;
};

const messageAt = async (
  ledger: Ledger,
  subject: string,
  seq: number,
): Promise<StoredMessage | undefined> => {
  for await (const message of ledger.load(subject, seq - 1)) return message.seq === seq ? message : undefined;
  return undefined;
};

/** Whether the ledger still holds the marked message. Rejects when nobody answers. */
export const isStillThere = async (ledger: Ledger, { seq, subject, leaf }: Mark): Promise<boolean> => {
  const message = await messageAt(ledger, subject, seq);
  return message !== undefined && sameHash(ledgerLeafHash(message), leaf);
};

/** A message as a mark. */
export const markMessage = (message: StoredMessage): Mark => ({
  seq: message.seq,
  subject: message.subject,
  leaf: ledgerLeafHash(message),
});

/** Whether the first message is the pinned genesis. */
export const assertGenesis = (org: string, origin: string, first: StoredMessage | undefined): void => {
  const found = first === undefined ? undefined : ledgerOrigin(org, first.bytes);
  if (found !== origin)
    throw new RuntimeFault('WRIT-SEA-006', `the ledger's is ${found ?? 'none'}, ${origin} is pinned`);
};

const assertOrigins = (origin: string, { kept, signed }: Memories): void => {
  const origins = [kept.state?.origin ?? origin, ...signed.map(({ checkpoint }) => checkpoint.origin)];
  const other = origins.find((one) => one !== origin);
  if (other !== undefined) throw new RuntimeFault('WRIT-SEA-006', `${other} was sealed here before`);
};

const assertState = async ({ reader }: OpeningParts, { state }: KeptSeals): Promise<void> => {
  if (state === undefined) return;
  const { range } = state;
  const fromTiles = await reader.root(range.size).catch(() => undefined);
  if (fromTiles === undefined || !sameHash(fromTiles, rootOf(range)))
    throw new RuntimeFault('WRIT-SEA-005', `the tiles of size ${range.size} give another root`);
};

const assertLongEnough = async ({ ledger }: OpeningParts, size: number): Promise<number> => {
  const end = await ledger.end();
  if (end < size) throw new RuntimeFault('WRIT-SEA-003', `it ends at ${end}, ${size} was sealed`);
  return end;
};

const markOf = async ({ ledger, reader }: OpeningParts, { state }: KeptSeals): Promise<Mark | undefined> => {
  if (state === undefined) return undefined;
  const seq = state.range.size;
  const mark = { seq, subject: state.subject, leaf: await reader.leaf(seq) };
  if (await isStillThere(ledger, mark)) return mark;
  throw new RuntimeFault('WRIT-SEA-002', `message ${seq} is another than was sealed`);
};

const assertPrefix = async ({ reader }: OpeningParts, { checkpoint }: SignedCheckpoint): Promise<void> => {
  const root = await reader.root(checkpoint.size);
  if (!sameHash(root, checkpoint.root))
    throw new RuntimeFault('WRIT-SEA-002', differs(checkpoint.size, checkpoint.root, root));
};

/** The words of a refusal: two roots of one size. */
export const differs = (size: number, signed: TreeHash, found: TreeHash): string =>
  `at size ${size} root ${hashText(signed)} was signed, the ledger gives ${hashText(found)}`;

/** Judges. RuntimeFault WRIT-SEA-002, -003, -005 or -006 when something is not as it was. */
export const openSeals = async (parts: OpeningParts, memories: Memories): Promise<Opened> => {
  const { kept, signed } = memories;
  assertOrigins(parts.origin, memories);
  await assertState(parts, kept);
  const bySize = signed.toSorted((a, b) => a.checkpoint.size - b.checkpoint.size);
  const last = bySize.at(-1);
  const size = kept.state?.range.size ?? 0;
  const end = await assertLongEnough(parts, Math.max(size, last?.checkpoint.size ?? 0));
  const genesis = end > 0 ? await messageAt(parts.ledger, parts.registrySubject, 1) : undefined;
  if (end > 0) assertGenesis(parts.org, parts.origin, genesis);
  const first = genesis === undefined ? undefined : markMessage(genesis);
  const mark = await markOf(parts, kept);
  for (const note of bySize) if (note.checkpoint.size <= size) await assertPrefix(parts, note);
  const ahead = bySize.filter(({ checkpoint }) => checkpoint.size > size);
  const unsigned = (last?.checkpoint.size ?? 0) < size ? kept.state : undefined;
  return { last, ahead, mark, first, unsigned };
};
