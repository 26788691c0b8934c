// What must hold before the sealer signs anything: its memories agree with each other, and the ledger is still the one that it sealed.
import { hashText, ledgerOrigin, sameHash, type TreeHash } from '@writ/crypto';
import type { Ledger, StoredMessage } from '@writ/ledger';
import { type KeptSeals, RuntimeFault, type SealReader } from '@writ/runtime';
import { judgeKept } from './kept-state.js';
import { isStillThere, type Mark, markMessage, messageAt } from './mark.js';
import type { SignedCheckpoint } from './notes.js';
import { openSealTree, type SealTree } from './seal-tree.js';

/**
 * What the sealer remembers. `signed`: the last note in Postgres, in its file, in GOV_CHECKPOINTS, those that there are. The ledger must
 * give every one of them again; only what `isOurs` makes the state in Postgres one to go on from.
 */
export type Memories = {
  readonly kept: KeptSeals;
  readonly signed: readonly SignedCheckpoint[];
  /** Whether a note is in the sealer's own file, or under its key: not for whoever can write to Postgres to make. */
  readonly isOurs: (signed: SignedCheckpoint) => boolean;
};

export type OpeningParts = {
  readonly origin: string;
  readonly org: string;
  readonly registrySubject: string;
  readonly ledger: Ledger;
  readonly reader: SealReader;
};

/**
 * `last`: the largest checkpoint ever signed. `ahead`: those beyond the tree, smallest first; nothing may be signed before the ledger
 * has given the same texts again.
 */
export type Opened = {
  readonly last: SignedCheckpoint | undefined;
  readonly ahead: readonly SignedCheckpoint[];
  readonly mark: Mark | undefined;
  /** The first message: it goes first when a stream is cut at its beginning. */
  readonly first: Mark | undefined;
};

/**
 * Where the sealer goes on. `misfit`: the state in Postgres is not what was signed last (or there is none); it must be thrown away, and
 * the tree is empty.
 */
export type Opening = {
  readonly opened: Opened;
  readonly tree: SealTree;
  readonly misfit: string | undefined;
};

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

const assertLongEnough = async ({ ledger }: OpeningParts, size: number): Promise<number> => {
  const end = await ledger.end();
  if (end < size) throw new RuntimeFault('WRIT-SEA-003', `it ends at ${end}, ${size} was sealed`);
  return end;
};

const assertPrefix = async ({ reader }: OpeningParts, { checkpoint }: SignedCheckpoint): Promise<void> => {
  const root = await reader.root(checkpoint.size);
  if (!sameHash(root, checkpoint.root))
    throw new RuntimeFault('WRIT-SEA-002', differs(checkpoint.size, checkpoint.root, root));
};

/** The words of a refusal: two roots of one size. */
export const differs = (size: number, signed: TreeHash, found: TreeHash): string =>
  `at size ${size} root ${hashText(signed)} was signed, the ledger gives ${hashText(found)}`;

const assertLedger = async (parts: OpeningParts, size: number): Promise<Mark | undefined> => {
  const end = await assertLongEnough(parts, size);
  if (end === 0) return undefined;
  const genesis = await messageAt(parts.ledger, parts.registrySubject, 1);
  assertGenesis(parts.org, parts.origin, genesis);
  return markMessage(genesis as StoredMessage);
};

const assertMark = async ({ ledger }: OpeningParts, mark: Mark): Promise<void> => {
  if (await isStillThere(ledger, mark)) return;
  throw new RuntimeFault('WRIT-SEA-002', `message ${mark.seq} is another than was sealed`);
};

/**
 * Judges. RuntimeFault WRIT-SEA-002, -003 or -006 when something is not as it was. A state in Postgres that is not to the letter what was
 * signed last is no refusal: the ledger is asked instead of it, from the first message on.
 */
export const openSeals = async (parts: OpeningParts, memories: Memories): Promise<Opening> => {
  const { kept, isOurs } = memories;
  assertOrigins(parts.origin, memories);
  const signed = memories.signed.toSorted((a, b) => a.checkpoint.size - b.checkpoint.size);
  const last = signed.at(-1);
  const size = last?.checkpoint.size ?? 0;
  const first = await assertLedger(parts, Math.max(size, kept.state?.range.size ?? 0));
  const largest = signed.filter(({ checkpoint }) => checkpoint.size === size);
  const judged = await judgeKept(parts.reader, kept, largest.some(isOurs) ? largest : []);
  if ('misfit' in judged) {
    const opened = { last, ahead: signed, mark: undefined, first };
    return { opened, tree: openSealTree(parts.origin), misfit: judged.misfit };
  }
  const { tree, mark } = judged;
  await assertMark(parts, mark);
  for (const note of signed) await assertPrefix(parts, note);
  return { opened: { last, ahead: [], mark, first }, tree, misfit: undefined };
};
