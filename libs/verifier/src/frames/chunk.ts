// Messages on their way to a preparing thread and back: exact bytes there, what was found back. Documents are not sent back; whoever
// has the bytes reads them again, which costs less than copying.
import {
  type JsonObject,
  type Kid,
  type LedgerDocument,
  type LiveDocumentOf,
  type LiveKind,
  liveDocuments,
  parseLedgerDocument,
} from '@writ/contracts';
import { FRAME_OFFSETS, importPublic, type PublicKey, verifyStrict } from '@writ/crypto';
import type { StoredMessage } from '../message.js';
import { embeddedIn } from './embedded.js';
import type { OpenedLive, VouchedBy } from './open-live.js';
import { type Prepared, prepare } from './prepare.js';

/** Messages for a thread, with the keys that it has not heard of yet. `ends`: where the bytes of each end. */
export type Chunk = {
  readonly keys: readonly (readonly [Kid, string])[];
  readonly bytes: Uint8Array;
  readonly ends: Uint32Array;
  readonly places: readonly (readonly [seq: number, subject: string, time: string])[];
};

/** The answer: `found` is JSON of `Found[]`, `leaves` 32 bytes a message, `missing` keys that were looked for. */
export type Answer = {
  readonly found: string;
  readonly leaves: Uint8Array;
  readonly missing: readonly Kid[];
};

type FoundLive = readonly [
  name: string,
  kind: LiveKind,
  kid: Kid,
  digest: string | null,
  /** The session key, or why the frame was not opened. */
  code?: string | VouchedBy,
  reason?: string,
];
type Found = {
  /** The digest, or why it was not opened. */
  readonly o: string | readonly [code: string, reason: string, kid: Kid | null];
  /** `1`: the document is what its schema gives. */
  readonly s?: 1;
  readonly e?: readonly FoundLive[];
  readonly a?: string;
  readonly n?: 1;
};

const HASH = 32;

/** Packs messages for a thread. */
export const packMessages = (messages: readonly StoredMessage[], keys: Chunk['keys']): Chunk => {
  const bytes = new Uint8Array(messages.reduce((sum, message) => sum + message.bytes.length, 0));
  const ends = new Uint32Array(messages.length);
  let at = 0;
  for (const [n, message] of messages.entries()) {
    bytes.set(message.bytes, at);
    at += message.bytes.length;
    ends[n] = at;
  }
  return { keys, bytes, ends, places: messages.map(({ seq, subject, time }) => [seq, subject, time]) };
};

const foundLive = (name: string, live: OpenedLive): FoundLive => {
  if (!live.ok) return [name, live.kind, live.kid, null, live.code, live.reason];
  const { kind, kid, digest, vouched } = live;
  return vouched === undefined ? [name, kind, kid, digest] : [name, kind, kid, digest, vouched];
};

const foundIn = ({ opened, parsed, embedded, again, agent }: Prepared): Found => {
  const rest = { ...(agent === undefined ? {} : { a: agent }), ...(again ? { n: 1 as const } : {}) };
  if (!opened.ok) return { o: [opened.code, opened.reason, opened.kid ?? null], ...rest };
  const same = parsed?.kind === 'known' && (parsed.document as unknown) === opened.document;
  const lives = [...embedded].map(([name, live]) => foundLive(name, live));
  return {
    o: opened.digest,
    ...(same ? { s: 1 as const } : {}),
    ...(lives.length > 0 ? { e: lives } : {}),
    ...rest,
  };
};

const verifyAtOnce = (key: PublicKey, message: Uint8Array, signature: Uint8Array): Promise<boolean> =>
  Promise.resolve(verifyStrict(key, message, signature));

/** What a thread does with a chunk; `known` are the keys that it has heard of. */
export const prepareChunk = async (
  { keys, bytes, ends, places }: Chunk,
  known: Map<Kid, PublicKey>,
): Promise<Answer> => {
  for (const [kid, x] of keys) known.set(kid, importPublic(x));
  const missing = new Set<Kid>();
  const find = (kid: Kid): PublicKey | undefined => {
    const key = known.get(kid);
    if (key === undefined) missing.add(kid);
    return key;
  };
  const found: Found[] = [];
  const leaves = new Uint8Array(places.length * HASH);
  for (const [n, [seq, subject, time]] of places.entries()) {
    const message = { seq, subject, time, bytes: bytes.subarray(n === 0 ? 0 : ends[n - 1], ends[n]) };
    const prepared = await prepare(message, find, verifyAtOnce);
    found.push(foundIn(prepared));
    leaves.set(prepared.leaf, n * HASH);
  }
  return { found: JSON.stringify(found), leaves, missing: [...missing] };
};

const utf8 = new TextDecoder();

/** A schema may give back more than a document says only where it has defaults: in commands. */
const liveDocument = (kind: LiveKind, signed: JsonObject): LiveDocumentOf<LiveKind> =>
  kind === 'command'
    ? (liveDocuments.command.parse(signed) as LiveDocumentOf<LiveKind>)
    : (signed as unknown as LiveDocumentOf<LiveKind>);

const nothingEmbedded: ReadonlyMap<string, OpenedLive> = new Map();

const livesOf = (document: LedgerDocument, found: readonly FoundLive[]): ReadonlyMap<string, OpenedLive> => {
  const frames = new Map(embeddedIn(document).map(({ name, frame }) => [name, frame]));
  return new Map(
    found.map(([name, kind, kid, digest, code = '', reason = '']): [string, OpenedLive] => {
      const frame = frames.get(name);
      if (digest === null || frame === undefined)
        return [name, { ok: false, kind, kid, code: String(code), reason }];
      const vouched = typeof code === 'string' ? {} : { vouched: code };
      return [name, { ok: true, kind, kid, digest, document: liveDocument(kind, frame.signed), ...vouched }];
    }),
  );
};

const preparedOf = (message: StoredMessage, found: Found, leaf: Uint8Array): Prepared => {
  const rest = { message, leaf, agent: found.a, again: found.n === 1 };
  if (typeof found.o !== 'string') {
    const [code, reason, kid] = found.o;
    const opened = { ok: false, code, reason, kid: kid ?? undefined } as const;
    return { ...rest, opened, parsed: undefined, embedded: nothingEmbedded };
  }
  const text = utf8.decode(message.bytes.subarray(FRAME_OFFSETS.document, -1));
  const document = JSON.parse(text) as JsonObject;
  const kid = document['kid'] as Kid;
  const opened = { ok: true, document, digest: found.o, kid } as const;
  const parsed =
    found.s === 1
      ? ({ kind: 'known', document: document as unknown as LedgerDocument } as const)
      : parseLedgerDocument(document);
  const lives =
    found.e === undefined || parsed.kind !== 'known' ? nothingEmbedded : livesOf(parsed.document, found.e);
  return { ...rest, opened, parsed, embedded: lives };
};

/** The messages of a chunk as a thread has prepared them. */
export const unpackAnswer = (
  messages: readonly StoredMessage[],
  { found, leaves }: Answer,
): readonly Prepared[] =>
  (JSON.parse(found) as readonly Found[]).map((one, n) =>
    preparedOf(messages[n] as StoredMessage, one, leaves.subarray(n * HASH, (n + 1) * HASH)),
  );
