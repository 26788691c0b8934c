// Makes a bundle from a full read of a ledger. It opens no file; what it writes can be verified without believing it.
import {
  type BundleManifestData,
  type BundleQuery,
  type CommandId,
  livePayloadType,
  type Timestamp,
  type Token,
} from '@writ/contracts';
import {
  type Checkpoint,
  hashText,
  type JsonObject,
  ledgerOrigin,
  proveConsistency,
  proveInclusion,
  type SigningKey,
  sameHash,
  signFrameWith,
  spanHash,
} from '@writ/crypto';
import { exportLines } from '../export/write-export.js';
import type { StoredMessage } from '../message.js';
import { readSignedCheckpoint } from '../seal/notes.js';
import { BundleError } from './bundle-error.js';
import { type DisclosureLine, disclosureLine } from './disclosures.js';
import { erasedLine } from './erased-lists.js';
import { type PrivateValues, readVault } from './from-vault.js';
import { headsFile } from './heads-file.js';
import { manifestSubject } from './manifest.js';
import type { MemoryTree } from './memory-tree.js';
import { BundleFiles } from './names.js';
import { proofLine } from './proof-lines.js';
import { ask, type Question } from './query.js';
import { readmeText } from './readme.js';
import { showHeads } from './show-heads.js';
import type { FileSum } from './source.js';
import { createSums } from './sums.js';
import { type Readable, type Survey, survey } from './survey.js';

/** Where the files of a bundle go. A file is written once. */
export interface BundleSink {
  write(name: string, chunks: AsyncIterable<Uint8Array>): Promise<void>;
}

/**
 * What is exported, by whom. `checkpoint`: a signed note; only a full bundle may be without. `disclosures`: private values to put in;
 * `vault`: instead, what a vault still has of those that the messages commit to. `id` and `time` are the manifest's.
 */
export type BundleOrder = {
  readonly org: Token;
  readonly messages: Readable;
  readonly query: BundleQuery;
  readonly checkpoint?: string | undefined;
  readonly disclosures?: readonly DisclosureLine[] | undefined;
  readonly vault?: PrivateValues | undefined;
  readonly key: SigningKey;
  readonly id: CommandId;
  readonly time: Timestamp;
};

type Files = { [name: string]: FileSum };

type Making = {
  readonly order: BundleOrder;
  readonly sink: BundleSink;
  readonly survey: Survey;
  readonly checkpoint: Checkpoint | undefined;
  readonly files: Files;
};

const checkpointIn = ({ checkpoint, query }: BundleOrder): Checkpoint | undefined => {
  if (checkpoint === undefined) {
    if (query.kind === 'full') return undefined;
    throw new BundleError('a part of a ledger is shown by a checkpoint, and there is none');
  }
  const signed = readSignedCheckpoint(checkpoint);
  if (signed === undefined) throw new BundleError('the checkpoint is not a signed checkpoint');
  return signed.checkpoint;
};

const questionOf = (
  { org, query }: BundleOrder,
  checkpoint: Checkpoint | undefined,
): Question | undefined => {
  if (query.kind === 'full' || checkpoint === undefined) return undefined;
  const { size, root } = checkpoint;
  if (query.kind === 'range' && (query.to > size || query.from > query.to)) {
    throw new BundleError(`the checkpoint is of ${size} messages: no range ${query.from} to ${query.to}`);
  }
  return ask(query, { org, size, root });
};

const save = async (
  { sink, files }: Pick<Making, 'sink' | 'files'>,
  name: string,
  lines: AsyncIterable<string> | Iterable<string>,
): Promise<void> => {
  const sums = createSums(lines);
  await sink.write(name, sums.chunks);
  files[name] = sums.sum();
};

async function* withLineFeeds(lines: AsyncIterable<string>): AsyncGenerator<string, void, undefined> {
  for await (const line of lines) yield `${line}\n`;
}

async function* selectedOf({
  order,
  survey: { selected },
}: Making): AsyncGenerator<StoredMessage, void, undefined> {
  let next = 0;
  for await (const message of order.messages()) {
    if (next >= selected.length) return;
    if (message.seq !== selected[next]) continue;
    next += 1;
    yield message;
  }
}

const saveMessages = async (making: Making): Promise<void> => {
  const { selected } = making.survey;
  const header = {
    org: making.order.org,
    from: selected[0] ?? 0,
    to: selected.at(-1) ?? 0,
    messages: selected.length,
  };
  await save(making, BundleFiles.messages, withLineFeeds(exportLines(selectedOf(making), header)));
};

/** The full subtrees of the first `size` leaves, the largest first. */
const frontierOf = async (size: number, { nodes }: MemoryTree) => {
  const hashes = [];
  let begin = 0;
  for (let length = 2 ** Math.floor(Math.log2(Math.max(size, 1))); length >= 1 && begin < size; length /= 2) {
    if (begin + length > size) continue;
    hashes.push(await spanHash({ begin, end: begin + length }, nodes));
    begin += length;
  }
  return { size, hashes };
};

