// Opens documents under certified keys: signature, role, subject, schema. What it does not accept, nothing else here reads.
import {
  DocumentLimits,
  type KeyRole,
  KnownObligations,
  LEDGER_PAYLOAD_TYPE,
  type LedgerDocumentOf,
  type LedgerEventType,
  type LiveDocumentOf,
  type LiveKind,
  liveDocuments,
  livePayloadType,
  parseLedgerDocument,
} from '@writ/contracts';
import { openFrame } from '@writ/crypto';
import { createKeyPath, type KeyPath, type PinnedRoot } from './keys.js';

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

export interface Trust extends KeyPath {
  /** A live document: signature, key role, subject, schema. */
  live<K extends LiveKind>(kind: K, bytes: Uint8Array, from: Signer): Trusted<LiveDocumentOf<K>> | NotTrusted;
  /** A ledger event of one of `types`: signature, key role, source, subject, schema. */
  fact<T extends LedgerEventType>(
    types: readonly T[],
    bytes: Uint8Array,
    from: Signer,
  ): Trusted<LedgerDocumentOf<T>> | NotTrusted;
}

/** Who may have signed, and for which subjects. */
export type Signer = { readonly roles: readonly KeyRole[]; readonly subjects: readonly string[] };

const no = (why: NotTrusted['why'], reason: string): NotTrusted => ({ ok: false, why, reason });

/** Documents under the keys of one organisation, from its pinned roots on, of which `threshold` must agree. */
export const createTrust = (org: string, roots: readonly PinnedRoot[], threshold = 1): Trust => {
  const keys = createKeyPath(org, roots, threshold);
  return {
    ...keys,
    live: (kind, bytes, from) => {
      const opened = open(keys, bytes, livePayloadType(kind), from.roles, true);
      return opened.ok ? fitLive(kind, opened, from) : opened;
    },
    fact: (types, bytes, from) => {
      const opened = open(keys, bytes, LEDGER_PAYLOAD_TYPE, from.roles, false);
      return opened.ok ? fitFact(types, opened, from) : opened;
    },
  };
};

/** A retired key vouches for facts of the past, not for live documents. */
const open = (
  keys: KeyPath,
  bytes: Uint8Array,
  payloadType: string,
  roles: readonly KeyRole[],
  live: boolean,
): (Opened & { readonly ok: true }) | NotTrusted => {
  let missing = false;
  const source = (kid: string) => {
    const held = keys.find(kid);
    missing = held === undefined;
    if (held === undefined || !roles.includes(held.certified.role)) return undefined;
    return live && held.certified.retired ? undefined : held.key;
  };
  const opened = openFrame(bytes, payloadType, source, DocumentLimits.any);
  return opened.ok ? opened : no(missing ? 'unknown-key' : 'forged', opened.code);
};

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
