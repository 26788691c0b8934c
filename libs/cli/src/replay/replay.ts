// Owns one replay from documents and runs to the calls that were played. It writes no file and prints nothing.
import type { Timestamp } from '@writ/contracts';
import { disclosedFields } from '@writ/domain';
import { consequentialTools, type ReplayDocuments } from './documents.js';
import { playRun } from './play.js';
import type { PlayedCall } from './played.js';
import { dealRuns, type Share, workThrough } from './pool.js';
import { inRecordedOrder } from './report.js';
import { environmentFor, type Site } from './site.js';
import { type Stage, setStage } from './stage.js';
import type { RecordedRun } from './transcript.js';

/** How to replay. `agents` at most, `concurrency` of them at once. `consequential`: patterns of tool names; by the boundary if none. */
export type ReplayPlan = {
  readonly runs: readonly RecordedRun[];
  readonly documents: ReplayDocuments;
  readonly asOf: Timestamp | undefined;
  readonly agents: number;
  readonly concurrency: number;
  readonly consequential: readonly string[];
};

/** Told as it goes on. An aborted `signal` ends the replay between two calls. */
export type ReplayWatch = {
  readonly onPhase: (phase: string) => void;
  readonly onCall: () => void;
  readonly signal: AbortSignal;
};

/** What was played, in recorded order, and where. `seconds` without setting and clearing the stage. */
export type Replayed = {
  readonly calls: readonly PlayedCall[];
  readonly environment: string;
  readonly boundary: string;
  readonly agents: number;
  readonly seconds: number;
};

/** Plays all runs on a stage of their own, which is gone afterwards whatever happens. */
export async function replay(site: Site, plan: ReplayPlan, watch: ReplayWatch): Promise<Replayed> {
  const environment = environmentFor(site);
  const shares = dealRuns(plan.runs, plan.agents, environment);
  watch.onPhase(site.kind === 'temporary' ? 'bringing a temporary plane up' : 'preparing the environment');
  const agents = shares.map(({ agent }) => agent);
  const stage = await setStage(site, environment, agents, plan.documents);
  try {
    const began = performance.now();
    const calls = await playShares(stage, shares, plan, watch);
    const seconds = (performance.now() - began) / 1000;
    return {
      calls: inRecordedOrder(calls),
      environment,
      boundary: stage.boundary,
      agents: agents.length,
      seconds,
    };
  } finally {
    watch.onPhase('clearing up');
    await stage.close();
  }
}

async function playShares(stage: Stage, shares: readonly Share[], plan: ReplayPlan, watch: ReplayWatch) {
  const calls: PlayedCall[] = [];
  const rules = {
    boundary: stage.boundary,
    disclosed: disclosedFields(plan.documents.boundary),
    asOf: plan.asOf,
    isConsequential: consequentialTools(plan.documents.boundary, plan.consequential),
    onCall: (call: PlayedCall) => {
      calls.push(call);
      watch.onCall();
    },
    signal: watch.signal,
  };
  await workThrough(shares, plan.concurrency, async ({ agent, runs }) => {
    if (watch.signal.aborted) return;
    const writ = await stage.connect(agent);
    try {
      for (const run of runs) await playRun(writ, run, rules);
    } finally {
      await writ.close();
    }
  });
  return calls;
}
