// Makes a portable receipt from a full read of a ledger: the action, and the way of every key in it up to the root.
import type { CommandId, JsonObject, JsonValue, Kid, PublicKeyEntry, Token } from '@writ/contracts';
import {
  importPublic,
  ledgerLeafHash,
  ledgerOrigin,
  noteKeyId,
  proveInclusion,
  sameHash,
} from '@writ/crypto';
import { beginAudit } from '../audit/audit.js';
import { runAudit } from '../audit/run.js';
import { BundleError } from '../bundle/bundle-error.js';
import { createMemoryTree, type MemoryTree } from '../bundle/memory-tree.js';
import { documentIn, type Readable } from '../bundle/survey.js';
import { prepareHere } from '../frames/preparer.js';
import type { StoredMessage } from '../message.js';
import { readSignedCheckpoint, type SignedCheckpoint } from '../seal/notes.js';
import { receiptText } from './receipt-format.js';
import { RECEIPT_PART } from './verify-receipt.js';

/** Which action, out of which ledger, under which checkpoint (a signed note). */
export type ReceiptOrder = {
  readonly org: Token;
  readonly messages: Readable;
  readonly intentId: CommandId;
  readonly checkpoint: string;
};

/** A message with its document. */
type Read = { readonly message: StoredMessage; readonly document: JsonObject };

type Surveyed = {
  readonly tree: MemoryTree;
  readonly registry: readonly Read[];
  readonly action: readonly Read[];
};

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const memberOf = (value: JsonValue | undefined, name: string): JsonValue | undefined =>
  isObject(value) ? value[name] : undefined;

const isAbout = (document: JsonObject, intentId: string): boolean => {
  const data = document['data'];
  const intent = memberOf(memberOf(memberOf(data, 'intent'), 'signed'), 'id');
  return (
    document['correlationid'] === intentId || memberOf(data, 'intentId') === intentId || intent === intentId
  );
};

const read = async ({ messages, intentId, org }: ReceiptOrder, size: number): Promise<Surveyed> => {
  const tree = createMemoryTree();
  const registry: Read[] = [];
  const action: Read[] = [];
  for await (const message of messages()) {
    if (message.seq > size) break;
    tree.append(ledgerLeafHash(message));
    const document = documentIn(message);
    if (document === undefined) continue;
    if (message.subject === `gov.ledger.registry.${org}`) registry.push({ message, document });
    else if (isAbout(document, intentId)) action.push({ message, document });
  }
  return { tree, registry, action };
};

/** The keys of all frames in a value: those that it embeds as `{ kid, sig, signed }`. */
const signersIn = (value: JsonValue | undefined, into: Set<Kid>): void => {
  if (typeof value !== 'object' || value === null) return;
  if (isObject(value) && typeof value['sig'] === 'string' && typeof value['kid'] === 'string')
    into.add(value['kid']);
  for (const member of Object.values(value)) signersIn(member as JsonValue, into);
};

/** The keys that a registry event certifies, or ends: an appointment may do both. */
const keysOf = ({ document: { data } }: Read): readonly JsonValue[] =>
  [
    memberOf(memberOf(data, 'key'), 'kid'),
    memberOf(memberOf(data, 'registrar'), 'kid'),
    memberOf(data, 'kid'),
    memberOf(data, 'revokes'),
  ].filter((kid) => kid !== undefined);

/** The registrars that an appointment names beside its own: it is judged by them. */
const registrarsBefore = ({ document: { data } }: Read): readonly Kid[] =>
  ['after', 'revokes'].map((name) => memberOf(data, name)).filter((kid) => typeof kid === 'string');

const isSealerOf = ({ document: { data } }: Read, { note, checkpoint }: SignedCheckpoint): boolean => {
  const key = memberOf(data, 'key');
  const x = memberOf(key, 'x');
  if (memberOf(key, 'role') !== 'sealer' || typeof x !== 'string') return false;
  const id = noteKeyId({ kind: 'log', name: checkpoint.origin, key: importPublic(x) });
  return note.signatures.some((signature) => signature.id === id);
};

