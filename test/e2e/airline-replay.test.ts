// The airline example on a real plane: 100 recorded runs of a customer-service agent, all 572 calls, against what is known of them.
// The runs stay where they are, in ../shared/data/airline; only where that folder is absent are the tests that need it skipped.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createIo, createProgram, ExitCodes, runProgram } from '@writ/cli';
import { readDisclosure } from '@writ/crypto';
import { readRoster } from '@writ/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerReplay } from '../../libs/cli/src/commands/replay.js';
import { loadRuns } from '../../libs/cli/src/replay/formats.js';
import type { ReplayReport } from '../../libs/cli/src/replay/report.js';
import { auditOf } from '../harness/audit.js';
import type { Entry } from '../harness/ledger-view.js';
import { startPlane, type TestPlane } from '../harness/plane.js';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const DATA = at('../../../shared/data/airline');
const RUNS = join(DATA, 'runs-openai-chat.json');
const BOUNDARY = at('../../docs/examples/airline/boundary.yaml');
const absent = !existsSync(RUNS);
const AS_OF = '2024-05-15T15:00:00-05:00';

const folder = mkdtempSync(join(tmpdir(), 'writ-airline-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const writ = async (...argv: readonly string[]) => {
  const said = { out: '', err: '', exit: -1 };
  const io = createIo({
    ...{ json: false, color: false },
    stdout: (text) => {
      said.out += text;
    },
    stderr: (text) => {
      said.err += text;
    },
    exit: (code) => {
      said.exit = code;
    },
  });
  const program = createProgram('0');
  registerReplay(program, io);
  await runProgram(program, io, argv);
  return said;
};

type Known = {
  readonly task_id: number;
  readonly trial: number;
  readonly step: number;
  readonly tool: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly consequential: boolean;
  readonly correct: boolean | null;
  readonly result_error: boolean;
};
type Line = Pick<Known, 'task_id' | 'trial' | 'step' | 'tool'> & {
  readonly verdict: 'permitted' | 'denied' | 'escalated';
  readonly rule: string | null;
  readonly codes: readonly string[];
};
const lines = <T>(file: string): readonly T[] =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as T);
const place = ({ task_id, trial, step, tool }: Line | Known) => [task_id, trial, step, tool];

const TITLE = 'the airline example, replayed on a live plane';

