// Owns a small, really signed ledger for tests: an organisation, its services, an agent, and whatever is appended.
import { type Family, LEDGER_PAYLOAD_TYPE, type LedgerEventType, livePayloadType } from '@writ/contracts';
import { generateKeyPair, type KeyPair, openFrame, sha256, signFrame } from '@writ/crypto';
import type { PinnedRoot, SourceMessage } from '../src/index.js';
import { type Chain, emptyChain, extend, isUnversionedType, link, nextPlace } from './chain-deps.js';

export const ORG = 'acme';
export const ENV = 'acme.shop.prod';
export const AGENT = 'acme.shop.prod.refunder';
export const OTHER = 'acme.shop.prod.indexer';

/** UUIDv7-shaped ids in order, the same in every run. */
export const uuid = (n: number): string =>
  `0190${n.toString(16).padStart(8, '0').slice(0, 4)}-${n.toString(16).padStart(4, '0').slice(-4)}-7000-8000-${n.toString(16).padStart(12, '0')}`;

const START = Date.parse('2026-03-01T10:00:00.000Z');

/** An event to append; ids, places, signature and time are made. */
export type Draft = {
  readonly type: LedgerEventType | (string & {});
  readonly data: object;
  readonly scope?: string;
  readonly agent?: string;
  readonly by?: KeyPair;
  readonly id?: string;
  readonly correlation?: string;
};

export type TestChain = {
  readonly messages: SourceMessage[];
  readonly roots: readonly PinnedRoot[];
  readonly keys: Readonly<Record<string, KeyPair>>;
  /** Server time of the next message; moves one second per message. */
  now(): string;
  append(draft: Draft): SourceMessage;
  /** Stores bytes as they are: junk, or a replay. */
  raw(subject: string, bytes: Uint8Array): SourceMessage;
  /** A live document signed by a key, as it stands embedded in events. */
  frame(kind: string, key: KeyPair, subject: string, data: object, id?: string): object;
  nextId(): string;
};

const ROLE_OF: Readonly<Record<Family, string>> = {
  registry: 'registrar',
  decision: 'decision',
  authority: 'receipt-ledger',
  outcome: 'receipt-ledger',
  approval: 'approval',
  conduct: 'anomaly-detector',
  stop: 'kill-switch',
};

const HALTS = /halt-|permit-revoked|environment-opened/;
const roleFor = (family: Family, type: string): string =>
  type.includes('organisation-founded')
    ? 'root'
    : HALTS.test(type) && family === 'authority'
      ? 'kill-switch'
      : ROLE_OF[family];

const SOURCES: Readonly<Record<string, string>> = { root: 'registry', registrar: 'registry' };

const ROLES = [
  'root',
  'registrar',
  'decision',
  'approval',
  'receipt-ledger',
  'anomaly-detector',
  'kill-switch',
  'agent',
  'other',
  'alice',
  'bob',
];

/** An empty ledger with fresh keys. `found` writes the organisation. */
export const createChain = (): TestChain => {
  const keys = Object.fromEntries(ROLES.map((role) => [role, generateKeyPair()])) as Record<string, KeyPair>;
  const messages: SourceMessage[] = [];
  const chains = new Map<string, Chain>();
  let ids = 0;
  const nextId = () => {
    ids += 1;
    return uuid(ids);
  };
  const now = () => new Date(START + messages.length * 1000).toISOString();
  const raw = (subject: string, bytes: Uint8Array) => {
    const message = { seq: messages.length + 1, subject, time: now(), bytes };
    messages.push(message);
    return message;
  };
  const frame = (kind: string, key: KeyPair, subject: string, data: object, id = nextId()): object => {
    const document = { type: `writ.${kind}.v1`, id, kid: key.kid, subject, time: now(), data };
    return JSON.parse(
      Buffer.from(signFrame(livePayloadType(kind as 'intent'), document, key)).toString('utf8'),
    );
  };
  const append = (draft: Draft) => {
    const family = draft.type.split('.')[1] as Family;
    const subject = `gov.ledger.${family}.${draft.scope ?? (family === 'registry' ? ORG : ENV)}`;
    const role = roleFor(family, draft.type);
    const key = draft.by ?? keys[role]!;
    const chain = chains.get(subject) ?? emptyChain;
    const versioned = !isUnversionedType(draft.type);
    const document = {
      specversion: '1.0',
      id: draft.id ?? `${nextId()}.${family}.0`,
      type: draft.type,
      source: `/writ/${SOURCES[role] ?? role}`,
      subject,
      time: now(),
      datacontenttype: 'application/json',
      kid: key.kid,
      seen: messages.length,
      causationid: 'test',
      correlationid: draft.correlation ?? 'test',
      ...(draft.agent === undefined ? {} : { agent: draft.agent }),
      ...(versioned ? definedOnly(nextPlace(chain, draft.agent)) : {}),
      data: draft.data,
    };
    const bytes = signFrame(LEDGER_PAYLOAD_TYPE, document, key);
    const opened = openFrame(bytes, LEDGER_PAYLOAD_TYPE, key);
    if (!opened.ok) throw new Error(opened.reason);
    chains.set(subject, extend(chain, document as never, opened.digest, link));
    return raw(subject, bytes);
  };
  const roots = [{ org: ORG, kid: keys['root']!.kid, x: keys['root']!.x }];
  return { messages, roots, keys, now, append, raw, frame, nextId };
};

const definedOnly = (place: object): object =>
  Object.fromEntries(Object.entries(place).filter(([, value]) => value !== undefined));

/** A digest of a text, for fields that only need one. */
export const digest = (text: string): string => sha256(text);
