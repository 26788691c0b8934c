// Signs documents into frames. Never signs a document that a reader would refuse.
import type { Code, JsonValue } from '@writ/contracts';
import { toBase64url } from './base64url.js';
import { CanonicalError, canonicalize } from './canonical.js';
import { assembleFrame, kidOf } from './frame.js';
import type { KeyPair } from './keys.js';
import { type Limits, limitsOf } from './limits.js';
import { pae } from './pae.js';
import { isKeyPair, type SigningKey, signWith } from './signer/signer.js';
import { signBytes } from './strict.js';

/** A document that cannot be signed: WRIT-FRM-001 it does not name the key, -002 too large, -004 not canonical, -012 too deep. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
  constructor(
    readonly code: Code,
    message: string,
  ) {
    super(message);
  }
}

const canonicalText = (document: JsonValue | object, maxDepth: number): string => {
  try {
    return canonicalize(document, maxDepth);
  } catch (error) {
    if (!(error instanceof CanonicalError)) throw error;
    throw new FrameError(error.problem === 'depth' ? 'WRIT-FRM-012' : 'WRIT-FRM-004', error.message);
  }
};

const documentBytes = (
  document: JsonValue | object,
  key: { readonly kid: string },
  limits: Limits | undefined,
): Uint8Array => {
  const { maxBytes, maxDepth } = limitsOf(limits);
  if (kidOf(document) !== key.kid) {
    throw new FrameError('WRIT-FRM-001', 'the document does not name the signing key');
  }
  const bytes = Buffer.from(canonicalText(document, maxDepth), 'utf8');
  if (bytes.length > maxBytes) {
    throw new FrameError('WRIT-FRM-002', `a document of ${bytes.length} bytes, at most ${maxBytes}`);
  }
  return bytes;
};

/**
 * The frame of a document, signed over DSSE(payloadType, canonical bytes). Ed25519 is deterministic: same document and key, same
 * bytes. The document is a JSON object that carries `kid` of the key and is within the limits (48 KiB, 32 levels unless given).
 * Throws FrameError.
 */
export const signFrame = (
  payloadType: string,
  document: JsonValue | object,
  key: KeyPair,
  limits?: Limits,
): Uint8Array => {
  const bytes = documentBytes(document, key, limits);
  return assembleFrame(key.kid, toBase64url(signBytes(key, pae(payloadType, bytes))), bytes);
};

/**
 * The same with any signing key; in this process the signing itself is on a thread of the pool. Rejects with FrameError where
 * `signFrame` throws it, and with SignerError when an external signer made no valid signature.
 */
export const signFrameAsync = async (
  payloadType: string,
  document: JsonValue | object,
  key: SigningKey,
  limits?: Limits,
): Promise<Uint8Array> => {
  const bytes = documentBytes(document, key, limits);
  return assembleFrame(key.kid, toBase64url(await signWith(key, pae(payloadType, bytes))), bytes);
};

/** The same, signed on this thread where the key is in this process: the quickest for a single frame that somebody waits for. */
export const signFrameWith = async (
  payloadType: string,
  document: JsonValue | object,
  key: SigningKey,
  limits?: Limits,
): Promise<Uint8Array> =>
  isKeyPair(key)
    ? signFrame(payloadType, document, key, limits)
    : signFrameAsync(payloadType, document, key, limits);
