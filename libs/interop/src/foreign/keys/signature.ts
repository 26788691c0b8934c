// Which key a signature verifies under: a pinned one, the receipt's own, or none.
import { type ForeignCheck, type ForeignSigner, fails, holds } from '../report.js';
import { type ForeignKey, verifies } from './foreign-key.js';

/** A signature to be judged: `keyId` as the receipt names its key, `embedded` a key the receipt itself carries. */
export type Signed = {
  readonly message: Uint8Array;
  readonly signature: Uint8Array | undefined;
  readonly keyId?: string | undefined;
  readonly embedded?: ForeignKey | undefined;
  readonly algorithm?: ForeignKey['algorithm'] | undefined;
};

/** The check, and the signer where there is one. */
export type Judged = { readonly check: ForeignCheck; readonly signer?: ForeignSigner };

const signerOf = (
  key: ForeignKey,
  keyId: string | undefined,
  trust: ForeignSigner['trust'],
): ForeignSigner => {
  const id = keyId ?? key.id;
  return { ...(id === undefined ? {} : { keyId: id }), fingerprint: key.fingerprint, trust };
};

/** Pinned keys that may be meant: those of the name, and those without any. */
export const candidatesOf = (keys: readonly ForeignKey[], keyId: string | undefined): readonly ForeignKey[] =>
  keys.filter(({ id }) => keyId === undefined || id === undefined || id === keyId);

const bad = (name: string, reason: string): Judged => ({ check: fails(name, 'WRIT-FGN-006', reason) });

const underEmbedded = (name: string, signed: Signed, signature: Uint8Array): Judged => {
  const { embedded, message, keyId } = signed;
  if (embedded === undefined) {
    return { check: fails(name, 'WRIT-FGN-021', 'no pinned key is the one that the receipt names') };
  }
  if (!verifies(embedded, message, signature)) return bad(name, 'it does not verify under its own key');
  const reason = 'it verifies, but only under a key that the receipt itself brings';
  return {
    check: fails(name, 'WRIT-FGN-020', reason),
    signer: signerOf(embedded, keyId, 'self-asserted'),
  };
};

/** Judges a signature against the pinned keys first; a receipt's own key counts only where none is pinned for it. */
export const judgeSignature = (signed: Signed, keys: readonly ForeignKey[], name = 'signature'): Judged => {
  const { message, signature, keyId } = signed;
  if (signature === undefined) return bad(name, 'there is none in the form that the format demands');
  const fit = ({ algorithm }: ForeignKey) => signed.algorithm === undefined || signed.algorithm === algorithm;
  const candidates = candidatesOf(keys, keyId).filter(fit);
  const key = candidates.find((candidate) => verifies(candidate, message, signature));
  if (key === undefined) {
    const pinned = candidates.length > 0;
    return pinned
      ? bad(name, 'it does not verify under the pinned key')
      : underEmbedded(name, signed, signature);
  }
  const signer = signerOf(key, keyId, 'pinned');
  if (key.revoked)
    return { check: fails(name, 'WRIT-FGN-007', 'the pinned key is marked as revoked'), signer };
  return { check: holds(name, 'it verifies under a pinned key'), signer };
};
