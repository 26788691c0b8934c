// A ledger in memory for tests: really signed frames in real chains, folded as every service folds them. Decides nothing.
import {
  type Frame,
  type JsonObject,
  LEDGER_PAYLOAD_TYPE,
  type LedgerDocument,
  type LiveDocumentOf,
  type LiveKind,
  livePayloadType,
  parseLedgerDocument,
  parseSubject,
  subjects,
} from '@writ/contracts';
import { digestOf, generateKeyPair, type KeyPair, link, readFrame, signFrame } from '@writ/crypto';
import {
  type ApprovalState,
  type AuthorityState,
  approvalInitial,
  authorityInitial,
  type Chain,
  type ConductState,
  conductInitial,
  type DecisionState,
  type Draft,
  decisionInitial,
  type Envelope,
  emptyChain,
  evolveApproval,
  evolveAuthority,
  evolveConduct,
  evolveDecision,
  evolveOutcome,
  evolveRegistry,
  evolveStop,
  extend,
  isUnversionedType,
  nextPlace,
  type OutcomeState,
  outcomeInitial,
  type Recorded,
  type RegistryState,
  registryInitial,
  type StopState,
  stopInitial,
} from '@writ/domain';
import type { StoredMessage } from '../../src/index.js';

export const ORG = 'acme';
export const ENV = 'acme.shop.prod';
export const AGENT = 'acme.shop.prod.refunder';
export const OTHER = 'acme.shop.prod.indexer';
export const POINT = 'acme.shop.prod.gateway';

const START = Date.parse('2026-03-01T10:00:00.000Z');

export const iso = (ms: number): string => new Date(ms).toISOString();

/** A live document, signed. */
export type Live<K extends LiveKind> = {
  readonly document: LiveDocumentOf<K>;
  readonly frame: Frame;
  readonly digest: string;
  readonly key: KeyPair;
};

/** Who writes a draft, where, having seen what. */
export type Writing = {
  readonly key?: KeyPair;
  readonly source?: string;
  readonly subject?: string;
  readonly seen?: number;
  /** Attributes that replace those of an honest event. */
  readonly as?: Readonly<Record<string, unknown>>;
};

export type States = {
  registry: RegistryState;
  decision: DecisionState;
  approval: ApprovalState;
  authority: AuthorityState;
  outcome: OutcomeState;
  conduct: ConductState;
  stop: StopState;
};

const ROLE_OF: { readonly [family: string]: string } = {
  registry: 'registrar',
  decision: 'decision',
  approval: 'approval',
  authority: 'receipt-ledger',
  outcome: 'receipt-ledger',
  conduct: 'anomaly-detector',
  stop: 'kill-switch',
};

const KILL_SWITCH = /environment-opened|halt-engaged|halt-released|permit-revoked/;

