// Opens frames: match, find the key, verify, and only then parse. Reads exactly the bytes that were verified.
import type { Digest, JsonObject, Kid } from '@writ/contracts';
import { sha256 } from './digest.js';
import { type FrameFailure, kidOf, type ReadFrame, readFrame, refuseFrame } from './frame.js';
import type { PublicKey } from './keys.js';
import type { Limits } from './limits.js';
import { pae } from './pae.js';
import { parseCanonical } from './parse-canonical.js';
import { verifyStrict, verifyStrictAsync } from './strict.js';

/** The key to verify with, or how to find it by the id that the frame names. */
export type KeySource = PublicKey | ((kid: Kid) => PublicKey | undefined);

/**
 * A verified document, the digest of its DSSE encoding, and kid and signature as they stand in the frame (to embed it:
 * `{ kid, sig, signed: document }`); or why not.
 */
export type Opened =
  | {
      readonly ok: true;
      readonly document: JsonObject;
      readonly digest: Digest;
      readonly kid: Kid;
      readonly sig: string;
    }
  | FrameFailure;

type Prepared = {
  readonly ok: true;
  readonly frame: ReadFrame;
  readonly key: PublicKey;
  /** The DSSE encoding: what is verified, hashed and, behind its head, parsed. */
  readonly encoded: Uint8Array;
};

declare const verified: unique symbol;

/** A frame whose signature holds; its document has not been read. Only `verifyFrameAsync` makes one; `readVerified` reads it. */
export type VerifiedFrame = Prepared & { readonly [verified]: true };

const prepare = (
  bytes: Uint8Array,
  payloadType: string,
  source: KeySource,
  limits: Limits | undefined,
): Prepared | FrameFailure => {
  const read = readFrame(bytes, limits);
  if (!read.ok) return read;
  const { kid, document } = read.frame;
  const key = typeof source === 'function' ? source(kid) : source;
  if (key?.kid !== kid) return refuseFrame('WRIT-FRM-005', 'the key that the frame names is not known');
  return { ok: true, frame: read.frame, key, encoded: pae(payloadType, document) };
};

const judged = (prepared: Prepared, valid: boolean): VerifiedFrame | FrameFailure =>
  valid ? (prepared as VerifiedFrame) : refuseFrame('WRIT-FRM-003', 'the signature does not verify');

/**
 * Reads the document of a verified frame, from the bytes that were verified. WRIT-FRM-001 it names another key, -002 too large,
 * -004 not canonical, -012 too deep. Total.
 */
export const readVerified = ({ frame, encoded }: VerifiedFrame, limits?: Limits): Opened => {
  const parsed = parseCanonical(encoded.subarray(encoded.length - frame.document.length), limits);
  if (!parsed.ok) return parsed;
  if (kidOf(parsed.value) !== frame.kid) return refuseFrame('WRIT-FRM-001', 'the document names another key');
  const document = parsed.value as JsonObject;
  return { ok: true, document, digest: sha256(encoded), kid: frame.kid, sig: frame.sig };
};

/**
 * Verifies a frame and parses its document. Guarantees: `ok` only when the signature is strictly valid for this payload type under
 * the key named, and the document is canonical within the limits (48 KiB, 32 levels unless given) and names the same key.
 * Whether that key may sign this is for the caller. WRIT-FRM-001 not a frame or the document names another key, -002 too
 * large, -003 the signature does not verify, -004 not canonical, -005 key unknown, -012 too deep. Total: never throws on any bytes.
 */
export const openFrame = (
  bytes: Uint8Array,
  payloadType: string,
  source: KeySource,
  limits?: Limits,
): Opened => {
  const prepared = prepare(bytes, payloadType, source, limits);
  if (!prepared.ok) return prepared;
  const frame = judged(prepared, verifyStrict(prepared.key, prepared.encoded, prepared.frame.signature));
  return frame.ok ? readVerified(frame, limits) : frame;
};

/**
 * The first half of `openFrameAsync`, for whoever has many frames verified ahead of their turn and reads each when it has come:
 * what waits is small. `bytes` may be reused as soon as the call has returned its promise. `verify` is where: libuv's pool, or a
 * `VerifyPool`.
 */
export const verifyFrameAsync = (
  bytes: Uint8Array,
  payloadType: string,
  source: KeySource,
  limits?: Limits,
  verify: typeof verifyStrictAsync = verifyStrictAsync,
): Promise<VerifiedFrame | FrameFailure> => {
  const prepared = prepare(bytes, payloadType, source, limits);
  if (!prepared.ok) return Promise.resolve(prepared);
  return verify(prepared.key, prepared.encoded, prepared.frame.signature).then((valid) =>
    judged(prepared, valid),
  );
};

/** The same as `openFrame`, verified on a thread of the pool. `bytes` may be reused as soon as the call has returned its promise. */
export const openFrameAsync = async (
  bytes: Uint8Array,
  payloadType: string,
  source: KeySource,
  limits?: Limits,
): Promise<Opened> => {
  const frame = await verifyFrameAsync(bytes, payloadType, source, limits);
  return frame.ok ? readVerified(frame, limits) : frame;
};
