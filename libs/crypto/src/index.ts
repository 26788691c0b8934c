// The face of @writ/crypto: the signed frame and everything beneath it. Listed by name; each is documented where it is defined.

export type { Committed, Disclosure, JsonObject, JsonValue } from '@writ/contracts';
export { fromBase64url, toBase64url } from './base64url.js';
export {
  CanonicalError,
  type CanonicalProblem,
  canonicalize,
  canonicalizeJcs,
  MAX_DEPTH,
} from './canonical.js';
export {
  type Checkpoint,
  checkpointText,
  extensionOf,
  hashText,
  readCheckpoint,
  readHash,
} from './checkpoint/checkpoint.js';
export { ledgerOrigin } from './checkpoint/ledger-origin.js';
export {
  type Note,
  type NoteSignature,
  noteText,
  readNote,
  readSignatureLine,
  signatureLine,
} from './checkpoint/note.js';
export {
  cosignNote,
  type NoteKey,
  type NoteKeyKind,
  type NoteSigner,
  type NoteVerdict,
  noteKeyId,
  readVerifierKey,
  signNote,
  verifierKey,
  verifyNote,
} from './checkpoint/note-keys.js';
export type { CryptoCode } from './codes.js';
export {
  type CommittedObject,
  commit,
  committedDigest,
  nothingCommitted,
  obligeCommitted,
  type Revealed,
  reveal,
} from './commitment.js';
export { type Digest, digestOf, link, sha256, ZERO_DIGEST } from './digest.js';
export {
  DISCLOSURE_LIMITS,
  DisclosureError,
  disclose,
  disclosureDigest,
  type ReadDisclosure,
  readDisclosure,
} from './disclosure.js';
export { endorsedDigest, endorses, introducedKey, openLedgerFrame, orIntroduced } from './endorsement.js';
export {
  FRAME_OFFSETS,
  FRAME_PREFIX_BYTES,
  type FrameFailure,
  type FrameRead,
  frameBytes,
  type ReadFrame,
  readFrame,
} from './frame.js';
export {
  EMPTY_HEAD,
  type HeadName,
  headLeaf,
  headLeafName,
  headLeaves,
  headNamesOf,
  headsRootOf,
  type LedgerHead,
  type NamedHead,
  nextHead,
} from './heads/heads.js';
export { agentNamedIn, messageAgent } from './heads/message-agent.js';
export { createHeads, type RunningHeads } from './heads/running-heads.js';
export { exportPrivateJwk, importPrivateJwk, type PrivateJwk } from './jwk.js';
export {
  KeyFileError,
  readKeyFile,
  readSigningKey,
  writeExternalKeyFile,
  writeKeyFile,
} from './key-file.js';
export {
  generateKeyPair,
  importPublic,
  KeyError,
  type KeyPair,
  keyPairFromSeed,
  type PublicKey,
  thumbprint,
} from './keys.js';
export type { Limits, Parsed } from './limits.js';
export {
  appendLeaves,
  type CompactRange,
  EMPTY_RANGE,
  isCompactRange,
  rootOf,
  rootOfLeaves,
  type TreeNode,
} from './merkle/compact-range.js';
export { EMPTY_ROOT, leafHash, nodeHash, sameHash, type TreeHash } from './merkle/hash.js';
export { type LeafMessage, ledgerLeaf, ledgerLeafHash } from './merkle/ledger-leaf.js';
export { proveConsistency, proveInclusion } from './merkle/prove.js';
export { consistencySpans, inclusionSpans, type NodeSource, type Span, spanHash } from './merkle/subtrees.js';
export { type Consistency, type Inclusion, verifyConsistency, verifyInclusion } from './merkle/verify.js';
export { joinFrames, joinMessage, type Message, splitFrames, splitMessage } from './message.js';
export {
  type KeySource,
  type Opened,
  openFrame,
  openFrameAsync,
  readVerified,
  type VerifiedFrame,
  verifyFrameAsync,
} from './open-frame.js';
export { pae } from './pae.js';
export { parseCanonical } from './parse-canonical.js';
export { isSmallOrder, type PrecheckFailure, precheck } from './precheck.js';
export {
  certifySessionKey,
  openSessionKey,
  SESSION_KEY_LIMITS,
  type SessionCertificate,
  type VouchedKey,
  vouchesAt,
} from './session-key.js';
export { FrameError, signFrame, signFrameAsync, signFrameWith } from './sign-frame.js';
export { commandEnv } from './signer/command-env.js';
export { createExternalSigner, type ExternalKey } from './signer/external.js';
export { isKeyPair, type Signer, type SigningKey, signWith } from './signer/signer.js';
export { type SignerCode, SignerError } from './signer/signer-error.js';
export { signBytes, signBytesAsync, verifyStrict, verifyStrictAsync } from './strict.js';
export { parseStrict, parseStrictJcs } from './strict-json.js';
export { verifyTweetnacl } from './tweetnacl.js';
export { createVerifyPool, type VerifyPool, VerifyThreadError } from './verify-pool/pool.js';
