// `writ replay`: recorded runs of an agent, every tool call sent through a live plane under a boundary. Nothing is executed.
import { createHash } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Timestamp } from '@writ/contracts';
import type { Command } from 'commander';
import { type ExitCode, ExitCodes } from '../exit-codes.js';
import { fault } from '../fault.js';
import type { Io } from '../io.js';
import { AS, type Call, defineAction } from '../options.js';
import { createProgress } from '../progress.js';
import { loadReplayDocuments, type ReplayDocuments } from '../replay/documents.js';
import { loadRuns } from '../replay/formats.js';
import { type Replayed, type ReplayPlan, replay } from '../replay/replay.js';
import { callLine, type ReplayFacts, reportOf } from '../replay/report.js';
import { chooseSite, type Site } from '../replay/site.js';
import { reportLines } from '../replay/table.js';
import type { RecordedRun } from '../replay/transcript.js';

type Options = {
  readonly boundary: string;
  readonly report: string;
  readonly format: string;
  readonly gate?: readonly string[];
  readonly asOf?: string;
  readonly calls?: string;
  readonly agents: string;
  readonly concurrency: string;
  readonly consequential?: readonly string[];
  readonly as?: string;
};

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

const EXAMPLE = `writ replay runs.json --boundary boundary.yaml --report report.json \\
  --as-of 2024-05-15T15:00:00-05:00 --calls calls.ndjson`;

const NOTES = `
Where: on the plane of --home when it runs (project 'replay', an environment of its own; agents are retired afterwards),
else on a temporary plane that is brought up for it and taken down.
How: tool = operation = function name, resource = tool:<name>; docs/examples/airline/README.md has the whole mapping.
Nobody votes: what escalates is held. Nothing is executed: a permitted call takes its receipt and reports what was recorded.`;

/** Registers `writ replay`. */
export function registerReplay(program: Command, io: Io): void {
  const command = program
    .command('replay')
    .description(
      'send the tool calls of recorded runs through a live plane, and report what a boundary makes of them',
    )
    .argument('<runs>', 'recorded runs')
    .requiredOption('--boundary <file>', 'the permission boundary, YAML or JSON')
    .requiredOption('--report <file>', 'where the report goes, JSON')
    .option('--format <name>', 'form of the runs', 'openai-chat')
    .option(
      '--gate <file>',
      'a gate that the boundary names; may be given again (default: gate.yaml beside it)',
      collect,
    )
    .option('--as-of <time>', 'business time as evidence, RFC 3339 with a zone')
    .option('--calls <file>', 'one JSON line per call: task_id, trial, step, tool, verdict, rule, codes')
    .option('--agents <n>', 'agents over which the runs are dealt', '100')
    .option('--concurrency <n>', 'agents at work at once', '4')
    .option(
      '--consequential <pattern>',
      'tools with consequences, may be given again (default: as the boundary says)',
      collect,
    )
    .option(...AS)
    .addHelpText('after', NOTES);
  defineAction<Options>(command, io, EXAMPLE, run);
}

async function run({ io, home, options, args }: Call<Options>): Promise<ExitCode> {
  const file = args[0] as string;
  const { runs, text } = loadRuns(file, options.format);
  const plan = planOf(runs, options);
  for (const out of [options.report, options.calls]) checkFolder(out);
  const site = chooseSite(home, options.as);
  const started = new Date().toISOString();
  const played = await playAll(site, plan);
  if (played === undefined) {
    io.err('interrupted: no report was written');
    return ExitCodes.undetermined;
  }
  const facts = factsOf({ file, text, options, plan, site, started, played });
  const report = reportOf(facts, played.calls);
  writeFileSync(options.report, `${JSON.stringify(report, null, 2)}\n`);
  if (options.calls !== undefined) writeFileSync(options.calls, played.calls.map(callLine).join(''));
  for (const line of reportLines(report, io.colour)) io.out(line);
  io.document(report);
  return ExitCodes.ok;
}

function planOf(runs: readonly RecordedRun[], options: Options): ReplayPlan {
  const documents: ReplayDocuments = loadReplayDocuments(options.boundary, options.gate ?? []);
  return {
    ...{ runs, documents, consequential: options.consequential ?? [] },
    asOf: options.asOf === undefined ? undefined : instant(options.asOf),
    agents: positive('--agents', options.agents),
    concurrency: positive('--concurrency', options.concurrency),
  };
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/;

function instant(text: string): Timestamp {
  const time = new Date(TIME.test(text) ? text : Number.NaN);
  if (Number.isNaN(time.getTime()))
    fault('WRIT-CLI-002', '--as-of takes a time such as 2024-05-15T15:00:00-05:00');
  return time.toISOString();
}

function positive(option: string, text: string): number {
  return /^[1-9]\d{0,3}$/.test(text)
    ? Number(text)
    : fault('WRIT-CLI-002', `${option} takes a number from 1 to 9999`);
}

function checkFolder(file: string | undefined): void {
  if (file !== undefined && !existsSync(dirname(file)))
    fault('WRIT-CLI-002', `${dirname(file)} is not there`);
}

/** Replays with a bar and an ear for Ctrl-C: `undefined` when it was interrupted, and then nothing is left behind either. */
async function playAll(site: Site, plan: ReplayPlan): Promise<Replayed | undefined> {
  const calls = plan.runs.reduce((sum, { calls }) => sum + calls.length, 0);
  const progress = createProgress(calls, process.stderr);
  const interruption = new AbortController();
  const interrupt = (): void => interruption.abort();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupt);
  try {
    const watch = { onPhase: progress.say, onCall: progress.step, signal: interruption.signal };
    const done = await replay(site, plan, watch);
    return interruption.signal.aborted ? undefined : done;
  } catch (error) {
    // Ctrl-C reaches the services of a temporary plane too: what fails after it is its consequence.
    if (interruption.signal.aborted) return undefined;
    throw error;
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.removeListener(signal, interrupt);
    progress.end();
  }
}

type Known = {
  readonly file: string;
  readonly text: string;
  readonly options: Options;
  readonly plan: ReplayPlan;
  readonly site: Site;
  readonly started: string;
  readonly played: Replayed;
};

function factsOf({ file, text, options, plan, site, started, played }: Known): ReplayFacts {
  const { boundary, digest, standIns } = plan.documents;
  const sha256 = createHash('sha256').update(text).digest('hex');
  return {
    input: { file: basename(file), sha256, format: options.format, runs: plan.runs.length },
    boundary: {
      ...{ file: basename(options.boundary), name: boundary.metadata.name, level: boundary.spec.level },
      ...{ digest, inForce: played.boundary, standInGates: standIns },
    },
    plane: {
      ...{ kind: site.kind, environment: played.environment },
      ...{ agents: played.agents, concurrency: Math.min(plan.concurrency, played.agents) },
    },
    asOf: plan.asOf ?? null,
    started,
    seconds: Math.round(played.seconds * 1000) / 1000,
  };
}
