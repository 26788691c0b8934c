// Owns how a report looks to a person: tables of tools, rules and ground truth. It counts nothing itself.
import type { Colours } from '../io.js';
import { columns, printable } from '../printable.js';
import type { GroundTruth, ReplayReport } from './report.js';
import type { Fate, Latency, Tally } from './tally.js';

/** The lines of a report. */
export function reportLines(report: ReplayReport, colour: Colours): readonly string[] {
  return [
    ...headLines(report, colour),
    '',
    ...tallyTable('tool', [...report.tools.map((t) => [t.tool, t] as const), ['all', report.totals]], colour),
    '',
    ...tallyTable(
      'rule',
      report.rules.map((r) => [r.rule ?? `(${r.codes.join(', ')})`, r] as const),
      colour,
    ),
    '',
    ...latencyTable(report.totals, colour),
    ...(report.groundTruth === null ? [] : ['', ...truthTable(report.groundTruth, colour)]),
    ...warningLines(report, colour),
  ];
}

function headLines(
  { input, boundary, plane, asOf, totals, seconds }: ReplayReport,
  colour: Colours,
): readonly string[] {
  const where = plane.kind === 'temporary' ? 'a temporary plane' : plane.environment;
  const clock = asOf === null ? '' : `, business time ${asOf}`;
  return [
    `${colour.bold(printable(input.file))}: ${input.runs} runs, ${totals.calls} calls under ${boundary.name} (level ${boundary.level})`,
    `  on ${where} with ${plane.agents} agents, ${plane.concurrency} at once, in ${seconds.toFixed(1)} s${clock}`,
  ];
}

type Row = readonly string[];
const HEADS: Row = ['calls', 'permitted', 'denied', 'escalated', 'decision p50', 'p99 ms'];

function tallyTable(
  name: string,
  rows: readonly (readonly [string, Tally])[],
  colour: Colours,
): readonly string[] {
  const cells = rows.map(([label, t]): Row => {
    const { decision } = t.latency;
    const counts = [t.calls, t.permitted, t.denied, t.escalated].map((n) => (n === 0 ? '-' : String(n)));
    return [label, ...counts, ms(decision?.p50), ms(decision?.p99)];
  });
  return numbers([name, ...HEADS], cells, colour);
}

function latencyTable({ latency }: Tally, colour: Colours): readonly string[] {
  const row = (name: string, l: Latency | null): Row => [
    name,
    ...[String(l?.count ?? 0), ms(l?.p50), ms(l?.p90), ms(l?.p99), ms(l?.max)],
  ];
  return numbers(
    ['latency in ms', 'count', 'p50', 'p90', 'p99', 'max'],
    [
      row('intent to decision', latency.decision),
      row('request to receipt', latency.receipt),
      row('report to recorded', latency.outcome),
    ],
    colour,
  );
}

function truthTable({ right, wrong, consequential, runs }: GroundTruth, colour: Colours): readonly string[] {
  const row = (name: string, f: Fate): Row => [
    name,
    ...[f.calls, f.letThrough, f.held, f.stopped].map(String),
  ];
  return [
    `ground truth of ${runs} runs: ${consequential} consequential calls`,
    ...numbers(
      ['', 'calls', 'let through', 'held', 'stopped'],
      [
        row('right', right),
        row('wrong', wrong),
        row('  took effect when recorded', wrong.tookEffect),
        row('  failed when recorded', wrong.failed),
      ],
      colour,
    ),
  ];
}

function warningLines({ totals, boundary }: ReplayReport, colour: Colours): readonly string[] {
  const lines: string[] = [];
  const withheld = Object.entries(totals.withheld);
  for (const [code, n] of withheld) lines.push(`${n} receipts were withheld: ${code}`);
  if (totals.contained > 0)
    lines.push(`${totals.contained} calls met a containment of their agent, not the boundary alone`);
  if (boundary.standInGates.length > 0)
    lines.push(`gates made up for the replay: ${boundary.standInGates.join(', ')}`);
  return lines.length === 0 ? [] : ['', ...lines.map((line) => colour.yellow(line))];
}

/** A table whose first column is text and whose others are numbers. */
function numbers(heads: Row, rows: readonly Row[], colour: Colours): readonly string[] {
  const widths = heads.map((_, n) => Math.max(...[heads, ...rows].map((row) => (row[n] ?? '').length)));
  const aligned = [heads, ...rows].map((row) =>
    row.map((cell, n) => (n === 0 ? cell : cell.padStart(widths[n] ?? 0))),
  );
  const [head = '', ...body] = columns(aligned, '');
  return [colour.dim(head), ...body];
}

const ms = (time: number | undefined): string => (time === undefined ? '-' : time.toFixed(1));
