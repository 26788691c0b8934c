// Everything about one message that does not depend on its place: signatures, canonical forms, schemas. Judges nothing.
import {
  DocumentLimits,
  type JsonObject,
  type Kid,
  LEDGER_PAYLOAD_TYPE,
  type ParsedEvent,
  parseLedgerDocument,
} from '@writ/contracts';
import { FRAME_OFFSETS, openFrameAsync } from '@writ/crypto';
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
};

/** As far as the end of the key id. */
const HEAD = FRAME_OFFSETS.kid + 43;

const nothingEmbedded: ReadonlyMap<string, OpenedLive> = new Map();

/** The key id at the beginning of what is, or once was, a frame. */
const kidNamedBy = (bytes: Uint8Array): Kid | undefined => {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, HEAD)).toString('latin1');
  return head.startsWith('{"kid":"') && head.length === HEAD ? head.slice(FRAME_OFFSETS.kid) : undefined;
};

const openOuter = async (bytes: Uint8Array, find: FindPublicKey): Promise<OpenedFrame> => {
  const opened = await openFrameAsync(bytes, LEDGER_PAYLOAD_TYPE, find, DocumentLimits.any);
  if (opened.ok) return opened;
  return { ...opened, kid: kidNamedBy(bytes) };
};

const openInner = async (parsed: ParsedEvent, find: FindPublicKey) => {
  if (parsed.kind !== 'known') return nothingEmbedded;
  const frames = embeddedIn(parsed.document);
  if (frames.length === 0) return nothingEmbedded;
  const opened = await Promise.all(
    frames.map(async ({ name, kind, frame }) => [name, await openLive(kind, frame, find)] as const),
  );
  return new Map(opened);
};

const lacksKey = (opened: OpenedLive): boolean => !opened.ok && opened.code === 'WRIT-FRM-005';

/** Opens a message and what it embeds with the keys that are known now. Total: never rejects. */
export const prepare = async (message: StoredMessage, find: FindPublicKey): Promise<Prepared> => {
  const opened = await openOuter(message.bytes, find);
  if (!opened.ok) {
    const again = opened.code === 'WRIT-FRM-005';
    return { message, opened, parsed: undefined, embedded: nothingEmbedded, again };
  }
  const parsed = parseLedgerDocument(opened.document);
  const embedded = await openInner(parsed, find);
  return { message, opened, parsed, embedded, again: [...embedded.values()].some(lacksKey) };
};

/** The message when it is its turn: prepared anew where a key was missing before. */
export const settle = (prepared: Prepared, find: FindPublicKey): Promise<Prepared> | Prepared =>
  prepared.again ? prepare(prepared.message, find) : prepared;
