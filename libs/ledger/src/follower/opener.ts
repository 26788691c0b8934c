// From stored bytes to a verified document. Caches key objects; takes our own frames as verified. Never judges places.
import { DocumentLimits, type JsonValue, type Kid, LEDGER_PAYLOAD_TYPE } from '@writ/contracts';
import {
  digestOf,
  importPublic,
  introducedKey,
  openFrameAsync,
  type PublicKey,
  parseCanonical,
  readFrame,
  sha256,
} from '@writ/crypto';
import type { KeyDirectory } from '@writ/domain';

export type Opened =
  | { readonly ok: true; readonly document: JsonValue; readonly digest: string; readonly kid: Kid }
  | { readonly ok: false; readonly code: string; readonly reason: string };

export type Opener = {
  /** Opens a frame; `unknown-key` when its key is not in the directory yet: ask again when the message is folded. */
  open(bytes: Uint8Array): Promise<Opened> | Opened | 'unknown-key';
  vouch(bytes: Uint8Array): void;
};

/** At most this many own frames are remembered; those that never landed fall out. */
const MAX_VOUCHED = 20_000;

const openVouched = (bytes: Uint8Array): Opened => {
  const read = readFrame(bytes, DocumentLimits.any);
  if (!read.ok) return read;
  const parsed = parseCanonical(read.frame.document, DocumentLimits.any);
  if (!parsed.ok) return parsed;
  return {
    ok: true,
    document: parsed.value,
    digest: digestOf(LEDGER_PAYLOAD_TYPE, read.frame.document),
    kid: read.frame.kid,
  };
};

/** The key as certified, or as the document introduces it; a certificate of something that is no key counts as none. */
const publicKey = (keys: KeyDirectory, kid: Kid, document: Uint8Array): PublicKey | undefined => {
  const record = keys.find(kid) ?? introducedKey(document);
  if (record === undefined) return undefined;
  try {
    const key = importPublic(record.x);
    return key.kid === kid ? key : undefined;
  } catch {
    return undefined;
  }
};

/** Creates the opener over a live key directory. */
export const createOpener = (keys: KeyDirectory): Opener => {
  const vouched = new Set<string>();
  return {
    open: (bytes) => {
      if (vouched.size > 0 && vouched.delete(sha256(bytes))) return openVouched(bytes);
      const read = readFrame(bytes, DocumentLimits.any);
      if (!read.ok) return read;
      const key = publicKey(keys, read.frame.kid, read.frame.document);
      return key === undefined
        ? 'unknown-key'
        : openFrameAsync(bytes, LEDGER_PAYLOAD_TYPE, key, DocumentLimits.any);
    },
    vouch: (bytes) => {
      vouched.add(sha256(bytes));
      if (vouched.size <= MAX_VOUCHED) return;
      for (const oldest of vouched) {
        vouched.delete(oldest);
        return;
      }
    },
  };
};
