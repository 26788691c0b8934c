// What the scenario plays on: the running plane, the sample's database, its people, and the ledger as an auditor reads it.
import { type AnyLedgerEvent, inboxOf } from '@writ/contracts';
import {
  connectBus,
  connectPostgres,
  createReaderLedger,
  installPaths,
  type PostgresPool,
  type ReaderLedger,
} from '@writ/runtime';
import type { RunningPlane } from '../plane/up.js';
import { connectPeople, type People } from './people.js';
import { prepareProduction } from './production.js';
import type { Timeline } from './timeline.js';

/** One recorded event as the reader saw it. */
export type Seen = { readonly seq: number; readonly document: AnyLedgerEvent };

export type Stage = {
  readonly home: string;
  readonly plane: RunningPlane;
  readonly timeline: Timeline;
  /** The ledger so far; grows while the scenario plays. */
  readonly events: readonly Seen[];
  readonly production: PostgresPool;
  readonly productionUrl: string;
  readonly people: People;
  readonly close: () => Promise<void>;
};

const STEP_MS = 20_000;
const LOOK_MS = 20;
const READER = 'read-model';

/** Looks again until there is something; throws after 20 s, saying what did not happen. */
export const until = async <T>(what: string, look: () => T | undefined): Promise<T> => {
  const end = performance.now() + STEP_MS;
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    if (performance.now() > end) throw new Error(`waited ${STEP_MS / 1000} s in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
};

/** The events of one type after a position. */
export const since = (stage: Stage, from: number, type: string): readonly Seen[] =>
  stage.events.filter((event) => event.seq > from && event.document.type === type);

/** Waits for the first event of a type after a position. */
export const recordedAfter = (stage: Stage, from: number, type: string): Promise<Seen> =>
  until(type, () => since(stage, from, type)[0]);

const follow = async (reader: ReaderLedger, events: Seen[], signal: AbortSignal): Promise<void> => {
  for await (const { seq, bytes } of reader.read(1, { signal })) {
    const { signed } = JSON.parse(new TextDecoder().decode(bytes)) as { signed: AnyLedgerEvent };
    events.push({ seq, document: signed });
  }
};

const openProduction = async (databaseUrl: string): Promise<string> => {
  const url = new URL(databaseUrl);
  const admin = connectPostgres(databaseUrl, { max: 1 });
  const exists = await admin.query("select 1 from pg_database where datname = 'orders_production'");
  if (exists.rowCount === 0) await admin.query('create database orders_production');
  await admin.end();
  url.pathname = '/orders_production';
  await prepareProduction(url.toString());
  return url.toString();
};

/** Opens the stage. The reader has an account of its own: the scenario believes what is recorded, not what it did. */
export const openStage = async (home: string, plane: RunningPlane, timeline: Timeline): Promise<Stage> => {
  const { natsUrl, databaseUrl } = plane.servers;
  const productionUrl = await openProduction(databaseUrl);
  const inboxPrefix = inboxOf(READER);
  const bus = await connectBus({
    url: natsUrl,
    seedFile: installPaths(home).natsSeed(READER),
    inboxPrefix,
    name: 'sample',
  });
  const reader = createReaderLedger(bus, { inboxPrefix });
  const abort = new AbortController();
  const events: Seen[] = [];
  const end = await reader.end();
  const following = follow(reader, events, abort.signal).catch(() => undefined);
  await until('the ledger so far', () => (events.length >= end ? true : undefined));
  const people = await connectPeople(home, natsUrl);
  const production = connectPostgres(productionUrl, { max: 2 });
  const close = async (): Promise<void> => {
    abort.abort();
    await following;
    await Promise.all([people.admin.close(), people.approver.close(), bus.close(), production.end()]);
  };
  return { home, plane, timeline, events, production, productionUrl, people, close };
};
