// The chapters of the sample. Each acts, waits for what is recorded, and ends in checks that decide the exit status.
import { subjects } from '@writ/contracts';
import type { AgentProcess } from './agent-process.js';
import { Sample } from './names.js';
import { publishHalt, recorded } from './people.js';
import { type ProductionFacts, productionFacts } from './production.js';
import { recordedAfter, type Seen, type Stage, since, until } from './stage.js';

const { environment, approver, admin, oncall } = Sample;

type GateFacts = {
  readonly intentId: string;
  readonly intentDigest: string;
  readonly boundaryDigest: string;
  readonly obligedDigest: string;
};

const gateOf = (stage: Stage, intentId: string): Promise<GateFacts> =>
  until('the open gate', () =>
    since(stage, 0, 'writ.approval.gate-opened.v1')
      .map((event) => event.document.data as unknown as GateFacts)
      .find((gate) => gate.intentId === intentId),
  );

const vote = async (stage: Stage, gate: GateFacts, choice: 'approve' | 'reject'): Promise<void> => {
  const { intentId, intentDigest, boundaryDigest, obligedDigest } = gate;
  const binding = { environment, intentId, intentDigest, boundaryDigest, obligedDigest };
  const events = recorded(await stage.people.approver.vote({ gate: binding, choice }));
  stage.timeline.line(
    'person',
    `${approver} signed: ${choice} (${events.map((e) => e.document.type.split('.')[2]).join(', ')})`,
  );
};

const releaseHalt = async (stage: Stage, halt: string): Promise<void> => {
  const action = { do: 'release' as const, scope: environment, halts: [halt], reason: { _sd: [] } };
  recorded(await stage.people.admin.command('kill-switch', action));
};

/** Releases what an interrupted earlier run may have left in force. */
export const releaseLeftovers = async (stage: Stage): Promise<void> => {
  const inForce = new Set<string>();
  for (const { document } of stage.events) {
    if (document.type === 'writ.authority.halt-engaged.v1') inForce.add(String(document.data['halt']));
    if (document.type === 'writ.authority.halt-released.v1')
      for (const halt of document.data['halts'] as string[]) inForce.delete(halt);
  }
  for (const halt of inForce) await releaseHalt(stage, halt);
};

/** Reads and changes a few rows: permitted by policy. Ends when the agent waits at the gate of its drop; returns that intent. */
export const readAndChange = async (stage: Stage, agent: AgentProcess): Promise<string> => {
  const { timeline } = stage;
  timeline.chapter('Reading and small changes: permitted at once');
  await agent.next('connected');
  const { intentId } = await agent.next('escalated');
  const done = agent.news.filter((news) => news.kind === 'done');
  timeline.check(
    done.length === 3 && done.every((news) => news.via === 'policy'),
    'one read and two small updates were permitted by policy, with a receipt each',
  );
  timeline.check(
    (await productionFacts(stage.production)).stuck === 0,
    'the stuck orders are released in the production database',
  );
  return intentId;
};

/** The incident: drop and recreate. A person rejects; nothing was dropped. */
export const dropAndRecreate = async (
  stage: Stage,
  agent: AgentProcess,
  intentId: string,
  before: ProductionFacts,
): Promise<void> => {
  const { timeline } = stage;
  timeline.chapter('"The most efficient fix": drop and recreate a production table');
  await vote(stage, await gateOf(stage, intentId), 'reject');
  await agent.next('refused');
  const after = await productionFacts(stage.production);
  const same = after.customersOid === before.customersOid && after.customers === before.customers;
  timeline.check(same, `the customers table is the same one, with all ${after.customers} rows`);
};

/** A burst of deletes: flagged by the thresholds that ship; the next one waits. Returns its gate. */
export const burst = async (stage: Stage, agent: AgentProcess, start: number): Promise<GateFacts> => {
  const { timeline } = stage;
  timeline.chapter('A burst of deletes: flagged, then held');
  const { intentId } = await agent.next(
    'escalated',
    agent.news.findIndex((news) => news.kind === 'refused'),
  );
  const flag = await recordedAfter(stage, start, 'writ.conduct.flagged.v1');
  const { detector, observed, threshold } = flag.document.data as {
    detector?: string;
    observed?: number;
    threshold?: number;
  };
  timeline.line(
    'writ',
    `flagged by ${detector}: ${observed} in a minute, ${threshold} is the threshold that ships`,
  );
  timeline.check(
    detector === 'irreversible-burst',
    'the burst detector raised a flag; the next delete waits for a person',
  );
  return gateOf(stage, intentId);
};

/** A plain publish halts while that action is pending. Returns the recorded halt. */
export const halt = async (stage: Stage, agent: AgentProcess, start: number): Promise<Seen> => {
  const { timeline, plane, home } = stage;
  timeline.chapter('Halt by a plain publish, while that action is pending');
  const body = '{"reason":"runaway deletes"}';
  const published = performance.now();
  await publishHalt(home, plane.servers.natsUrl, environment, body);
  timeline.line('person', `${oncall} typed: nats pub ${subjects.halt(oncall, environment)} '${body}'`);
  await agent.next('halted');
  timeline.line(
    'writ',
    `the agent had stopped ${Math.round(performance.now() - published)} ms later, connecting included`,
  );
  const engaged = await recordedAfter(stage, start, 'writ.authority.halt-engaged.v1');
  await recordedAfter(stage, engaged.seq, 'writ.stop.acknowledged.v1');
  timeline.check(true, 'the halt is recorded, and the agent has acknowledged it with its signature');
  await recordedAfter(stage, engaged.seq, 'writ.stop.state-preserved.v1');
  await recordedAfter(stage, engaged.seq, 'writ.approval.frozen.v1');
  timeline.check(true, 'its state is kept encrypted; the pending gate is frozen with its remaining time');
  const during = await productionFacts(stage.production);
  await new Promise((resolve) => setTimeout(resolve, 700));
  const still = await productionFacts(stage.production);
  timeline.check(
    still.expiredCarts === during.expiredCarts,
    'nothing is executed while the halt is in force',
  );
  return engaged;
};

/** A signed release; the agent goes on from where it stood and finishes. */
export const releaseAndFinish = async (
  stage: Stage,
  agent: AgentProcess,
  engaged: Seen,
  held: GateFacts,
  before: ProductionFacts,
): Promise<void> => {
  const { timeline } = stage;
  timeline.chapter('Release by a signed command; the agent goes on where it stood');
  await releaseHalt(stage, String(engaged.document.data['halt']));
  timeline.line('person', `${admin} signed the release; every client checks that signature itself`);
  timeline.check((await agent.next('resumed')).restored, 'the agent has its state back');
  await recordedAfter(stage, engaged.seq, 'writ.approval.thawed.v1');
  await vote(stage, held, 'approve');
  await agent.next('finished');
  const end = await productionFacts(stage.production);
  timeline.check(
    end.expiredCarts === 0 && end.carts === before.carts - 8,
    'all 8 expired carts are gone, and no other cart is',
  );
  const released = await recordedAfter(stage, engaged.seq, 'writ.authority.halt-released.v1');
  const between = since(stage, engaged.seq, 'writ.authority.receipt-issued.v1').filter(
    (receipt) => receipt.seq < released.seq,
  );
  timeline.check(between.length === 0, 'in ledger order no receipt stands between the halt and its release');
  await agent.ended();
};
