// A made-up organisation: keys, a key directory folded from the registry, processes that follow and write, an audit.
import { type JsonObject, type KeyRole, LEDGER_PAYLOAD_TYPE, type ServiceName } from '@writ/contracts';
import { generateKeyPair, type KeyPair, link, openFrame } from '@writ/crypto';
import { admit, type Chain, emptyChain, type KeyDirectory, type KeyRecord } from '@writ/domain';
import {
  createFollower,
  createSealer,
  createWriter,
  type EventDraft,
  type Follower,
  type JunkMessage,
  type Ledger,
  type LedgerEvent,
  type Seal,
  type StoredMessage,
  systemClock,
  type Writer,
  type WriterOptions,
} from '../src/index.js';

const ROLES = ['root', 'registrar', 'decision', 'receipt-ledger', 'kill-switch'] as const;
type TestRole = (typeof ROLES)[number];

export type World = {
  readonly org: string;
  readonly env: string;
  readonly keys: Readonly<Record<TestRole, KeyPair>>;
  readonly subjects: Readonly<Record<'registry' | 'decision' | 'authority', string>>;
};

let worlds = 0;

/** A fresh organisation with one environment; its subjects are its own, so that many share one server. */
export const createWorld = (): World => {
  worlds += 1;
  const org = `org-${process.pid}-${worlds}`;
  const env = `${org}.shop.prod`;
  const keys = Object.fromEntries(ROLES.map((role) => [role, generateKeyPair()])) as World['keys'];
  const subjects = {
    registry: `gov.ledger.registry.${org}`,
    decision: `gov.ledger.decision.${env}`,
    authority: `gov.ledger.authority.${env}`,
  };
  return { org, env, keys, subjects };
};

/** All keys are pinned; a `key-revoked` event, folded, revokes. */
export const createDirectory = (world: World): KeyDirectory & { fold: (event: LedgerEvent) => void } => {
  const records = new Map<string, KeyRecord>(
    ROLES.map((role) => {
      const { kid, x } = world.keys[role];
      return [kid, { kid, x, role: role as KeyRole, holder: role, scope: world.org, certifiedAt: 0 }];
    }),
  );
  return {
    find: (kid) => records.get(kid),
    fold: (event) => {
      if (event.document.type !== 'writ.registry.key-revoked.v1') return;
      const { kid } = event.document.data;
      const record = records.get(kid);
      if (record !== undefined) records.set(kid, { ...record, revokedAt: event.seq });
    },
  };
};

const SERVICES: Readonly<Record<TestRole, ServiceName>> = {
  root: 'registry',
  registrar: 'registry',
  decision: 'decision',
  'receipt-ledger': 'receipt-ledger',
  'kill-switch': 'kill-switch',
};

export const now = (): string => new Date().toISOString();

export const sealer = (world: World, role: TestRole): Seal =>
  createSealer({ key: world.keys[role], service: SERVICES[role], now });

export const draft = (id: string, type: string, data: JsonObject = {}, agent?: string): EventDraft => ({
  id,
  type,
  data,
  ...(agent === undefined ? {} : { agent }),
  causationid: id,
  correlationid: id,
});

/** What the tests' aggregate folds: which events have counted, and whether a halt is in force. */
export type Log = { readonly ids: readonly string[]; readonly halted: boolean };

export const emptyLog: Log = { ids: [], halted: false };

export const evolveLog = (log: Log, event: LedgerEvent): Log => {
  const { id, type } = event.document;
  const halted =
    type === 'writ.authority.halt-engaged.v1' || (log.halted && type !== 'writ.authority.halt-released.v1');
  return { ids: [...log.ids, id], halted };
};

export type TestProcess = {
  readonly follower: Follower;
  readonly events: LedgerEvent[];
  readonly junk: JunkMessage[];
  readonly failures: unknown[];
  readonly writer: (subject: string, role: TestRole, options?: Partial<WriterOptions<Log>>) => Writer<Log>;
  readonly stop: () => Promise<void>;
};

/** A process of the organisation: one follower, any number of writers. */
export const startProcess = async (world: World, ledger: Ledger): Promise<TestProcess> => {
  const directory = createDirectory(world);
  const mine = new Set(Object.values(world.subjects));
  const junk: JunkMessage[] = [];
  const events: LedgerEvent[] = [];
  const failures: unknown[] = [];
  const logs = new Map<string, Log>();
  const follower = createFollower({
    ledger,
    keys: directory,
    accepts: () => 'known',
    onJunk: (message) => {
      if (mine.has(message.subject)) junk.push(message);
    },
    onFailure: (error) => failures.push(error),
  });
  follower.fold(directory.fold);
  follower.fold((event) => logs.set(event.subject, evolveLog(logs.get(event.subject) ?? emptyLog, event)));
  follower.listen((event) => {
    if (mine.has(event.subject)) events.push(event);
  });
  await follower.start();
  return {
    follower,
    events,
    junk,
    failures,
    writer: (subject, role, options = {}) =>
      createWriter({
        ledger,
        subject,
        follower,
        fold: { initial: logs.get(subject) ?? emptyLog, evolve: evolveLog },
        seal: sealer(world, role),
        ...options,
      }),
    stop: () => follower.stop(),
  };
};

/** Submits one event; the decider knows it again when it is there already. */
export const write = (writer: Writer<Log>, event: EventDraft, timeoutMs = 10_000) =>
  writer.submit({
    id: event.id,
    deadline: systemClock.now() + timeoutMs,
    decide: ({ state }) =>
      state.ids.includes(event.id) ? { result: 'known', events: [] } : { result: 'written', events: [event] },
  });

export type Audited = {
  readonly seq: number;
  readonly kind: 'event' | 'void' | 'junk';
  readonly id: string;
  readonly type: string;
  readonly ver: number | undefined;
};

/** Everything stored so far. */
export const readAll = async (ledger: Ledger): Promise<StoredMessage[]> => {
  const end = await ledger.end();
  const all: StoredMessage[] = [];
  if (end === 0) return all;
  const controller = new AbortController();
  for await (const message of ledger.read(1, { signal: controller.signal })) {
    all.push(message);
    if (message.seq >= end) controller.abort();
  }
  return all;
};

/** Judges a subject anew from its bytes, with nothing that the writers or followers under test have computed. */
export const audit = (world: World, messages: readonly StoredMessage[], subject: string): Audited[] => {
  const byKid = new Map(ROLES.map((role) => [world.keys[role].kid, world.keys[role]]));
  const directory = createDirectory(world);
  const chains = new Map<string, Chain>();
  return messages.flatMap((message) => {
    const opened = openFrame(message.bytes, LEDGER_PAYLOAD_TYPE, (kid) => byKid.get(kid));
    const document = (opened.ok ? opened.document : {}) as { id?: string; type?: string; ver?: number };
    const verdict = opened.ok
      ? admit(
          chains.get(message.subject) ?? emptyChain,
          { seq: message.seq, subject: message.subject, document: opened.document, digest: opened.digest },
          { keys: directory, link, accepts: () => 'known' },
        )
      : ({ kind: 'junk' } as const);
    if (verdict.kind !== 'junk') chains.set(message.subject, verdict.chain);
    if (verdict.kind === 'event') directory.fold({ seq: message.seq, document } as unknown as LedgerEvent);
    if (message.subject !== subject) return [];
    const { id = '', type = '', ver } = document;
    return [{ seq: message.seq, kind: verdict.kind, id, type, ver }];
  });
};
