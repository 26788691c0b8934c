// Everything about one message that does not depend on its place: signatures, canonical forms, schemas. Judges nothing.
import {
  type AgentScope,
  DocumentLimits,
  type JsonObject,
  type Kid,
  LEDGER_PAYLOAD_TYPE,
  type ParsedEvent,
  parseLedgerDocument,
} from '@writ/contracts';
import {
  agentNamedIn,
  FRAME_OFFSETS,
  importPublic,
  introducedKey,
  ledgerLeafHash,
  messageAgent,
  type PublicKey,
  readFrame,
  readVerified,
  type TreeHash,
  verifyFrameAsync,
  verifyStrictAsync,
} from '@writ/crypto';
import type { StoredMessage } from '../message.js';
import { embeddedIn } from './embedded.js';
import { type FindPublicKey, type OpenedLive, openLive } from './open-live.js';

/** The frame of a message as far as it could be opened. `kid` is what an unopened frame names. */
export type OpenedFrame =
  | { readonly ok: true; readonly document: JsonObject; readonly digest: string; readonly kid: Kid }
  | {
      readonly ok: false;
      readonly code: string;
      readonly reason: string;
      readonly kid: Kid | undefined;
    };

/** A message with its signatures verified. `again`: a key was not known yet; prepare it anew when it is its turn. */
export type Prepared = {
  readonly message: StoredMessage;
  readonly opened: OpenedFrame;
  readonly parsed: ParsedEvent | undefined;
  readonly embedded: ReadonlyMap<string, OpenedLive>;
  readonly again: boolean;
  /** The hash of its leaf in the ledger's tree, and the agent that it names for the heads. */
  readonly leaf: TreeHash;
  readonly agent: AgentScope | undefined;
};

/** Where signatures are verified: on the threads of node:crypto, or others. */
export type VerifySignature = typeof verifyStrictAsync;

/** As far as the end of the key id. */
const HEAD = FRAME_OFFSETS.kid + 43;

const nothingEmbedded: ReadonlyMap<string, OpenedLive> = new Map();

/** The key id at the beginning of what is, or once was, a frame. */
const kidNamedBy = (bytes: Uint8Array): Kid | undefined => {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, HEAD)).toString('latin1');
  return head.startsWith('{"kid":"') && head.length === HEAD ? head.slice(FRAME_OFFSETS.kid) : undefined;
};

/** The key that a frame brings along: that of an appointed registrar. Whether it counts is for admission. */
const broughtAlong = (bytes: Uint8Array, kid: Kid): PublicKey | undefined => {
  const read = readFrame(bytes);
  const entry = read.ok ? introducedKey(read.frame.document) : undefined;
  if (entry?.kid !== kid) return undefined;
  try {
    return importPublic(entry.x);
  } catch {
    return undefined;
  }
};

const openOuter = async (
  bytes: Uint8Array,
  find: FindPublicKey,
  verify: VerifySignature,
): Promise<OpenedFrame> => {
  const findOrBrought = (kid: Kid) => find(kid) ?? broughtAlong(bytes, kid);
  const frame = await verifyFrameAsync(bytes, LEDGER_PAYLOAD_TYPE, findOrBrought, DocumentLimits.any, verify);
  const opened = frame.ok ? readVerified(frame, DocumentLimits.any) : frame;
  if (opened.ok) return opened;
  return { ...opened, kid: kidNamedBy(bytes) };
};

const openInner = async (parsed: ParsedEvent, find: FindPublicKey, verify: VerifySignature) => {
  if (parsed.kind !== 'known') return nothingEmbedded;
  const frames = embeddedIn(parsed.document);
  if (frames.length === 0) return nothingEmbedded;
  const opened = await Promise.all(
    frames.map(async (embedded) => [embedded.name, await openLive(embedded, find, verify)] as const),
  );
  return new Map(opened);
};

const lacksKey = (opened: OpenedLive): boolean => !opened.ok && opened.code === 'WRIT-FRM-005';

/** Opens a message and what it embeds with the keys that are known now. Total: never rejects. */
export const prepare = async (
  message: StoredMessage,
  find: FindPublicKey,
  verify: VerifySignature = verifyStrictAsync,
): Promise<Prepared> => {
  const opened = await openOuter(message.bytes, find, verify);
  const leaf = ledgerLeafHash(message);
  if (!opened.ok) {
    const again = opened.code === 'WRIT-FRM-005';
    const agent = messageAgent(message);
    return { message, opened, parsed: undefined, embedded: nothingEmbedded, again, leaf, agent };
  }
  const agent = agentNamedIn(opened.document, message.subject);
  const parsed = parseLedgerDocument(opened.document);
  const embedded = await openInner(parsed, find, verify);
  return { message, opened, parsed, embedded, again: [...embedded.values()].some(lacksKey), leaf, agent };
};

/** The message when it is its turn: prepared anew where a key was missing before. */
export const settle = (prepared: Prepared, find: FindPublicKey): Promise<Prepared> | Prepared =>
  prepared.again ? prepare(prepared.message, find) : prepared;
