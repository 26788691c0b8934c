// Distrust known from the beginning. Folds the registry until what it declares of keys is what it was folded with; verifies nothing itself.
import {
  type Kid,
  type LedgerDocument,
  type LedgerSeq,
  type PublicKeyEntry,
  parseLedgerDocument,
  type Scope,
  type Token,
} from '@writ/contracts';
import { type Accepts, type AdmissionRules, admit } from '../admission/admit.js';
import { emptyChain } from '../admission/chain.js';
import type { KeyDirectory, KeyRecord, Office } from '../admission/keys.js';
import { evolveRegistry, evolveVoidRegistry } from './registry.evolve.js';
import { type RegistryState, registryInitial } from './registry.state.js';

/** From which ledger position on each distrusted key is void. */
export type Distrust = ReadonlyMap<Kid, LedgerSeq>;

/** Nothing is distrusted. */
export const noDistrust: Distrust = new Map();

/** A stored message of the registry subject. */
export type RegistryMessage = {
  readonly seq: LedgerSeq;
  readonly subject: string;
  readonly time: string;
  readonly bytes: Uint8Array;
};

/** Opens a frame with the public key of its kid: its document and digest when the signature holds. Handed in because this is pure. */
export type OpenRegistry = (
  bytes: Uint8Array,
  find: (kid: Kid) => PublicKeyEntry | undefined,
) => { readonly document: unknown; readonly digest: string } | undefined;

const rootRecord = (org: Token, { kid, x }: PublicKeyEntry): KeyRecord => ({
  kid,
  x,
  role: 'root',
  holder: 'root',
  scope: org,
  certifiedAt: 0,
});

const distrusted = (key: KeyRecord, from: LedgerSeq | undefined): KeyRecord =>
  from === undefined || (key.distrustedFrom ?? Number.POSITIVE_INFINITY) <= from
    ? key
    : { ...key, distrustedFrom: from };

/** What an auditor or a service has pinned: the root keys of an organisation, and how many of them must agree. */
export type PinnedRoots = {
  readonly org: Token;
  readonly roots: readonly PublicKeyEntry[];
  /** 1 when absent. */
  readonly threshold?: number | undefined;
};

/** The ledger's beginning and the registrar that was appointed last, for `KeyDirectory`. */
export const officeOf = ({ genesis, registrar }: RegistryState): Office | undefined =>
  genesis === null || registrar === null ? undefined : { genesis, registrar };

/**
 * The directory that admission asks: the pinned roots, then what the registry certified up to here (`state` is asked anew each
 * time), with the distrust that is known from the beginning.
 */
export const rootedDirectory = (
  { org, roots, threshold = 1 }: PinnedRoots,
  state: () => RegistryState,
  distrust: Distrust = noDistrust,
): KeyDirectory => {
  const pinned = new Map(roots.map((root) => [root.kid, rootRecord(org, root)]));
  return {
    find: (kid) => {
      const key = pinned.get(kid) ?? state().keys.get(kid);
      return key === undefined || distrust.size === 0 ? key : distrusted(key, distrust.get(kid));
    },
    threshold: (of: Scope) => (of === org ? Math.max(threshold, state().threshold) : 1),
    office: (of: Scope) => (of === org ? officeOf(state()) : undefined),
  };
};

const DECLARES = ['writ.registry.key-distrusted.', 'writ.registry.registrar-appointed.'];

/** Whether a message may declare distrust: one look at its bytes, so that a registry without any is not verified twice. */
export const mentionsDistrust = (bytes: Uint8Array): boolean => {
  const text = new TextDecoder('latin1').decode(bytes);
  return DECLARES.some((type) => text.includes(type));
};

const declaredIn = ({ keys }: RegistryState): Distrust =>
  new Map(
    [...keys.values()].flatMap(({ kid, distrustedFrom, voidBorn }) =>
      distrustedFrom === undefined || voidBorn === true ? [] : [[kid, distrustedFrom] as const],
    ),
  );

const same = (one: Distrust, other: Distrust): boolean =>
  one.size === other.size && [...one].every(([kid, from]) => other.get(kid) === from);

const acceptsContracts: Accepts = (document) => {
  const parsed = parseLedgerDocument(document);
  if (parsed.kind === 'known') return 'known';
  return parsed.kind === 'invalid' ? { invalid: parsed.reason } : 'unknown';
};

type Rules = Pick<AdmissionRules, 'link' | 'endorses'> & {
  readonly open: OpenRegistry;
  /** The schema rule of admission; that of contracts when absent. */
  readonly accepts?: Accepts;
};

const foldOnce = (
  pinned: PinnedRoots,
  messages: readonly RegistryMessage[],
  rules: Rules,
  distrust: Distrust,
): RegistryState => {
  let state = registryInitial;
  let chain = emptyChain;
  const keys = rootedDirectory(pinned, () => state, distrust);
  const { link, endorses, accepts = acceptsContracts } = rules;
  for (const { seq, subject, time, bytes } of messages) {
    const opened = rules.open(bytes, keys.find);
    if (opened === undefined) continue;
    const { document, digest } = opened;
    const verdict = admit(
      chain,
      { seq, subject, document, digest },
      { keys, link, accepts, ...(endorses && { endorses }) },
    );
    if (verdict.kind === 'junk') continue;
    chain = verdict.chain;
    const recorded = { seq, subject, time, digest, document: document as LedgerDocument };
    state = verdict.kind === 'void' ? evolveVoidRegistry(state, recorded) : evolveRegistry(state, recorded);
  }
  return state;
};

/** Roots distrust registrars whatever else is void, and registrars no registrar: the second fold settles it, the third shows it. */
const MOST_FOLDS = 8;

/**
 * What the registry of an organisation distrusts, to be known from the beginning of the next fold of the whole ledger: folded with
 * it, the registry declares exactly it. `messages`: all of the registry subject, in order. Throws when it does not settle, which
 * the rules above exclude.
 */
export const distrustOf = (
  pinned: PinnedRoots,
  messages: readonly RegistryMessage[],
  rules: Rules,
): Distrust => {
  if (!messages.some(({ bytes }) => mentionsDistrust(bytes))) return noDistrust;
  let distrust = noDistrust;
  for (let n = 0; n < MOST_FOLDS; n += 1) {
    const declared = declaredIn(foldOnce(pinned, messages, rules, distrust));
    if (same(declared, distrust)) return declared;
    distrust = declared;
  }
  throw new Error('what the registry distrusts does not settle');
};
