// What root keys agree to: the digest of a founding or an appointment. Verifies endorsements; who counts as a root is not its business.
import {
  type Digest,
  DocumentLimits,
  type Frame,
  type JsonObject,
  type JsonValue,
  type Kid,
  LEDGER_PAYLOAD_TYPE,
  livePayloadType,
  type PublicKeyEntry,
  RootEndorsement,
  subjects,
  type Token,
} from '@writ/contracts';
import { canonicalize } from './canonical.js';
import { sha256 } from './digest.js';
import { frameBytes, readFrame } from './frame.js';
import { importPublic, type PublicKey } from './keys.js';
import { openFrame } from './open-frame.js';
import { parseCanonical } from './parse-canonical.js';

/** What is endorsed: SHA-256 of the canonical data without its endorsements. Throws CanonicalError for what has no canonical form. */
export const endorsedDigest = (data: object): Digest => {
  const { endorsements: _, ...rest } = data as { readonly [name: string]: JsonValue };
  return sha256(canonicalize(rest));
};

/**
 * Whether the frame is an endorsement of `data` (with or without its endorsements) by this key, for this organisation. Total:
 * whatever comes in, it never throws.
 */
export const endorses = (endorsement: unknown, root: PublicKeyEntry, org: Token, data: object): boolean => {
  try {
    const key = importPublic(root.x);
    const bytes = frameBytes(endorsement as Frame);
    if (key.kid !== root.kid) return false;
    const opened = openFrame(bytes, livePayloadType('root-endorsement'), key);
    const parsed = opened.ok ? RootEndorsement.safeParse(opened.document) : undefined;
    if (parsed?.success !== true || parsed.data.subject !== subjects.ledger('registry', org)) return false;
    return parsed.data.data.org === org && parsed.data.data.what === endorsedDigest(data);
  } catch {
    return false;
  }
};

const APPOINTED = 'writ.registry.registrar-appointed.v1';

/**
 * The key that the document of a frame introduces: that of an appointed registrar, who signs the appointment with it; `undefined`
 * for any other document. Nothing is verified: whether the roots agree is for admission.
 */
export const introducedKey = (document: Uint8Array): PublicKeyEntry | undefined => {
  if (!Buffer.from(document.buffer, document.byteOffset, document.length).includes(APPOINTED))
    return undefined;
  const parsed = parseCanonical(document);
  const event = parsed.ok ? (parsed.value as { type?: unknown; data?: { registrar?: unknown } }) : undefined;
  if (event?.type !== APPOINTED) return undefined;
  const { kid, x } = (event.data?.registrar ?? {}) as { kid?: unknown; x?: unknown };
  return typeof kid === 'string' && typeof x === 'string' ? { kid, x } : undefined;
};

/** The key source of a ledger message: the keys that are known, and else the one that its own document introduces. */
export const orIntroduced =
  (bytes: Uint8Array, find: (kid: Kid) => PublicKey | undefined) =>
  (kid: Kid): PublicKey | undefined => {
    const known = find(kid);
    if (known !== undefined) return known;
    const read = readFrame(bytes);
    const entry = read.ok ? introducedKey(read.frame.document) : undefined;
    try {
      return entry?.kid === kid ? importPublic(entry.x) : undefined;
    } catch {
      return undefined;
    }
  };

/**
 * Opens a ledger message under the keys of a directory, or under the one that it introduces: document and digest, or `undefined` when
 * its signature does not hold. For folding a registry before the ledger. Total.
 */
export const openLedgerFrame = (
  bytes: Uint8Array,
  find: (kid: Kid) => PublicKeyEntry | undefined,
): { readonly document: JsonObject; readonly digest: Digest } | undefined => {
  const publicKey = (kid: Kid): PublicKey | undefined => {
    const entry = find(kid);
    try {
      return entry === undefined ? undefined : importPublic(entry.x);
    } catch {
      return undefined;
    }
  };
  const opened = openFrame(bytes, LEDGER_PAYLOAD_TYPE, orIntroduced(bytes, publicKey), DocumentLimits.any);
  return opened.ok ? opened : undefined;
};
