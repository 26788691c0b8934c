// A real nats-server with the generated configuration and a small organisation on it, for the attack tests. One per test file.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createUser } from '@nats-io/nkeys';
import type { Msg, NatsConnection } from '@nats-io/transport-node';
import { inboxOf, Services, Streams } from '@writ/contracts';
import { createJetStreamLedger, ensureStreams, type Ledger } from '@writ/ledger';
import {
  connectBus,
  type NatsServer,
  type Roster,
  readViolations,
  serverConfig,
  startNatsServer,
} from '@writ/runtime';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';

export const BOT = 'acme.shop.prod.bot';
export const OTHER = 'acme.shop.prod.other';
export const GATE = 'acme.shop.prod.gate';
export const DECISIONS = 'gov.ledger.decision.acme.shop.prod';

/** The last sequence of every stream: what an attack must not move. */
export type World = Readonly<Record<string, number>>;

/** A publish that is tried: subject, and the reply subject that it forges. */
export type Try = readonly [subject: string, reply?: string];

export type Bus = {
  /** Connects as a user of the roster; closed after the test. */
  readonly as: (name: string) => Promise<NatsConnection>;
  readonly bootstrap: () => NatsConnection;
  readonly world: () => Promise<World>;
  /** Publishes, waits until the server has read it, and tells what the server counted as refused. */
  readonly attempt: (
    who: NatsConnection,
    name: string,
    tries: readonly Try[],
    body?: string | Uint8Array,
  ) => Promise<readonly string[]>;
  /** Every violation of a user that the server has logged so far. */
  readonly refusals: (name: string) => readonly string[];
  readonly nkeyOf: (name: string) => string;
  readonly roster: (agents?: readonly string[]) => Roster;
  /** Rewrites the configuration and has the server read it (SIGHUP). */
  readonly reload: (roster: Roster) => Promise<void>;
};

type Identity = { readonly seed: string; readonly nkey: string };

const newIdentity = (): Identity => {
  const pair = createUser();
  return { seed: new TextDecoder().decode(pair.getSeed()), nkey: pair.getPublicKey() };
};

export const settled = (ms = 60): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Everything that arrives on a subject, as text; `refused` says whether the server did not allow the subscription. */
export const listen = (who: NatsConnection, subject: string) => {
  const heard: string[] = [];
  let refused = false;
  who.subscribe(subject, {
    callback: (error: Error | null, message: Msg) => {
      if (error === null) heard.push(`${message.subject} ${message.string()}`);
      else refused = error.name === 'PermissionViolationError';
    },
  });
  return { heard, refused: () => refused };
};

/** What refusals of these publishes look like. */
export const refusedPublishes = (tries: readonly Try[]): readonly string[] =>
  tries.map(([subject]) => `publish ${subject}`);

/** Each subject as a try of its own. */
export const each = (subjects: readonly string[], reply?: string): readonly Try[] =>
  subjects.map((subject) => (reply === undefined ? [subject] : [subject, reply]));

export const decisionLedger = (connection: NatsConnection): Ledger =>
  createJetStreamLedger({ connection, ackInbox: `${inboxOf('decision')}.ack` });

const rosterOf = (nkeyOf: (name: string) => string, agents: readonly string[] = [BOT, OTHER]): Roster => ({
  version: 1,
  org: 'acme',
  bootstrap: nkeyOf('bootstrap'),
  services: Object.fromEntries(Services.map((name) => [name, nkeyOf(name)])) as Roster['services'],
  agents: agents.map((scope) => ({ scope, owner: 'dana', nkey: nkeyOf(scope) })),
  enforcementPoints: [{ scope: GATE, owner: 'dana', nkey: nkeyOf(GATE) }],
  people: [
    { person: 'dana', nkey: nkeyOf('dana'), grants: [], haltScopes: ['acme'] },
    { person: 'oncall', nkey: nkeyOf('oncall'), grants: [], haltScopes: ['acme.shop'] },
  ],
  auditors: ['ada', 'bert'].map((auditor) => ({ auditor, nkey: nkeyOf(auditor) })),
});

const lastSequences = async (bootstrap: NatsConnection): Promise<World> => {
  const entries = Object.values(Streams).map(async (stream) => {
    const info = await bootstrap.request(`$JS.API.STREAM.INFO.${stream}`, '', { timeout: 2000 });
    return [stream, info.json<{ state: { last_seq: number } }>().state.last_seq] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
};

/** Starts the server before the tests of a file and removes every trace of it afterwards. */
export const useBus = (): Bus => {
  const dir = mkdtempSync(join(tmpdir(), 'writ-bus-'));
  const [configFile, logFile, storeDir] = ['server.conf', 'server.log', 'store'].map((f) => join(dir, f)) as [
    string,
    string,
    string,
  ];
  const identities = new Map<string, Identity>();
  const open: NatsConnection[] = [];
  let server: NatsServer | undefined;
  let bootstrap: NatsConnection | undefined;

  const nkeyOf = (name: string): string => {
    if (!identities.has(name)) identities.set(name, newIdentity());
    return identities.get(name)?.nkey ?? '';
  };
  const roster = (agents?: readonly string[]): Roster => rosterOf(nkeyOf, agents);
  const write = (of: Roster): void =>
    writeFileSync(configFile, serverConfig(of, { storeDir, port: -1, portsFileDir: dir }));
  const connect = (name: string): Promise<NatsConnection> => {
    const seed = identities.get(name)?.seed ?? '';
    return connectBus({ url: server?.url ?? '', seed, inboxPrefix: inboxOf(name), name });
  };
  const refusals = (name: string): readonly string[] =>
    readViolations(readFileSync(logFile, 'utf8'))
      .filter((violation) => violation.nkey === nkeyOf(name))
      .map(({ kind, subject }) => `${kind} ${subject}`);

  beforeAll(async () => {
    write(roster());
    server = await startNatsServer({ storeDir, configFile, logFile, pidFile: join(dir, 'server.pid') });
    bootstrap = await connect('bootstrap');
    expect(await ensureStreams(bootstrap, { replicas: 1 })).toEqual({ kind: 'ready' });
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((connection) => connection.close()));
  });
  afterAll(async () => {
    await bootstrap?.close();
    await server?.stop();
    rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  });

  const started = <T>(thing: T | undefined): T => {
    if (thing === undefined) throw new Error('the server has not been started');
    return thing;
  };
  return {
    as: async (name) => {
      const connection = await connect(name);
      open.push(connection);
      return connection;
    },
    bootstrap: () => started(bootstrap),
    world: () => lastSequences(started(bootstrap)),
    attempt: async (who, name, tries, body = 'attack') => {
      const before = refusals(name).length;
      for (const [subject, reply] of tries) who.publish(subject, body, reply === undefined ? {} : { reply });
      await who.flush();
      await settled();
      return refusals(name).slice(before);
    },
    refusals,
    nkeyOf,
    roster,
    reload: async (of) => {
      write(of);
      await started(server).reload();
    },
  };
};