/** The digests of the boundary and gate that the decision names. */
const documentsNamedBy = (action: readonly Read[]): ReadonlySet<JsonValue | undefined> =>
  new Set(
    action.flatMap(({ document: { data } }) => [
      memberOf(memberOf(data, 'boundary'), 'digest'),
      memberOf(memberOf(data, 'gate'), 'digest'),
    ]),
  );

/** The registry events that the action rests on: its documents, and the keys up to the genesis. */
const restsOn = ({ registry, action }: Surveyed, signed: SignedCheckpoint): readonly Read[] => {
  const named = documentsNamedBy(action);
  const kids = new Set<Kid>();
  for (const { document } of action) {
    kids.add(String(document['kid']));
    signersIn(document, kids);
  }
  const people = new Set<JsonValue | undefined>();
  const needed = new Set<Read>(registry.slice(0, 1));
  for (let before = -1; before !== needed.size; ) {
    before = needed.size;
    for (const event of registry) {
      const { data, kid } = event.document;
      const digest = memberOf(data, 'digest');
      const published = digest !== undefined && named.has(digest);
      const known =
        keysOf(event).some((kid) => kids.has(String(kid))) || people.has(memberOf(data, 'person') ?? null);
      if (!published && !known && !isSealerOf(event, signed)) continue;
      needed.add(event);
      kids.add(String(kid));
      // An appointment counts only after the one that it names.
      kids.add(String(memberOf(data, 'after') ?? kid));
      for (const other of registrarsBefore(event)) kids.add(other);
      const key = memberOf(data, 'key');
      if (memberOf(key, 'role') === 'person') people.add(memberOf(key, 'holder'));
    }
  }
  return [...needed];
};

const rootsIn = ({ document: { data } }: Read): readonly PublicKeyEntry[] => {
  const roots = memberOf(data, 'roots');
  return Array.isArray(roots) ? (roots as unknown as readonly PublicKeyEntry[]) : [];
};

async function* messagesOf(chosen: readonly Read[]): AsyncGenerator<StoredMessage, void, undefined> {
  for (const { message } of chosen) yield message;
}

/** Without the junk that a ledger may hold about an action, as a replay: a receipt with any is refused. */
const admittedOf = async (org: Token, genesis: Read, chosen: readonly Read[]): Promise<readonly Read[]> => {
  const audit = beginAudit({ org, roots: rootsIn(genesis), complete: true, part: RECEIPT_PART });
  const junk = new Set<number>();
  let before = 0;
  await runAudit(audit, messagesOf(chosen), prepareHere, ({ message }) => {
    if (audit.junk() > before) junk.add(message.seq);
    before = audit.junk();
  });
  return chosen.filter(({ message }) => !junk.has(message.seq));
};

/**
 * The text of a portable receipt. Reads the messages once; memory is 64 bytes a message. Throws BundleError when the ledger knows nothing
 * of the intent, or does not give the root of the checkpoint.
 */
export const makeReceipt = async (order: ReceiptOrder): Promise<string> => {
  const signed = readSignedCheckpoint(order.checkpoint);
  if (signed === undefined) throw new BundleError('the checkpoint is not a signed checkpoint');
  const { size, root, origin } = signed.checkpoint;
  const surveyed = await read(order, size);
  const { tree, action, registry } = surveyed;
  if (tree.size !== size || !sameHash(tree.root, root)) {
    throw new BundleError(`the ledger does not give the root of its checkpoint at ${size}`);
  }
  if (action.length === 0)
    throw new BundleError(`nothing up to ${size} is about the intent ${order.intentId}`);
  const [genesis] = registry;
  if (genesis === undefined || ledgerOrigin(order.org, genesis.message.bytes) !== origin) {
    throw new BundleError(`the checkpoint is of ${origin}`);
  }
  const related = [...restsOn(surveyed, signed), ...action].sort((a, b) => a.message.seq - b.message.seq);
  const chosen = await admittedOf(order.org, genesis, related);
  const messages = await Promise.all(
    chosen.map(async ({ message }) => ({
      ...message,
      proof: await proveInclusion(message.seq - 1, size, tree.nodes),
    })),
  );
  const { org, intentId, checkpoint } = order;
  return receiptText({ org, origin, intentId, checkpoint, messages });
};
