// The key path: from the pinned root, through verified registry facts, to the key that signed a document. The pinned root
// is given at start and never changes from the wire; what was once revoked stays revoked.
import {
  DocumentLimits,
  type KeyRole,
  KnownObligations,
  LEDGER_PAYLOAD_TYPE,
  type LedgerDocument,
  type LedgerDocumentOf,
  type LedgerEventType,
  type LiveDocumentOf,
  type LiveKind,
  liveDocuments,
  livePayloadType,
  parseLedgerDocument,
  subjects,
} from '@writ/contracts';
import { importPublic, openFrame, type PublicKey, readFrame, thumbprint } from '@writ/crypto';
import { type CertifiedKey, type Directory, emptyDirectory, evolveDirectory } from './directory.js';

/** A root key of the organisation, pinned at start: it never changes from the wire. */
export type PinnedRoot = { readonly kid: string; readonly x: string };

/** `why`: `unknown-key` may be cured by asking for the key path again; the others may not. */
export type NotTrusted = {
  readonly ok: false;
  readonly why: 'unknown-key' | 'forged' | 'unfit' | 'unknown-obligation';
  readonly reason: string;
};
export type Trusted<D> = {
  readonly ok: true;
  readonly document: D;
  readonly digest: string;
  readonly kid: string;
};

export interface Trust {
  /** Learns registry facts (frames); gives the versions of those believed. What does not verify, or is a second fact of one version, teaches nothing. */
  learn(frames: readonly Uint8Array[]): readonly number[];
  /** Takes keys away for good. */
  revoke(kids: readonly string[]): void;
  directory(): Directory;
  /** A live document: signature, key role, subject, schema. */
  live<K extends LiveKind>(kind: K, bytes: Uint8Array, from: Signer): Trusted<LiveDocumentOf<K>> | NotTrusted;
  /** A ledger event of one of `types`: signature, key role, source, subject, schema. */
  fact<T extends LedgerEventType>(
    types: readonly T[],
    bytes: Uint8Array,
    from: Signer,
  ): Trusted<LedgerDocumentOf<T>> | NotTrusted;
  /** A key by id, not revoked. */
  find(kid: string): { readonly certified: CertifiedKey; readonly key: PublicKey } | undefined;
}

/** Who may have signed, and for which subjects. */
export type Signer = { readonly roles: readonly KeyRole[]; readonly subjects: readonly string[] };

const no = (why: NotTrusted['why'], reason: string): NotTrusted => ({ ok: false, why, reason });

/** Starts from the pinned roots of one organisation; with no roots nothing is ever believed. */
export const createTrust = (org: string, roots: readonly PinnedRoot[]): Trust => {
  const rootKeys = new Map(roots.map((root) => [root.kid, pinned(root)]));
  const facts = new Map<number, LedgerDocument>();
  const revoked = new Set<string>();
  let directory = emptyDirectory;

  const find: Trust['find'] = (kid) => {
    const certified = revoked.has(kid) ? undefined : directory.keys.get(kid);
    return certified && { certified, key: importPublic(certified.x) };
  };
  const author = (kid: string): PublicKey | undefined => {
    const held = find(kid);
    return held?.certified.role === 'registrar' ? held.key : rootKeys.get(kid);
  };
  const versions = new Map<string, number>();
  let newest = 0;
  const believe = (fact: LedgerDocument, ver: number): void => {
    facts.set(ver, fact);
    directory = ver > newest ? evolveDirectory(directory, fact) : refold(facts);
    newest = Math.max(newest, ver);
  };
  const learnOne = (bytes: Uint8Array): number | undefined => {
    const read = readFrame(bytes, DocumentLimits.any);
    const before = read.ok ? versions.get(read.frame.sig) : undefined;
    if (!read.ok || before !== undefined) return before;
    const fact = readFact(bytes, org, author);
    const ver = fact && versionOf(fact);
    if (fact === undefined || ver === undefined || facts.has(ver) || !mayAuthor(fact, rootKeys))
      return undefined;
    believe(fact, ver);
    versions.set(read.frame.sig, ver);
    return ver;
  };
  const open = (bytes: Uint8Array, payloadType: string, roles: readonly KeyRole[], live: boolean) => {
    let missing = false;
    const opened = openFrame(
      bytes,
      payloadType,
      (kid) => {
        const held = find(kid);
        missing = held === undefined;
        if (held === undefined || !roles.includes(held.certified.role)) return undefined;
        return live && held.certified.retired ? undefined : held.key;
      },
      DocumentLimits.any,
    );
    if (opened.ok) return opened;
    return no(missing ? 'unknown-key' : 'forged', opened.code);
  };

  return {
    learn: (frames) => frames.map(learnOne).filter((ver) => ver !== undefined),
    revoke: (kids) => {
      for (const kid of kids) revoked.add(kid);
    },
    directory: () => directory,
    find,
    live: (kind, bytes, from) => {
      const opened = open(bytes, livePayloadType(kind), from.roles, true);
      return opened.ok ? fitLive(kind, opened, from) : opened;
    },
    fact: (types, bytes, from) => {
      const opened = open(bytes, LEDGER_PAYLOAD_TYPE, from.roles, false);
      return opened.ok ? fitFact(types, opened, from) : opened;
    },
  };
};

const pinned = (root: PinnedRoot): PublicKey => {
  const key = importPublic(root.x);
  if (key.kid !== root.kid) throw new RangeError('a pinned root does not have the key id that it names');
  return key;
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

type Opened = { readonly document: unknown; readonly digest: string; readonly kid: string };

const fitLive = <K extends LiveKind>(
  kind: K,
  opened: Opened,
  from: Signer,
): Trusted<LiveDocumentOf<K>> | NotTrusted => {
  const parsed = liveDocuments[kind].safeParse(opened.document);
  if (!parsed.success) return no('unfit', `not a ${kind}`);
  const document = parsed.data as LiveDocumentOf<K>;
  if (!from.subjects.includes(document.subject)) return no('unfit', 'it names another subject');
  return { ok: true, document, digest: opened.digest, kid: opened.kid };
};

const fitFact = <T extends LedgerEventType>(
  types: readonly T[],
  opened: Opened,
  from: Signer,
): Trusted<LedgerDocumentOf<T>> | NotTrusted => {
  if (obligesUnknown(opened.document)) return no('unknown-obligation', 'an obligation is not known here');
  const parsed = parseLedgerDocument(opened.document);
  if (parsed.kind === 'invalid') return no('unfit', parsed.reason);
  if (parsed.kind === 'unknown-type') return no('unfit', 'an event of an unknown type');
  const { document } = parsed;
  if (!(types as readonly string[]).includes(document.type)) return no('unfit', 'an event of another type');
  if (!from.subjects.includes(document.subject)) return no('unfit', 'it names another subject');
  if (!from.roles.some((role) => document.source === `/writ/${role}`))
    return no('unfit', 'it names another source');
  return { ok: true, document: document as LedgerDocumentOf<T>, digest: opened.digest, kid: opened.kid };
};

type Obliging = { readonly obligations?: unknown; readonly what?: { readonly obligations?: unknown } | null };

/** A decision or receipt of a newer plane may oblige to what this client cannot do: then it must not act. */
const obligesUnknown = (document: unknown): boolean => {
  const data = (document as { readonly data?: Obliging | null } | null)?.data;
  const obligations = data?.obligations ?? data?.what?.obligations;
  if (!Array.isArray(obligations)) return false;
  return obligations.some((o: { kind?: unknown } | null) => !KnownObligations.includes(String(o?.kind)));
};