describe.skipIf(absent)(absent ? `${TITLE} (SKIPPED: ${DATA} is not there)` : TITLE, () => {
  let plane: TestPlane;
  let said: Awaited<ReturnType<typeof writ>>;
  let report: ReplayReport;
  let calls: readonly Line[];
  let known: readonly Known[];

  beforeAll(async () => {
    known = lines<Known>(join(DATA, 'calls.ndjson'));
    plane = await startPlane({ agents: [] });
    const files = { report: join(folder, 'report.json'), calls: join(folder, 'calls.ndjson') };
    said = await writ(
      ...['replay', RUNS, '--boundary', BOUNDARY, '--as-of', AS_OF, '--home', plane.home],
      ...['--report', files.report, '--calls', files.calls],
    );
    expect(said).toMatchObject({ err: '', exit: ExitCodes.ok });
    report = JSON.parse(readFileSync(files.report, 'utf8')) as ReplayReport;
    calls = lines<Line>(files.calls);
  }, 120_000);
  afterAll(() => plane?.stop());

  const replayed = async (type: string): Promise<readonly Entry[]> =>
    (await plane.ledger.of(type)).filter(({ subject }) => subject.endsWith(`.${report.plane.environment}`));

  it('reads every call as the data has it: order, arguments, recorded errors, and which are right', () => {
    const { runs } = loadRuns(RUNS, 'openai-chat');
    const read = runs.flatMap(({ taskId, trial, truth, calls: own }) =>
      own.map(({ step, tool, args, outcome, identity }) => ({
        ...{ task_id: taskId, trial, step, tool, failed: outcome === 'failed', right: truth?.has(identity) },
        args: Object.fromEntries(Object.entries(args).filter(([name]) => !name.endsWith('_count'))),
      })),
    );
    expect(read.map(({ right, ...rest }) => rest)).toEqual(
      known.map(({ consequential, correct, result_error: failed, ...rest }) => ({ ...rest, failed })),
    );
    const consequential = known.map((call) => call.consequential);
    expect(read.filter((_, n) => consequential[n]).map(({ right }) => right)).toEqual(
      known.filter((call) => call.consequential).map(({ correct }) => correct),
    );
  });

  it('counts what the data counts: 572 calls, 121 consequential, 46 right, 75 wrong of which 33 failed', () => {
    expect(report.totals).toMatchObject({ calls: 572, consequential: 121, withheld: {}, contained: 0 });
    expect(report.groundTruth).toMatchObject({
      consequential: 121,
      right: { calls: 46 },
      wrong: { calls: 75, failed: { calls: 33 }, tookEffect: { calls: 42 } },
    });
    const count = (tool: string) => known.filter((call) => call.tool === tool).length;
    expect(report.tools.map(({ tool, calls: n }) => [tool, n])).toEqual(
      report.tools.map(({ tool }) => [tool, count(tool)]),
    );
    expect(report.tools.filter((t) => t.consequential).map(({ tool }) => tool)).toEqual(
      [...new Set(known.filter((call) => call.consequential).map(({ tool }) => tool))].sort(),
    );
  });

  it('writes one line for each call, in recorded order', () => {
    expect(calls.map(place)).toEqual(known.map(place));
    for (const { verdict, rule, codes } of calls) {
      expect(['permitted', 'denied', 'escalated']).toContain(verdict);
      expect([typeof rule, codes.length > 0]).toEqual(['string', true]);
    }
  });

  it('denies no right call, lets no wrong consequential one through, and holds up nothing harmless', () => {
    const by = (fits: (call: Known) => boolean) => calls.filter((_, n) => fits(known[n] as Known));
    expect(by(({ correct }) => correct === true).filter(({ verdict }) => verdict === 'denied')).toEqual([]);
    expect(by(({ correct }) => correct === false).filter(({ verdict }) => verdict === 'permitted')).toEqual(
      [],
    );
    expect(by((call) => !call.consequential).filter(({ verdict }) => verdict !== 'permitted')).toEqual([]);
    expect(report.groundTruth?.wrong.stopped).toBeGreaterThanOrEqual(7);
  });

  it('went through the whole chain: a signed decision for every call, receipt and outcome for every permitted one', async () => {
    const { permitted, denied, escalated, receipts } = report.totals;
    const counts = async (...types: readonly string[]) =>
      Promise.all(types.map(async (type) => (await replayed(type)).length));
    expect(
      await counts('writ.decision.permitted.v1', 'writ.decision.denied.v1', 'writ.decision.escalated.v1'),
    ).toEqual([permitted, denied, escalated]);
    expect(permitted + denied + escalated).toBe(572);
    expect(
      await counts('writ.authority.receipt-issued.v1', 'writ.outcome.succeeded.v1', 'writ.outcome.failed.v1'),
    ).toEqual([receipts, permitted, 0]);
    expect(receipts).toBe(permitted);
  });

  it('keeps the recorded order within each run, and carries the business time as evidence of every intent', async () => {
    const decisions = ['permitted', 'denied', 'escalated'].map((d) => `writ.decision.${d}.v1`);
    const all = (await plane.ledger.of(...decisions)).filter(({ subject }) =>
      subject.endsWith(report.plane.environment),
    );
    const heard = new Map<string, string[]>();
    for (const { document } of [...all].sort((a, b) => a.seq - b.seq)) {
      const { agent, intent } = document.data as { agent: string; intent: { signed: { data: IntentData } } };
      const { action, evidence } = intent.signed.data;
      expect(evidence).toMatchObject([
        { source: 'business-clock', observedAt: new Date(AS_OF).toISOString() },
      ]);
      heard.set(agent, [...(heard.get(agent) ?? []), action.tool]);
    }
    const { runs } = loadRuns(RUNS, 'openai-chat');
    const tools = runs.map((run) => run.calls.map(({ tool }) => tool)).filter((own) => own.length > 0);
    expect([...heard.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, own]) => own)).toEqual(tools);
  });

  it('puts no passenger, customer or reservation into the ledger, only what the boundary reads and declares clear', async () => {
    const entries = (await plane.ledger.all()).filter(({ subject }) =>
      subject.endsWith(report.plane.environment),
    );
    const shown = entries.flatMap(
      ({ document }) => (document.data['disclosed'] as string[] | undefined) ?? [],
    );
    const names = new Set(shown.map((text) => (readDisclosure(text) as { readonly name?: string }).name));
    expect(names).toContain('passengers_count');
    for (const field of ['passengers', 'user_id', 'reservation_id', 'thought', 'summary']) {
      expect(names).not.toContain(field);
    }
  });

  it('leaves its agents retired and off the bus, and a ledger that verifies', async () => {
    const retired = await plane.ledger.of('writ.registry.agent-retired.v1');
    expect(retired).toHaveLength(report.plane.agents);
    const roster = readRoster(JSON.parse(readFileSync(join(plane.home, 'roster.json'), 'utf8')));
    expect(roster).toMatchObject({ kind: 'roster', roster: { agents: [] } });
    const audit = await auditOf(plane);
    expect(audit.findings).toEqual([]);
    expect(audit.authority.verdict).toBe('WITHIN');
  }, 60_000);

  it('says on stdout what became of right and wrong calls', () => {
    expect(said.out).toMatch(/^right +46 +0 +46 +0$/m);
    expect(said.out).toMatch(/^wrong +75 +0 +68 +7$/m);
    expect(said.out).toMatch(/^all +572 +451 +7 +114 /m);
  });
});

