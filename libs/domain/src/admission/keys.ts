// What admission must know of a key. Folding registry events into a directory is the registry's business, not done here.
import type { Digest, KeyRole, Kid, LedgerSeq, Scope } from '@writ/contracts';

/** A key as the registry has certified it. Sequences are ledger sequences; roots pinned outside have `certifiedAt` 0. */
export type KeyRecord = {
  readonly kid: Kid;
  /** The public key: 32 bytes, unpadded base64url. */
  readonly x: Digest;
  readonly role: KeyRole;
  readonly holder: string;
  readonly scope: Scope;
  readonly certifiedAt: LedgerSeq;
  /** No new document may be signed with it; what it signed before stands, and what lands later is void. */
  readonly retiredAt?: LedgerSeq | undefined;
  readonly revokedAt?: LedgerSeq | undefined;
  /** Distrust may reach back behind the event that declares it. */
  readonly distrustedFrom?: LedgerSeq | undefined;
};

/** The keys certified so far, by thumbprint. A live view: it changes as registry events are folded. */
export interface KeyDirectory {
  find(kid: Kid): KeyRecord | undefined;
  /** How many root keys of the organisation must agree: the number pinned outside, or that of the genesis; 1 when absent. */
  threshold?(org: Scope): number;
  /** Whose registry it is: `undefined` before the genesis; where it is absent no appointment counts. */
  office?(org: Scope): Office | undefined;
}

/** A registry's beginning, and who was appointed to it last, by the genesis or by an appointment. */
export type Office = { readonly genesis: Digest; readonly registrar: Kid };

/**
 * Whether a key counts at a ledger position (ARCHITECTURE §7.6). `unknown`: not certified before it, so that whoever folds
 * in order and whoever has the whole directory agree; `void`: retired or revoked before it, or distrusted from there.
 */
export const keyStandingAt = (key: KeyRecord | undefined, seq: LedgerSeq): 'valid' | 'void' | 'unknown' => {
  if (key === undefined || key.certifiedAt >= seq) return 'unknown';
  if (key.retiredAt !== undefined && key.retiredAt < seq) return 'void';
  if (key.revokedAt !== undefined && key.revokedAt < seq) return 'void';
  if (key.distrustedFrom !== undefined && key.distrustedFrom <= seq) return 'void';
  return 'valid';
};
