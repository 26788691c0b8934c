// The signed frame {"kid":...,"sig":...,"signed":<document>}: matched, not parsed, before it is verified (ARCHITECTURE §3).
import type { JsonValue, Kid } from '@writ/contracts';
import { fromBase64url, toBase64url } from './base64url.js';
import { canonicalize } from './canonical.js';
import { digestOf } from './digest.js';
import type { KeyPair, PublicKey } from './keys.js';
import { pae } from './pae.js';
import { parseCanonical } from './parse-canonical.js';
import { signBytes, signBytesAsync, verifyStrict, verifyStrictAsync } from './strict.js';
import type { Limits } from './strict-json.js';

/** Bytes before the document. */
export const FRAME_PREFIX_BYTES = 157;

const KID_AT = 8;
const SIG_AT = 60;
const PREFIX = /^\{"kid":"([A-Za-z0-9_-]{43})","sig":"([A-Za-z0-9_-]{86})","signed":$/;
const CLOSING_BRACE = 0x7d;

/** A frame as it was received: `document` is a slice of the message. */
export type ReadFrame = {
  readonly kid: Kid;
  readonly sig: string;
  readonly signature: Uint8Array;
  readonly document: Uint8Array;
};

export type FrameFailure = {
  readonly ok: false;
  readonly code:
    | 'WRIT-FRM-001'
    | 'WRIT-FRM-002'
    | 'WRIT-FRM-003'
    | 'WRIT-FRM-004'
    | 'WRIT-FRM-005'
    | 'WRIT-FRM-012';
  readonly reason: string;
};
export type FrameRead = { readonly ok: true; readonly frame: ReadFrame } | FrameFailure;
export type Opened =
  | {
      readonly ok: true;
      readonly document: JsonValue;
      readonly digest: string;
      readonly kid: Kid;
      readonly sig: string;
    }
  | FrameFailure;

const fail = (code: FrameFailure['code'], reason: string): FrameFailure => ({ ok: false, code, reason });

const envelope = (kid: Kid, signature: Uint8Array, document: Uint8Array): Uint8Array =>
  Buffer.concat([
    Buffer.from(`{"kid":"${kid}","sig":"${toBase64url(signature)}","signed":`),
    document,
    Uint8Array.of(CLOSING_BRACE),
  ]);

const bytesToSign = (document: object, key: KeyPair): Uint8Array => {
  if ((document as { kid?: unknown }).kid !== key.kid)
    throw new TypeError('the document does not name its signing key');
  return Buffer.from(canonicalize(document));
};

/** Signs a document that names the key in `kid`. Throws TypeError for another kid, CanonicalError for what has no canonical form. */
export const signFrame = (payloadType: string, document: object, key: KeyPair): Uint8Array => {
  const bytes = bytesToSign(document, key);
  return envelope(key.kid, signBytes(key, pae(payloadType, bytes)), bytes);
};

/** The same in the thread pool. */
export const signFrameAsync = async (
  payloadType: string,
  document: object,
  key: KeyPair,
): Promise<Uint8Array> => {
  const bytes = bytesToSign(document, key);
  return envelope(key.kid, await signBytesAsync(key, pae(payloadType, bytes)), bytes);
};

/** Matches the prefix and cuts the document out. Nothing is parsed. WRIT-FRM-001 not a frame, -002 too large. */
export const readFrame = (bytes: Uint8Array, limits: Limits = {}): FrameRead => {
  const { maxBytes = 48 * 1024 } = limits;
  if (bytes.length > FRAME_PREFIX_BYTES + maxBytes + 1)
    return fail('WRIT-FRM-002', `the document is larger than ${maxBytes} bytes`);
  if (bytes.length < FRAME_PREFIX_BYTES + 3 || bytes[bytes.length - 1] !== CLOSING_BRACE)
    return fail('WRIT-FRM-001', 'not a frame');
  const prefix = PREFIX.exec(
    Buffer.from(bytes.buffer, bytes.byteOffset, FRAME_PREFIX_BYTES).toString('latin1'),
  );
  const [, kid, sig] = prefix ?? [];
  if (kid === undefined || sig === undefined || fromBase64url(kid) === undefined)
    return fail('WRIT-FRM-001', 'not a frame');
  const signature = fromBase64url(sig);
  if (signature === undefined) return fail('WRIT-FRM-001', 'the signature is not exact base64url');
  return {
    ok: true,
    frame: { kid, sig, signature, document: bytes.subarray(FRAME_PREFIX_BYTES, bytes.length - 1) },
  };
};

/** The key to verify with: itself, or a lookup by kid. */
export type KeySource = PublicKey | ((kid: Kid) => PublicKey | undefined);

const keyFor = (source: KeySource, kid: Kid): PublicKey | undefined => {
  const key = typeof source === 'function' ? source(kid) : source;
  return key?.kid === kid ? key : undefined;
};

const finish = (frame: ReadFrame, payloadType: string, limits: Limits): Opened => {
  const parsed = parseCanonical(frame.document, limits);
  if (!parsed.ok) return fail(parsed.code, parsed.reason);
  if ((parsed.value as { kid?: unknown } | null)?.kid !== frame.kid)
    return fail('WRIT-FRM-003', 'the document names another key');
  return {
    ok: true,
    document: parsed.value,
    digest: digestOf(payloadType, frame.document),
    kid: frame.kid,
    sig: frame.sig,
  };
};

/**
 * Opens a frame: prefix, key, signature, canonical form, kid inside equal to kid outside, in this order; nothing is parsed before it
 * is verified. Codes: WRIT-FRM-001 no frame, -002 too large, -003 signature, -004 not canonical, -005 unknown key, -012 too deep.
 */
export const openFrame = (
  bytes: Uint8Array,
  payloadType: string,
  source: KeySource,
  limits: Limits = {},
): Opened => {
  const read = readFrame(bytes, limits);
  if (!read.ok) return read;
  const key = keyFor(source, read.frame.kid);
  if (key === undefined) return fail('WRIT-FRM-005', 'the key is not known');
  if (!verifyStrict(key, pae(payloadType, read.frame.document), read.frame.signature))
    return fail('WRIT-FRM-003', 'the signature does not verify');
  return finish(read.frame, payloadType, limits);
};

/** The same with the verification in the thread pool. */
export const openFrameAsync = async (
  bytes: Uint8Array,
  payloadType: string,
  source: KeySource,
  limits: Limits = {},
): Promise<Opened> => {
  const read = readFrame(bytes, limits);
  if (!read.ok) return read;
  const key = keyFor(source, read.frame.kid);
  if (key === undefined) return fail('WRIT-FRM-005', 'the key is not known');
  const holds = await verifyStrictAsync(key, pae(payloadType, read.frame.document), read.frame.signature);
  return holds
    ? finish(read.frame, payloadType, limits)
    : fail('WRIT-FRM-003', 'the signature does not verify');
};

/** Where kid and signature stand in a frame, for tools that show them. */
export const FRAME_OFFSETS = { kid: KID_AT, sig: SIG_AT, document: FRAME_PREFIX_BYTES } as const;

/** An embedded frame as bytes again: its canonical form is what was signed. */
export const frameBytes = (frame: {
  readonly kid: string;
  readonly sig: string;
  readonly signed: object;
}): Uint8Array =>
  Buffer.from(`{"kid":"${frame.kid}","sig":"${frame.sig}","signed":${canonicalize(frame.signed)}}`);