type IntentData = { readonly action: { readonly tool: string }; readonly evidence: readonly unknown[] };

describe('a replay where no plane runs', () => {
  const file = (name: string, value: unknown): string => {
    writeFileSync(join(folder, name), JSON.stringify(value));
    return join(folder, name);
  };
  const leftovers = () => readdirSync(tmpdir()).filter((name) => name.startsWith('writ-replay-'));
  const ask = (name: string, args: string) => ({
    role: 'assistant',
    tool_calls: [{ id: 'x', type: 'function', function: { name, arguments: args } }],
  });

  it('brings up one of its own, takes it down, and leaves the report alone', async () => {
    // A service runs what is built: the test runner's own flags must not reach its process.
    process.execArgv = [];
    const before = leftovers();
    const messages = [
      ...[ask('get_user_details', '{"user_id":"a"}'), { role: 'tool', content: 'Error: user not found' }],
      ...[ask('book_reservation', '{"price":12.5}'), { role: 'tool', content: '{}' }],
      ...[ask('cancel_reservation', '{"reservation_id":"R"}'), ask('format_disk', '{}')],
    ];
    const out = join(folder, 'own.ndjson');
    const { exit, err } = await writ(
      ...['replay', file('own.json', [{ messages }]), '--boundary', BOUNDARY, '--home', join(folder, 'none')],
      ...['--report', join(folder, 'own-report.json'), '--calls', out],
    );
    expect({ exit, err }).toEqual({ exit: ExitCodes.ok, err: '' });
    expect(lines<Line>(out).map(({ verdict, rule, codes }) => [verdict, rule, codes[0]])).toEqual([
      ['permitted', 'look-up', 'rule-permit'],
      ['denied', 'cabin-exists', 'condition-error'],
      ['escalated', 'cancel', 'rule-gate'],
      ['denied', null, 'default-deny'],
    ]);
    expect(leftovers()).toEqual(before);
  }, 60_000);

  it('refuses what is malformed, an unknown format and a missing file before anything is started', async () => {
    const bad = file('bad.json', [{ messages: [] }, { messages: [{ role: 'tool', content: '' }] }]);
    const rest = ['--boundary', BOUNDARY, '--report', join(folder, 'never.json'), '--home', folder];
    const refusals = await Promise.all([
      writ('replay', bad, ...rest),
      writ('replay', bad, '--format', 'other', ...rest),
      writ('replay', join(folder, 'missing.json'), ...rest),
      writ('replay', file('none.json', []), '--as-of', 'noon', ...rest),
    ]);
    for (const { exit, err } of refusals) expect([exit, err.includes('WRIT-CLI-002')]).toEqual([2, true]);
    expect(refusals[0]?.err).toMatch(/bad\.json: run 1, messages\[0\]: a tool message that answers no call/);
    expect(refusals[1]?.err).toContain('openai-chat');
    expect(existsSync(join(folder, 'never.json'))).toBe(false);
  });
});
