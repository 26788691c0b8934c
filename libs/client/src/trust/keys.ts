// The key path: from the pinned roots, through verified registry facts, to certified keys. The pinned root is given at start and
// never changes from the wire; what was once revoked stays revoked.
import {
  DocumentLimits,
  LEDGER_PAYLOAD_TYPE,
  type LedgerDocument,
  parseLedgerDocument,
  subjects,
} from '@writ/contracts';
import { importPublic, openFrame, type PublicKey, readFrame, thumbprint } from '@writ/crypto';
import { WritError } from '../errors.js';
import { type CertifiedKey, type Directory, emptyDirectory, evolveDirectory } from './directory.js';

/** A root key of the organisation, pinned at start: it never changes from the wire. */
export type PinnedRoot = { readonly kid: string; readonly x: string };

export type HeldKey = { readonly certified: CertifiedKey; readonly key: PublicKey };

export interface KeyPath {
  /**
   * Learns registry facts (frames); gives the versions of those believed. What does not verify, or is a second fact of one
   * version, teaches nothing.
   */
  learn(frames: readonly Uint8Array[]): readonly number[];
  /** Takes keys away for good. */
  revoke(kids: readonly string[]): void;
  directory(): Directory;
  /** A certified key by id, not revoked. */
  find(kid: string): HeldKey | undefined;
}

/** Starts from the pinned roots of one organisation; with no roots nothing is ever believed. Throws WRIT-CFG-001. */
export const createKeyPath = (org: string, roots: readonly PinnedRoot[]): KeyPath => {
  const rootKeys = new Map(roots.map((root) => [root.kid, pinned(root)]));
  const facts = new Map<number, LedgerDocument>();
  const versions = new Map<string, number>();
  const revoked = new Set<string>();
  let directory = emptyDirectory;
  let newest = 0;

  const find: KeyPath['find'] = (kid) => {
    const certified = revoked.has(kid) ? undefined : directory.keys.get(kid);
    return certified && { certified, key: importPublic(certified.x) };
  };
  const author = (kid: string): PublicKey | undefined => {
    const held = find(kid);
    return held?.certified.role === 'registrar' ? held.key : rootKeys.get(kid);
  };
  const believe = (fact: LedgerDocument, ver: number): number => {
    facts.set(ver, fact);
    directory = ver > newest ? evolveDirectory(directory, fact) : refold(facts);
    newest = Math.max(newest, ver);
    return ver;
  };
  const learnOne = (bytes: Uint8Array): number | undefined => {
    const read = readFrame(bytes, DocumentLimits.any);
    const before = read.ok ? versions.get(read.frame.sig) : undefined;
    if (!read.ok || before !== undefined) return before;
    const fact = readFact(bytes, org, author);
    const ver = fact && versionOf(fact);
    if (fact === undefined || ver === undefined || facts.has(ver) || !mayAuthor(fact, rootKeys))
      return undefined;
    versions.set(read.frame.sig, ver);
    return believe(fact, ver);
  };
  return {
    learn: (frames) => frames.map(learnOne).filter((ver) => ver !== undefined),
    revoke: (kids) => {
      for (const kid of kids) revoked.add(kid);
    },
    directory: () => directory,
    find,
  };
};

const pinned = (root: PinnedRoot): PublicKey => {
  const wrong = 'a pinned root does not have the key id that it names';
  if (thumbprint(root.x) !== root.kid) throw new WritError('WRIT-CFG-001', wrong);
  return importPublic(root.x);
};

const readFact = (
  bytes: Uint8Array,
  org: string,
  author: (kid: string) => PublicKey | undefined,
): LedgerDocument | undefined => {
  const opened = openFrame(bytes, LEDGER_PAYLOAD_TYPE, author, DocumentLimits.any);
  if (!opened.ok) return undefined;
  const parsed = parseLedgerDocument(opened.document);
  if (parsed.kind !== 'known' || parsed.document.subject !== subjects.ledger('registry', org))
    return undefined;
  return honestCertificate(parsed.document) ? parsed.document : undefined;
};

/** The key id must be the thumbprint of the key, and a person's key certificate must be of that person. */
const honestCertificate = (fact: LedgerDocument): boolean => {
  const data = fact.data as { readonly key?: CertifiedKey; readonly registrar?: CertifiedKey };
  const cert = data.registrar ?? data.key;
  if (cert !== undefined && thumbprint(cert.x) !== cert.kid) return false;
  if (fact.type !== 'writ.registry.person-added.v1') return true;
  return fact.data.key.role === 'person' && fact.data.key.holder === fact.data.person;
};

/** Only a pinned root founds an organisation. */
const mayAuthor = (fact: LedgerDocument, roots: ReadonlyMap<string, PublicKey>): boolean =>
  fact.type !== 'writ.registry.organisation-founded.v1' || roots.has(fact.kid);

const versionOf = (fact: LedgerDocument): number | undefined => ('ver' in fact ? fact.ver : undefined);

const refold = (facts: ReadonlyMap<number, LedgerDocument>): Directory =>
  [...facts.entries()]
    .sort(([a], [b]) => a - b)
    .reduce((directory, [, fact]) => evolveDirectory(directory, fact), emptyDirectory);