/** Creates an empty ledger with its clock and its keys, which are made when first asked for. */
export const createLedger = () => {
  const messages: StoredMessage[] = [];
  const chains = new Map<string, Chain>();
  const keys = new Map<string, KeyPair>();
  const states: States = {
    registry: registryInitial,
    decision: decisionInitial,
    approval: approvalInitial,
    authority: authorityInitial,
    outcome: outcomeInitial,
    conduct: conductInitial,
    stop: stopInitial,
  };
  const undoing: { readonly subject: string; readonly chain: Chain; readonly states: States }[] = [];
  let ms = START;
  let ids = 0;

  const keyOf = (name: string): KeyPair => {
    const key = keys.get(name) ?? generateKeyPair();
    keys.set(name, key);
    return key;
  };
  const nextId = (): string => {
    ids += 1;
    const time = ms.toString(16).padStart(12, '0');
    return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${ids.toString(16).padStart(12, '0')}`;
  };
  const live = <K extends LiveKind>(
    kind: K,
    key: KeyPair,
    subject: string,
    data: LiveDocumentOf<K>['data'] | object,
    id = nextId(),
  ): Live<K> => {
    const document = { type: `writ.${kind}.v1`, id, kid: key.kid, subject, time: iso(ms), data };
    const bytes = signFrame(livePayloadType(kind), document, key);
    const read = readFrame(bytes);
    if (!read.ok) throw new Error(read.reason);
    return {
      document: document as LiveDocumentOf<K>,
      frame: JSON.parse(new TextDecoder().decode(bytes)) as Frame,
      digest: digestOf(livePayloadType(kind), read.frame.document),
      key,
    };
  };
  const store = (subject: string, bytes: Uint8Array): StoredMessage => {
    ms += 20;
    const message = { seq: messages.length + 1, subject, time: iso(ms), bytes };
    messages.push(message);
    return message;
  };
  const foldInto = (rec: Recorded): void => {
    states.registry = evolveRegistry(states.registry, rec);
    states.decision = evolveDecision(states.decision, rec);
    states.approval = evolveApproval(states.approval, rec);
    states.authority = evolveAuthority(states.authority, rec);
    states.outcome = evolveOutcome(states.outcome, rec);
    states.conduct = evolveConduct(states.conduct, rec);
    states.stop = evolveStop(states.stop, rec);
  };
  const documentOf = (draft: Draft, writing: Writing): JsonObject & { subject: string } => {
    const family = draft.type.split('.')[1] as string;
    const role = KILL_SWITCH.test(draft.type) ? 'kill-switch' : (ROLE_OF[family] as string);
    const key = writing.key ?? keyOf(role);
    const service = role === 'registrar' ? 'registry' : role;
    const scope = family === 'registry' ? ORG : ENV;
    const subject = writing.subject ?? subjects.ledger(family as 'registry', scope);
    const chain = chains.get(subject) ?? emptyChain;
    return {
      specversion: '1.0',
      source: `/writ/${writing.source ?? service}`,
      subject,
      time: iso(ms),
      datacontenttype: 'application/json',
      kid: key.kid,
      ...(isUnversionedType(draft.type) ? {} : nextPlace(chain, draft.agent)),
      seen: writing.seen ?? messages.length,
      ...draft,
      ...writing.as,
    } as JsonObject & { subject: string };
  };
  /** Signs, stores and folds a draft as its service does; `writing` says what is done otherwise. */
  const write = (draft: Draft, writing: Writing = {}): Recorded => {
    const document = documentOf(draft, writing);
    const { subject } = document;
    const family = parseSubject(subject)?.kind === 'ledger' ? draft.type.split('.')[1] : undefined;
    const role = KILL_SWITCH.test(draft.type) ? 'kill-switch' : (ROLE_OF[family ?? ''] as string);
    const bytes = signFrame(LEDGER_PAYLOAD_TYPE, document, writing.key ?? keyOf(role));
    const read = readFrame(bytes);
    if (!read.ok) throw new Error(read.reason);
    const digest = digestOf(LEDGER_PAYLOAD_TYPE, read.frame.document);
    const message = store(subject, bytes);
    const parsed = parseLedgerDocument(document);
    if (parsed.kind !== 'known') throw new Error(`${draft.type}: ${JSON.stringify(parsed)}`);
    const { seq, time } = message;
    const rec: Recorded = { seq, time, subject, digest, document: parsed.document as LedgerDocument };
    const chain = chains.get(subject) ?? emptyChain;
    undoing.push({ subject, chain, states: { ...states } });
    chains.set(subject, extend(chain, document as unknown as Envelope, digest, link));
    foldInto(rec);
    return rec;
  };
  return {
    messages,
    states,
    keyOf,
    nextId,
    live,
    write,
    /** Stores bytes as they are. */
    store,
    /** Takes back the last written event, states and chain included: what would have been written honestly. */
    undo: () => {
      const last = undoing.pop();
      if (last === undefined) throw new Error('nothing was written');
      messages.pop();
      chains.set(last.subject, last.chain);
      Object.assign(states, last.states);
    },
    now: () => iso(ms),
    ms: () => ms,
    pass: (seconds: number) => {
      ms += seconds * 1000;
    },
    roots: () => [{ kid: keyOf('root').kid, x: keyOf('root').x }],
  };
};

export type TestLedger = ReturnType<typeof createLedger>;
