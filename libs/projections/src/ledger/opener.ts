// From stored bytes to a verified frame, on the threads given. Caches key objects; never judges a place and reads no document.
import { DocumentLimits, type Kid, LEDGER_PAYLOAD_TYPE } from '@writ/contracts';
import {
  FRAME_OFFSETS,
  type FrameFailure,
  importPublic,
  orIntroduced,
  type PublicKey,
  type VerifiedFrame,
  type VerifyPool,
  verifyFrameAsync,
} from '@writ/crypto';
import type { KeyDirectory } from '@writ/domain';

/** What verifying a frame gives. Its document is read when it is its turn, so that what waits is small. */
export type Checked = VerifiedFrame | FrameFailure;

/** Verifies frames under the keys of a directory: ahead of time if the key is known by then, in any case when it is their turn. */
export type Opener = {
  readonly ahead: (bytes: Uint8Array) => Promise<Checked> | undefined;
  readonly now: (bytes: Uint8Array) => Promise<Checked>;
};

const KID = FRAME_OFFSETS.kid;
const KID_LENGTH = 43;

/** The kid where a frame has it; of anything else a text that is no key's. */
const kidAt = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1', KID, KID + KID_LENGTH);

/** An opener over a live directory, which verifies on the threads of `pool`; each key is imported once. */
export const createOpener = (keys: KeyDirectory, { verify }: VerifyPool): Opener => {
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
  const now = (bytes: Uint8Array) =>
    verifyFrameAsync(bytes, LEDGER_PAYLOAD_TYPE, orIntroduced(bytes, publicKey), DocumentLimits.any, verify);
  const ahead = (bytes: Uint8Array) => {
    if (publicKey(kidAt(bytes)) === undefined) return undefined;
    const checking = now(bytes);
    // Whoever awaits it later sees the failure; until then it must not count as unhandled.
    checking.catch(() => undefined);
    return checking;
  };
  return { now, ahead };
};
