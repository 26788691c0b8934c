// Owns the report of a replay: what is counted, in which shape. It never holds arguments or text of a transcript.
import type { PlayedCall } from './played.js';
import { type Fate, fateOf, groupBy, type Tally, tally } from './tally.js';

/** What was replayed, where and when. */
export type ReplayFacts = {
  readonly input: {
    readonly file: string;
    readonly sha256: string;
    readonly format: string;
    readonly runs: number;
  };
  /** `digest` is that of the document as written, `inForce` that of the same document for the replay's environment. */
  readonly boundary: {
    readonly file: string;
    readonly name: string;
    readonly level: number;
    readonly digest: string;
    readonly inForce: string;
    readonly standInGates: readonly string[];
  };
  readonly plane: {
    readonly kind: 'running' | 'temporary';
    readonly environment: string;
    readonly agents: number;
    readonly concurrency: number;
  };
  readonly asOf: string | null;
  readonly started: string;
  readonly seconds: number;
};

/** Calls of runs with ground truth, consequential ones only. `failed`: those whose recorded outcome was an error. */
export type GroundTruth = {
  readonly runs: number;
  readonly consequential: number;
  readonly right: Fate;
  readonly wrong: Fate & { readonly failed: Fate; readonly tookEffect: Fate };
};

/** `writ replay --report`: see docs/examples/airline/README.md for every field. */
export type ReplayReport = ReplayFacts & {
  readonly kind: 'ReplayReport';
  readonly version: 1;
  readonly totals: Tally & {
    readonly consequential: number;
    readonly receipts: number;
    readonly withheld: Readonly<Record<string, number>>;
    /** Calls whose verdict an anomaly flag of this very replay changed: the boundary alone did not decide them. */
    readonly contained: number;
  };
  readonly tools: readonly ({ readonly tool: string; readonly consequential: boolean } & Tally)[];
  /** `rule` is null where no rule decided; `codes` says what did. */
  readonly rules: readonly ({ readonly rule: string | null; readonly codes: readonly string[] } & Tally)[];
  readonly groundTruth: GroundTruth | null;
};

/** Makes the report. Pure. */
export function reportOf(facts: ReplayFacts, calls: readonly PlayedCall[]): ReplayReport {
  return {
    ...{ kind: 'ReplayReport', version: 1, ...facts },
    totals: totalsOf(calls),
    tools: groupBy(calls, ({ tool }) => tool).map(([tool, group]) => ({
      ...{ tool, consequential: group.some((call) => call.consequential) },
      ...tally(group),
    })),
    rules: groupBy(calls, ruleKey).map(([, group]) => ({
      rule: group[0]?.rule ?? null,
      codes: [...new Set(group.flatMap((call) => call.codes))].sort(),
      ...tally(group),
    })),
    groundTruth: groundTruthOf(calls),
  };
}

// A rule's name cannot begin with a bracket; without a rule, the decisive code tells calls apart.
const ruleKey = ({ rule, codes }: PlayedCall): string => rule ?? `(${codes[0] ?? ''})`;

function totalsOf(calls: readonly PlayedCall[]): ReplayReport['totals'] {
  const withheld = groupBy(
    calls.filter((call) => call.withheld !== undefined),
    (call) => call.withheld ?? '',
  );
  return {
    ...tally(calls),
    consequential: calls.filter((call) => call.consequential).length,
    receipts: calls.filter((call) => call.receiptMs !== undefined).length,
    withheld: Object.fromEntries(withheld.map(([code, group]) => [code, group.length])),
    contained: calls.filter(({ codes }) => codes.some((code) => code.startsWith('containment-'))).length,
  };
}

function groundTruthOf(calls: readonly PlayedCall[]): GroundTruth | null {
  const judged = calls.filter(({ correct }) => correct !== null);
  if (judged.length === 0) return null;
  const wrong = judged.filter(({ correct }) => correct === false);
  return {
    runs: new Set(judged.map(({ run }) => run)).size,
    consequential: judged.length,
    right: fateOf(judged.filter(({ correct }) => correct === true)),
    wrong: {
      ...fateOf(wrong),
      failed: fateOf(wrong.filter(({ recorded }) => recorded === 'failed')),
      tookEffect: fateOf(wrong.filter(({ recorded }) => recorded !== 'failed')),
    },
  };
}

/** One line of `--calls`. */
export function callLine({ taskId, trial, step, tool, verdict, rule, codes }: PlayedCall): string {
  return `${JSON.stringify({ task_id: taskId, trial, step, tool, verdict, rule, codes })}\n`;
}

/** Calls in the order of the file, whichever was answered first. */
export function inRecordedOrder(calls: readonly PlayedCall[]): readonly PlayedCall[] {
  return [...calls].sort((a, b) => a.run - b.run || a.step - b.step);
}
