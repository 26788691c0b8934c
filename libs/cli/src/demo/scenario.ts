// The main job, acted out on the running plane: every chapter ends in checks, and the checks decide the exit status.
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type AnyLedgerEvent, type HaltInForce, inboxOf, subjects } from '@writ/contracts';
import { connectBus, connectPostgres, createReaderLedger, installPaths, type PostgresPool, type ReaderLedger } from '@writ/runtime';
import type { RunningPlane } from '../plane/up.js';
import type { AgentNews } from './agent.js';
import { connectPerson, type Person } from './people.js';
import { type ProductionFacts, prepareProduction, productionFacts } from './production.js';
import { registerSample, Sample } from './sample.js';
import type { Timeline } from './timeline.js';

const STEP_MS = 20_000;

type Seen = { readonly seq: number; readonly time: string; readonly document: AnyLedgerEvent };

/** What the scenario has at hand. */
export type Stage = {
  readonly home: string;
  readonly plane: RunningPlane;
  readonly timeline: Timeline;
  readonly events: readonly Seen[];
  readonly production: PostgresPool;
  readonly people: { readonly admin: Person; readonly approver: Person; readonly oncall: Person };
  readonly close: () => Promise<void>;
};

const until = async <T>(what: string, look: () => T | undefined | Promise<T | undefined>): Promise<T> => {
  const end = performance.now() + STEP_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > end) throw new Error(`waited ${STEP_MS / 1000} s in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

/** A reader follows the ledger, as an auditor would: the scenario believes what is recorded, not what it did. */
const follow = (reader: ReaderLedger, events: Seen[], signal: AbortSignal): void => {
  (async () => {
    for await (const { seq, time, bytes } of reader.read(1, { signal })) {
      const text = new TextDecoder().decode(bytes);
      const { signed } = JSON.parse(text) as { signed: AnyLedgerEvent };
      events.push({ seq, time, document: signed });
    }
  })().catch(() => undefined);
};

/** Opens the stage: the sample's database, its people, a reader. */
export const openStage = async (home: string, plane: RunningPlane, timeline: Timeline): Promise<Stage> => {
  const { natsUrl, databaseUrl } = plane.servers;
  const url = new URL(databaseUrl);
  const admin = connectPostgres(databaseUrl, { max: 1 });
  const exists = await admin.query("select 1 from pg_database where datname = 'orders_production'");
  if (exists.rowCount === 0) await admin.query('create database orders_production');
  await admin.end();
  url.pathname = '/orders_production';
  await prepareProduction(url.toString());
  const bus = await connectBus({ url: natsUrl, seedFile: installPaths(home).natsSeed('read-model'), inboxPrefix: inboxOf('read-model'), name: 'sample' });
  const abort = new AbortController();
  const events: Seen[] = [];
  const reader = createReaderLedger(bus, { inboxPrefix: inboxOf('read-model') });
  const end = await reader.end();
  follow(reader, events, abort.signal);
  await until('the ledger to be read', () => (events.length >= end ? true : undefined));
  const person = (name: string) => connectPerson(home, Sample.org, name, natsUrl);
  const people = { admin: await person(Sample.admin), approver: await person(Sample.approver), oncall: await person(Sample.oncall) };
  const production = connectPostgres(url.toString(), { max: 2 });
  return {
    home,
    plane,
    timeline,
    events,
    production,
    people,
    close: async () => {
      abort.abort();
      await Promise.all(Object.values(people).map((p) => p.close()));
      await bus.close();
      await production.end();
    },
  };
};

const registryVersion = (events: readonly Seen[]): number =>
  Math.max(0, ...events.filter((e) => e.document.type.startsWith('writ.registry.')).map((e) => e.document.ver ?? 0));

const since = (stage: Stage, from: number, type: string): readonly Seen[] => stage.events.filter((e) => e.seq > from && e.document.type === type);

const dataOf = <T>(seen: Seen): T => seen.document.data as T;

type AgentProcess = { readonly child: ChildProcess; readonly news: AgentNews[]; readonly next: <K extends AgentNews['kind']>(kind: K, from?: number) => Promise<Extract<AgentNews, { kind: K }>> };

const startAgent = (stage: Stage): AgentProcess => {
  const paths = installPaths(stage.home);
  const database = new URL(stage.plane.servers.databaseUrl);
  database.pathname = '/orders_production';
  const child = fork(fileURLToPath(new URL('./agent.js', import.meta.url)), [paths.agentDir(Sample.agent), database.toString()], {
    env: { ...process.env, WRIT_NATS_URL: stage.plane.servers.natsUrl },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const news: AgentNews[] = [];
  child.on('message', (message) => {
    news.push(message as AgentNews);
    tellNews(stage.timeline, message as AgentNews);
  });
  const next: AgentProcess['next'] = (kind, from = 0) =>
    until(`the agent to be ${kind}`, () => news.slice(from).find((n): n is Extract<AgentNews, { kind: typeof kind }> => n.kind === kind));
  return { child, news, next };
};

const tellNews = (timeline: Timeline, news: AgentNews): void => {
  switch (news.kind) {
    case 'connected':
      return timeline.line('agent', 'connected with its own keys; holds a database connection that could drop everything');
    case 'asking':
      return timeline.line('agent', `wants to ${news.task}`);
    case 'escalated':
      return timeline.line('writ', `held at a gate: ${news.task} waits for a person`);
    case 'done':
      return timeline.line('agent', `did it: ${news.task} (${news.count} rows, receipt by ${news.via})`);
    case 'refused':
      return timeline.line('writ', `refused ${news.task}: ${news.code}`);
    case 'halted':
      return timeline.line('agent', `stopped on sight; hands over where it stands (task ${news.at + 1})`);
    case 'resumed':
      return timeline.line('agent', `got its state back and goes on from task ${news.at + 1}`);
    case 'finished':
      return timeline.line('agent', 'finished its work list');
  }
};

type GateFacts = { intentId: string; intentDigest: string; boundaryDigest: string; obligedDigest: string };

const gateOpened = (stage: Stage, from: number, intentId: string): Promise<GateFacts> =>
  until('the gate to open', () => since(stage, from, 'writ.approval.gate-opened.v1').map((e) => dataOf<GateFacts>(e)).find((g) => g.intentId === intentId));

const vote = async (stage: Stage, gate: GateFacts, choice: 'approve' | 'reject'): Promise<void> => {
  const { intentId, intentDigest, boundaryDigest, obligedDigest } = gate;
  const types = await stage.people.approver.vote({ environment: Sample.environment, intentId, intentDigest, boundaryDigest, obligedDigest, choice });
  stage.timeline.line('person', `${Sample.approver} signed: ${choice} (${types.map((t) => t.split('.')[2]).join(', ')})`);
};

/** Releases what an interrupted earlier run may have left in force. */
const releaseLeftovers = async (stage: Stage): Promise<void> => {
  const halts = new Map<string, string>();
  for (const { document } of stage.events) {
    if (document.type === 'writ.authority.halt-engaged.v1') halts.set(String(document.data['halt']), String(document.data['scope']));
    if (document.type === 'writ.authority.halt-released.v1') for (const halt of document.data['halts'] as string[]) halts.delete(halt);
  }
  for (const [halt, scope] of halts) await releaseHalt(stage, scope, halt);
};

const releaseHalt = (stage: Stage, scope: string, halt: string) =>
  stage.people.admin.command('kill-switch', { do: 'release', scope, halts: [halt as HaltInForce['id']], reason: { _sd: [] } }, registryVersion(stage.events));

/** Chapters 2 to 7. Throws only when something does not happen at all; what comes out wrong is a failed check. */
export const playScenario = async (stage: Stage, actions: Parameters<typeof registerSample>[1]): Promise<void> => {
  const { timeline, people } = stage;
  await registerSample(people.admin, actions, registryVersion(stage.events));
  timeline.line('person', `${Sample.admin} registered the agent, its owner, a boundary and a gate; each is a signed event`);
  await releaseLeftovers(stage);
  const start = stage.events.at(-1)?.seq ?? 0;
  const before = await productionFacts(stage.production);

  timeline.chapter('Reading and small changes: permitted at once');
  const agent = startAgent(stage);
  await agent.next('connected');
  const drop = await agent.next('escalated');
  const early = agent.news.filter((n) => n.kind === 'done');
  timeline.check(early.length === 3 && early.every((n) => n.via === 'policy'), 'one read and two small updates were permitted by policy, with a receipt each');
  timeline.check((await productionFacts(stage.production)).stuck === 0, 'the stuck orders are released in the production database');

  timeline.chapter('"The most efficient fix": drop and recreate a production table');
  const gate = await gateOpened(stage, start, drop.intentId);
  await vote(stage, gate, 'reject');
  await agent.next('refused');
  const afterDrop = await productionFacts(stage.production);
  timeline.check(sameTable(before, afterDrop), `the customers table is the same one, with all ${afterDrop.customers} rows`);

  timeline.chapter('A burst of deletes: flagged, then held');
  const mark = agent.news.length;
  const held = await agent.next('escalated', mark);
  const flag = await until('the flag', () => since(stage, start, 'writ.conduct.flagged.v1')[0]);
  const { detector, observed, threshold } = dataOf<{ detector: string; observed: number; threshold: number }>(flag);
  timeline.line('writ', `flagged by ${detector}: ${observed} in a minute, ${threshold} is the threshold that ships`);
  timeline.check(detector === 'irreversible-burst', 'the burst detector raised a flag; the next delete waits for a person');
  const burst = await gateOpened(stage, start, held.intentId);

  timeline.chapter('Halt by a plain publish, while that action is pending');
  const heardAt = performance.now();
  people.oncall.publishHalt(Sample.environment, '{"reason":"runaway deletes"}');
  timeline.line('person', `${Sample.oncall} typed: nats pub ${subjects.halt(Sample.oncall, Sample.environment)} '{"reason":"runaway deletes"}'`);
  await agent.next('halted');
  timeline.line('writ', `the agent had stopped ${Math.round(performance.now() - heardAt)} ms after the publish`);
  const halt = await until('the halt in the ledger', () => since(stage, start, 'writ.authority.halt-engaged.v1')[0]);
  await until('the acknowledgement', () => since(stage, halt.seq, 'writ.stop.acknowledged.v1')[0]);
  timeline.check(true, 'the halt is recorded and the agent acknowledged it, signed');
  await until('the preserved state', () => since(stage, halt.seq, 'writ.stop.state-preserved.v1')[0]);
  await until('the frozen gate', () => since(stage, halt.seq, 'writ.approval.frozen.v1')[0]);
  timeline.check(true, 'its state is kept encrypted and the pending gate is frozen with its remaining time');
  const during = await productionFacts(stage.production);
  await new Promise((resolve) => setTimeout(resolve, 700));
  const still = await productionFacts(stage.production);
  timeline.check(still.expiredCarts === during.expiredCarts, 'nothing is executed while the halt is in force');

  timeline.chapter('Release by a signed command; the agent goes on where it stood');
  await releaseHalt(stage, Sample.environment, String(halt.document.data['halt']));
  timeline.line('person', `${Sample.admin} signed the release; every client checks that signature itself`);
  const resumed = await agent.next('resumed');
  timeline.check(resumed.restored, 'the agent has its state back');
  await until('the thawed gate', () => since(stage, halt.seq, 'writ.approval.thawed.v1')[0]);
  await vote(stage, burst, 'approve');
  await agent.next('finished');
  const end = await productionFacts(stage.production);
  timeline.check(end.expiredCarts === 0 && end.carts === before.carts - 8, 'all 8 expired carts are gone, no other cart is');
  const released = since(stage, halt.seq, 'writ.authority.halt-released.v1')[0]?.seq ?? 0;
  const between = since(stage, halt.seq, 'writ.authority.receipt-issued.v1').filter((e) => e.seq < released);
  timeline.check(released > 0 && between.length === 0, 'in ledger order no receipt stands between the halt and its release');
  await new Promise((resolve) => agent.child.once('exit', resolve));
};

const sameTable = (before: ProductionFacts, after: ProductionFacts): boolean => before.customersOid === after.customersOid && before.customers === after.customers;
