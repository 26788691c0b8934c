// The layout of a signed frame: a prefix of 157 bytes that is matched, never parsed, then the signed document as a slice.
import type { Code, Kid } from '@writ/contracts';
import { fromBase64url } from './base64url.js';
import { canonicalize } from './canonical.js';
import { type Limits, limitsOf } from './limits.js';

const KID_CHARS = 43;
const SIG_CHARS = 86;
const BEFORE_KID = '{"kid":"';
const BEFORE_SIG = '","sig":"';
const BEFORE_DOCUMENT = '","signed":';
const CLOSING_BRACE = 0x7d;
const SHORTEST_DOCUMENT = 2;

const KID_AT = BEFORE_KID.length;
const SIG_AT = KID_AT + KID_CHARS + BEFORE_SIG.length;

/** `{"kid":"<43>","sig":"<86>","signed":` is always this long (157); the document follows, and one `}`. */
export const FRAME_PREFIX_BYTES = SIG_AT + SIG_CHARS + BEFORE_DOCUMENT.length;

/** Where kid, signature and document begin in a frame, in bytes. */
export const FRAME_OFFSETS = { kid: KID_AT, sig: SIG_AT, document: FRAME_PREFIX_BYTES } as const;

/** A frame taken apart and not yet verified. `sig` as it stands there, `signature` its 64 bytes, `document` a slice. */
export type ReadFrame = {
  readonly kid: Kid;
  readonly sig: string;
  readonly signature: Uint8Array;
  readonly document: Uint8Array;
};

/** A refusal as readers of frames and disclosures give it. */
export type FrameFailure = { readonly ok: false; readonly code: Code; readonly reason: string };

/** A frame taken apart, or why not: WRIT-FRM-001 not a frame, -002 too large. */
export type FrameRead = { readonly ok: true; readonly frame: ReadFrame } | FrameFailure;

/** A refused frame as a value. The reason never contains content. */
export const refuseFrame = (code: Code, reason: string): FrameFailure => ({ ok: false, code, reason });

const notAFrame = (reason: string): FrameFailure => refuseFrame('WRIT-FRM-001', reason);

const hasLiterals = (prefix: string): boolean =>
  prefix.startsWith(BEFORE_KID) &&
  prefix.startsWith(BEFORE_SIG, KID_AT + KID_CHARS) &&
  prefix.startsWith(BEFORE_DOCUMENT, SIG_AT + SIG_CHARS);

const matchPrefix = (bytes: Uint8Array): Omit<ReadFrame, 'document'> | undefined => {
  const prefix = Buffer.from(bytes.buffer, bytes.byteOffset, FRAME_PREFIX_BYTES).toString('latin1');
  if (!hasLiterals(prefix)) return undefined;
  const kid = prefix.slice(KID_AT, KID_AT + KID_CHARS);
  const sig = prefix.slice(SIG_AT, SIG_AT + SIG_CHARS);
  const signature = fromBase64url(sig);
  if (signature === undefined || fromBase64url(kid) === undefined) return undefined;
  return { kid, sig, signature };
};

/**
 * Takes a frame apart by position: the three literals, kid (32 bytes) and signature (64) in their one base64url spelling, and the
 * closing brace. Nothing is verified and the document is not looked at. `limits.maxBytes` is for the document (48 KiB unless
 * given). WRIT-FRM-001 not a frame, -002 too large. Total: never throws on any input.
 */
export const readFrame = (bytes: Uint8Array, limits?: Limits): FrameRead => {
  const size = bytes.length - FRAME_PREFIX_BYTES - 1;
  const { maxBytes } = limitsOf(limits);
  if (size > maxBytes) return refuseFrame('WRIT-FRM-002', `a document of ${size} bytes, at most ${maxBytes}`);
  if (size < SHORTEST_DOCUMENT || bytes[bytes.length - 1] !== CLOSING_BRACE) {
    return notAFrame('too short, or not closed');
  }
  const prefix = matchPrefix(bytes);
  if (prefix === undefined) return notAFrame('the prefix is not that of a frame');
  return { ok: true, frame: { ...prefix, document: bytes.subarray(FRAME_PREFIX_BYTES, -1) } };
};

/** The `kid` of a document that is an object with one. */
export const kidOf = (document: unknown): unknown =>
  typeof document === 'object' && document !== null && Object.hasOwn(document, 'kid')
    ? (document as { readonly kid: unknown }).kid
    : undefined;

/** Puts a frame together. `kid` and `sig` must be strict base64url of 32 and 64 bytes. */
export const assembleFrame = (kid: Kid, sig: string, document: Uint8Array): Uint8Array => {
  const out = Buffer.allocUnsafe(FRAME_PREFIX_BYTES + document.length + 1);
  out.write(`${BEFORE_KID}${kid}${BEFORE_SIG}${sig}${BEFORE_DOCUMENT}`, 0, 'latin1');
  out.set(document, FRAME_PREFIX_BYTES);
  out[out.length - 1] = CLOSING_BRACE;
  return out;
};

/**
 * A frame that was embedded in a document, as the bytes that were signed: its canonical form. Throws CanonicalError for a document
 * that has none, TypeError when kid or sig have not the length of a frame's.
 */
export const frameBytes = (frame: {
  readonly kid: string;
  readonly sig: string;
  readonly signed: object;
}): Uint8Array => {
  if (frame.kid.length !== KID_CHARS || frame.sig.length !== SIG_CHARS) throw new TypeError('not a frame');
  return assembleFrame(frame.kid, frame.sig, Buffer.from(canonicalize(frame.signed), 'utf8'));
};
