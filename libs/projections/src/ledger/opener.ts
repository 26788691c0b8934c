// From stored bytes to a verified document, on the thread pool. Caches key objects; never judges a place.
import { DocumentLimits, type Kid, LEDGER_PAYLOAD_TYPE } from '@writ/contracts';
import { importPublic, openFrameAsync, type PublicKey, readFrame } from '@writ/crypto';
import type { KeyDirectory } from '@writ/domain';

/** What opening a frame gives. */
export type Opened = Awaited<ReturnType<typeof openFrameAsync>>;

/** `unknown-key`: not in the directory as folded so far; ask again when it is the message's turn. */
export type Opening = Promise<Opened> | Opened | 'unknown-key';

/** Opens frames under the keys of a directory. */
export type Opener = (bytes: Uint8Array) => Opening;

/** An opener over a live directory; each key is imported once. */
export const createOpener = (keys: KeyDirectory): Opener => {
  const imported = new Map<Kid, PublicKey>();
  const publicKey = (kid: Kid): PublicKey | undefined => {
    const cached = imported.get(kid);
    if (cached !== undefined) return cached;
    const record = keys.find(kid);
    const key = record === undefined ? undefined : importPublic(record.x);
    if (key?.kid !== kid) return undefined;
    imported.set(kid, key);
    return key;
  };
  return (bytes) => {
    const read = readFrame(bytes, DocumentLimits.any);
    if (!read.ok) return read;
    const key = publicKey(read.frame.kid);
    return key === undefined
      ? 'unknown-key'
      : openFrameAsync(bytes, LEDGER_PAYLOAD_TYPE, key, DocumentLimits.any);
  };
};