async function* proofsOf({ order: { query }, survey: { tree, selected } }: Making): AsyncGenerator<string> {
  const { size, nodes } = tree;
  const range = query.kind === 'range' ? query : undefined;
  if (range !== undefined) {
    const { from, to } = range;
    yield `${proofLine({ kind: 'frontier', ...(await frontierOf(from - 1, tree)) })}\n`;
    const hashes = await proveConsistency(to, size, nodes);
    yield `${proofLine({ kind: 'consistency', from: to, to: size, hashes })}\n`;
  }
  for (const seq of selected) {
    if (range !== undefined && seq >= range.from && seq <= range.to) continue;
    yield `${proofLine({ kind: 'inclusion', seq, hashes: await proveInclusion(seq - 1, size, nodes) })}\n`;
  }
}

const saveShown = async (making: Making, question: Question): Promise<void> => {
  await save(making, BundleFiles.proofs, proofsOf(making));
  const shown = await showHeads(making.survey.heads.all(), question.heads);
  await save(making, BundleFiles.heads, [headsFile(shown)]);
};

const saveDisclosures = async (making: Making): Promise<void> => {
  const { disclosures, vault } = making.order;
  if (vault !== undefined) return saveFromVault(making, vault);
  if (disclosures === undefined) return;
  const here = new Set(making.survey.selected);
  const lines = disclosures.filter(({ seq }) => here.has(seq)).map((line) => `${disclosureLine(line)}\n`);
  await save(making, BundleFiles.disclosures, lines);
};

const saveFromVault = async (making: Making, vault: PrivateValues): Promise<void> => {
  const reading = readVault(vault, making.order.org);
  const lines = reading.disclosures(selectedOf(making));
  await save(making, BundleFiles.disclosures, withLineFeeds(lines));
  const lists = (await reading.lists()).map((list) => `${erasedLine(list)}\n`);
  if (lists.length > 0) await save(making, BundleFiles.erased, lists);
};

const checkTree = ({ survey: { tree, genesis }, checkpoint, order }: Making): string => {
  const origin = genesis === undefined ? undefined : ledgerOrigin(order.org, genesis);
  if (origin === undefined) throw new BundleError('the ledger has no genesis');
  if (checkpoint === undefined || order.query.kind === 'full') return origin;
  if (checkpoint.origin !== origin)
    throw new BundleError(`the checkpoint is of ${checkpoint.origin}, not ${origin}`);
  if (checkpoint.size !== tree.size || !sameHash(checkpoint.root, tree.root)) {
    throw new BundleError(`the ledger does not give the root of its checkpoint at ${checkpoint.size}`);
  }
  return origin;
};

const dataOf = ({ order, survey: { selected }, checkpoint }: Making, origin: string) => ({
  bundle: order.query.kind,
  org: order.org,
  origin,
  query: order.query,
  counts: { messages: selected.length },
  checkpoint: checkpoint === undefined ? null : { size: checkpoint.size, root: hashText(checkpoint.root) },
  by: { kid: order.key.kid, x: order.key.x },
});

const saveManifest = async (making: Making, data: BundleManifestData): Promise<void> => {
  const { key, id, time, org } = making.order;
  const document = {
    type: 'writ.bundle-manifest.v1',
    id,
    kid: key.kid,
    subject: manifestSubject(org),
    time,
    data,
  };
  const frame = await signFrameWith(
    livePayloadType('bundle-manifest'),
    document as unknown as JsonObject,
    key,
  );
  async function* chunks() {
    yield frame;
  }
  await making.sink.write(BundleFiles.manifest, chunks());
};

/**
 * Makes a bundle. Reads the messages two or three times; memory is 64 bytes a message. Throws BundleError when the ledger does not
 * give what is asked for; what was written by then is no bundle.
 */
export const makeBundle = async (order: BundleOrder, sink: BundleSink): Promise<BundleManifestData> => {
  const checkpoint = checkpointIn(order);
  const question = questionOf(order, checkpoint);
  const size = question === undefined ? undefined : checkpoint?.size;
  const surveyed = await survey(order.messages, size, question);
  const making: Making = { order, sink, survey: surveyed, checkpoint, files: {} };
  const data = dataOf(making, checkTree(making));
  await saveMessages(making);
  if (order.checkpoint !== undefined) await save(making, BundleFiles.checkpoint, [order.checkpoint]);
  if (question !== undefined) await saveShown(making, question);
  await saveDisclosures(making);
  await save(making, BundleFiles.readme, [readmeText(data)]);
  const manifest: BundleManifestData = { ...data, files: making.files };
  await saveManifest(making, manifest);
  return manifest;
};
