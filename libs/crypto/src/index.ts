// The face of @writ/crypto: the signed frame, strict Ed25519, canonical JSON, key ids. Everything is listed by name.

export type { JsonObject, JsonValue } from '@writ/contracts';
export { fromBase64url, toBase64url } from './base64url.js';
export { CanonicalError, canonicalize, canonicalizeJcs } from './canonical.js';
export { digestOf, link, sha256, ZERO_DIGEST } from './digest.js';
export {
  commit,
  committedDigest,
  disclose,
  disclosureDigest,
  nothingCommitted,
  obligeCommitted,
  type ReadDisclosure,
  type Revealed,
  readDisclosure,
  reveal,
} from './disclosure.js';
export {
  FRAME_OFFSETS,
  FRAME_PREFIX_BYTES,
  type FrameFailure,
  type FrameRead,
  frameBytes,
  type KeySource,
  type Opened,
  openFrame,
  openFrameAsync,
  type ReadFrame,
  readFrame,
  signFrame,
  signFrameAsync,
} from './frame.js';
export { KeyFileError, readKeyFile, writeKeyFile } from './key-file.js';
export {
  exportPrivateJwk,
  generateKeyPair,
  importPrivateJwk,
  importPublic,
  type KeyPair,
  keyPairFromSeed,
  type PrivateJwk,
  type PublicKey,
  thumbprint,
} from './keys.js';
export { joinFrames, joinMessage, splitFrames, splitMessage } from './message.js';
export { pae } from './pae.js';
export { type CanonicalParsed, parseCanonical } from './parse-canonical.js';
export {
  isSmallOrder,
  type PrecheckFailure,
  precheck,
  signBytes,
  signBytesAsync,
  verifyStrict,
  verifyStrictAsync,
  verifyTweetnacl,
} from './strict.js';
export { type Limits, type Parsed, type ParseFailure, parseStrict } from './strict-json.js';
