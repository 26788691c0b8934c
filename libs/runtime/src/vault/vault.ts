// Owns the port to private values. They are kept apart from the ledger, which holds only their digests.
import { createHash } from 'node:crypto';
import { RuntimeFault } from '../faults.js';

/**
 * One private value: the agent's scope (`org.project.env.agent`), the month (`2025-11`), the RFC 9901 disclosure text and its
 * digest (base64url SHA-256 of the ASCII text). `intent` is the action that it belongs to; `subject` the pseudonym of the person it
 * is about (`SubjectNames`), null for nobody; `retention` until when it is kept. An entry that names an intent and leaves the subject open
 * takes both from the values of that intent that are there already.
 */
export type VaultEntry = {
  readonly agent: string;
  readonly month: string;
  readonly digest: string;
  readonly disclosure: string;
  readonly intent?: string | undefined;
  readonly subject?: string | null | undefined;
  readonly retention?: RetainUntil | undefined;
};

/** A class of retention and the time (RFC 3339) after which the sweep erases. */
export type RetainUntil = { readonly class: string; readonly until: string };

/** Keeps disclosures by digest. */
export interface Vault {
  /**
   * Resolves when all entries are durable, or rejects and none is. An entry already there stays as it is.
   * Throws WRIT-VLT-003 when a digest is not that of its disclosure.
   */
  put(entries: readonly VaultEntry[]): Promise<void>;
  /** The disclosure of a digest; undefined when there is none (any more). Throws WRIT-VLT-001 or -002 when it does not open. */
  get(digest: string): Promise<string | undefined>;
}

/** The digest under which a disclosure is kept (RFC 9901 §4.2.3). */
export function digestOfDisclosure(disclosure: string): string {
  return createHash('sha256').update(disclosure, 'utf8').digest('base64url');
}

/** Throws WRIT-VLT-003 unless every digest is that of its disclosure. */
export function checkEntries(entries: readonly VaultEntry[]): void {
  for (const { digest, disclosure } of entries) {
    if (digestOfDisclosure(disclosure) !== digest)
      throw new RuntimeFault('WRIT-VLT-003', `digest ${digest.slice(0, 43)}`);
  }
}
