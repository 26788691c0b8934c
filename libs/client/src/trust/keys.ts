// The key path: from the pinned roots, through verified registry facts, to certified keys. The pinned root is given at start and
// never changes from the wire; what was once revoked stays revoked.
import {
  DocumentLimits,
  LEDGER_PAYLOAD_TYPE,
  type LedgerDocument,
  parseLedgerDocument,
  subjects,
} from '@writ/contracts';
import {
  endorses,
  importPublic,
  openFrame,
  orIntroduced,
  type PublicKey,
  readFrame,
  thumbprint,
} from '@writ/crypto';
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

/**
 * Starts from the pinned roots of one organisation, of which `threshold` must agree to its genesis and to a new registrar; with no
 * roots nothing is ever believed. Throws WRIT-CFG-001.
 */
export const createKeyPath = (org: string, roots: readonly PinnedRoot[], threshold = 1): KeyPath => {
  const rootKeys = new Map(roots.map((root) => [root.kid, pinned(root)]));
  const facts = new Map<number, LedgerDocument>();
  let genesis: string | undefined;
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
    const made = readFact(bytes, org, author);
    const fact = made?.fact;
    const ver = fact && versionOf(fact);
    if (made === undefined || fact === undefined || ver === undefined || facts.has(ver)) return undefined;
    if (!mayAuthor(fact, { org, roots, threshold }) || wasEnded(directory.keys.get(fact.kid), ver))
      return undefined;
    if (introducesKnown(directory, fact) || endsRegistrar(directory, fact)) return undefined;
    if (isOfOtherOffice(facts, genesis, fact, ver)) return undefined;
    if (fact.type === 'writ.registry.organisation-founded.v1') genesis = made.digest;
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
): { readonly fact: LedgerDocument; readonly digest: string } | undefined => {
  const opened = openFrame(bytes, LEDGER_PAYLOAD_TYPE, orIntroduced(bytes, author), DocumentLimits.any);
  if (!opened.ok) return undefined;
  const parsed = parseLedgerDocument(opened.document);
  if (parsed.kind !== 'known' || parsed.document.subject !== subjects.ledger('registry', org))
    return undefined;
  const { document: fact } = parsed;
  return honestCertificate(fact) ? { fact, digest: opened.digest } : undefined;
};

/** The key id must be the thumbprint of the key; a registrar certifies no root and no registrar, and with a person a key of that person. */
const honestCertificate = (fact: LedgerDocument): boolean => {
  const data = fact.data as { readonly key?: CertifiedKey; readonly registrar?: CertifiedKey };
  const cert = data.registrar ?? data.key;
  if (cert !== undefined && thumbprint(cert.x) !== cert.kid) return false;
  if (data.key?.role === 'root' || data.key?.role === 'registrar') return false;
  if (fact.type !== 'writ.registry.person-added.v1') return true;
  return fact.data.key.role === 'person' && fact.data.key.holder === fact.data.person;
};

type Pinned = { readonly org: string; readonly roots: readonly PinnedRoot[]; readonly threshold: number };

/** Only pinned roots found an organisation and appoint a registrar: as many as are pinned, and as the genesis itself asks for. */
const mayAuthor = (fact: LedgerDocument, { org, roots, threshold }: Pinned): boolean => {
  if (fact.type === 'writ.registry.registrar-appointed.v1') {
    const { data } = fact;
    const own = data.org === org && data.registrar.kid === fact.kid && data.registrar.role === 'registrar';
    return own && agreeing(data, org, roots).size >= threshold;
  }
  if (fact.type !== 'writ.registry.organisation-founded.v1') return true;
  const signed = roots.filter(({ kid }) => kid === fact.kid).map(({ kid }) => kid);
  const agreed = new Set([...signed, ...agreeing(fact.data, org, roots)]);
  return signed.length > 0 && agreed.size >= Math.max(threshold, fact.data.threshold);
};

type Endorsed = { readonly endorsements?: readonly { readonly kid: string }[] | undefined };

const agreeing = (data: Endorsed, org: string, roots: readonly PinnedRoot[]): ReadonlySet<string> =>
  new Set(
    roots
      .filter((root) => data.endorsements?.some((e) => e.kid === root.kid && endorses(e, root, org, data)))
      .map(({ kid }) => kid),
  );

/** What a registrar signed after roots appointed another is nothing. */
const wasEnded = (author: CertifiedKey | undefined, ver: number): boolean =>
  author?.endedAt !== undefined && ver >= author.endedAt;

/** An appointed key is a new one: one role per key. */
const introducesKnown = ({ keys }: Directory, fact: LedgerDocument): boolean =>
  fact.type === 'writ.registry.registrar-appointed.v1' && keys.has(fact.kid);

/** The roots alone end a registrar, by appointing another. */
const endsRegistrar = ({ keys }: Directory, { type, data }: LedgerDocument): boolean =>
  type.startsWith('writ.registry.key-') && 'kid' in data && keys.get(data.kid)?.role === 'registrar';

/** An appointment is for this ledger, and for nothing once another registrar was appointed. */
const isOfOtherOffice = (
  facts: ReadonlyMap<number, LedgerDocument>,
  genesis: string | undefined,
  fact: LedgerDocument,
  ver: number,
): boolean => {
  if (fact.type !== 'writ.registry.registrar-appointed.v1') return false;
  const before = [...facts].filter(([at]) => at < ver).sort(([a], [b]) => b - a);
  const registrar = before.map(([, { data }]) => data).find((data) => 'registrar' in data)?.registrar.kid;
  return fact.data.genesis !== genesis || fact.data.after !== registrar;
};

const versionOf = (fact: LedgerDocument): number | undefined => ('ver' in fact ? fact.ver : undefined);

const refold = (facts: ReadonlyMap<number, LedgerDocument>): Directory =>
  [...facts.entries()]
    .sort(([a], [b]) => a - b)
    .reduce((directory, [, fact]) => evolveDirectory(directory, fact), emptyDirectory);
