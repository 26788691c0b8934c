// From stored bytes to a verified document. Caches key objects; takes our own frames as verified. Never judges places.
import { DocumentLimits, type JsonValue, type Kid, LEDGER_PAYLOAD_TYPE } from '@writ/contracts';
import {
  digestOf,
  importPublic,
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

export const createOpener = (keys: KeyDirectory): Opener => {
  const imported = new Map<Kid, PublicKey>();
  const vouched = new Set<string>();
  const publicKey = (kid: Kid): PublicKey | undefined => {
    const cached = imported.get(kid);
    if (cached !== undefined) return cached;
    const record = keys.find(kid);
    if (record === undefined) return undefined;
    const key = importPublic(record.x);
    if (key.kid === kid) imported.set(kid, key);
    return key.kid === kid ? key : undefined;
  };
  return {
    open: (bytes) => {
      if (vouched.size > 0 && vouched.delete(sha256(bytes))) return openVouched(bytes);
      const read = readFrame(bytes, DocumentLimits.any);
      if (!read.ok) return read;
      const key = publicKey(read.frame.kid);
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
