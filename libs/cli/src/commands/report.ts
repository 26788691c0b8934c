// `writ report`: what the ledger shows for the controls of a framework in a period, from the live read model. It asserts no conformity.
import { writeFile } from 'node:fs/promises';
import {
  type ComplianceReport,
  type Evidence,
  type FrameworkId,
  FrameworkIds,
  frameworks,
  isFrameworkId,
  reportOn,
  toHtml,
  toMarkdown,
} from '@writ/compliance';
import type { Command } from 'commander';
import { type ExitCode, ExitCodes } from '../exit-codes.js';
import { fault } from '../fault.js';
import { organisationIn } from '../home.js';
import type { Io } from '../io.js';
import { type Call, defineAction } from '../options.js';
import { openApi } from '../reading/api.js';

const FORMATS = ['md', 'html', 'json'] as const;
type Format = (typeof FORMATS)[number];

type Options = {
  readonly framework: string;
  readonly from?: string;
  readonly to?: string;
  readonly format: string;
  readonly out?: string;
};

type EvidenceAnswer = {
  readonly head: { readonly seq: number; readonly digest: string };
  readonly items: readonly {
    readonly type: string;
    readonly count: number;
    readonly samples: readonly {
      readonly seq: number;
      readonly time: string;
      readonly id: string;
      readonly digest: string;
      readonly agent: string | null;
      readonly intent_id: string | null;
    }[];
  }[];
};

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 30;

/** Registers `writ report`. */
export function registerReport(program: Command, io: Io): void {
  const command = program
    .command('report')
    .description('what the ledger shows for the controls of a framework: counts, samples, links to receipts')
    .requiredOption('--framework <name>', FrameworkIds.join(' | '))
    .option('--from <time>', `RFC 3339, inclusive (default: ${DEFAULT_DAYS} days before --to)`)
    .option('--to <time>', 'RFC 3339, exclusive (default: now)')
    .option('--format <form>', FORMATS.join(' | '), 'md')
    .option('--out <file>', 'write it to this file (default: stdout)');
  defineAction<Options>(
    command,
    io,
    'writ report --framework nist-ai-rmf --from 2026-01-01T00:00:00Z --format html --out report.html',
    report,
  );
}

async function report({ io, home, options }: Call<Options>): Promise<ExitCode> {
  const framework = frameworkOf(options.framework);
  const format = formatOf(options.format);
  const api =
    openApi(home) ?? fault('WRIT-CLI-005', 'no read model runs here; reports come from the live one');
  const period = periodOf(options, Date.now());
  const answer = await api.get<EvidenceAnswer>(
    `/v1/evidence?from=${encodeURIComponent(period.from)}&to=${encodeURIComponent(period.to)}`,
  );
  if (answer === undefined)
    return fault('WRIT-CLI-005', 'the read model knows no evidence; it is of an older version');
  const { org } = organisationIn(home);
  const made = reportOn(frameworks[framework], answer.items.map(evidenceOf), {
    org,
    ...period,
    head: answer.head,
  });
  await deliver(io, made, render(made, format, api.url), options.out);
  return ExitCodes.ok;
}

async function deliver(io: Io, made: ComplianceReport, text: string, out: string | undefined): Promise<void> {
  io.document({ ok: true, out: out ?? null, report: made });
  if (out === undefined) return io.out(text.trimEnd());
  try {
    await writeFile(out, text, { flag: 'wx', mode: 0o600 });
  } catch {
    fault('WRIT-CLI-002', `${out} cannot be written, or is there already`);
  }
  const { implements: full, 'provides evidence for': part, 'not addressed': none } = made.totals;
  io.out(`${made.title}: ${made.events} events in the period`);
  io.out(`${full} controls implemented, ${part} with evidence, ${none} not addressed; written to ${out}`);
}

function render(made: ComplianceReport, format: Format, address: string): string {
  switch (format) {
    case 'md':
      return toMarkdown(made, address);
    case 'html':
      return toHtml(made, address);
    case 'json':
      return `${JSON.stringify(made, null, 2)}\n`;
  }
}

function evidenceOf({ type, count, samples }: EvidenceAnswer['items'][number]): Evidence {
  return {
    type,
    count,
    samples: samples.map(({ intent_id, ...sample }) => ({ ...sample, type, intentId: intent_id })),
  };
}

function frameworkOf(name: string): FrameworkId {
  if (isFrameworkId(name)) return name;
  return fault('WRIT-CLI-002', `--framework is one of ${FrameworkIds.join(', ')}`);
}

function formatOf(name: string): Format {
  const format = FORMATS.find((known) => known === name);
  return format ?? fault('WRIT-CLI-002', `--format is one of ${FORMATS.join(', ')}`);
}

function periodOf({ from, to }: Options, now: number): { readonly from: string; readonly to: string } {
  const end = to === undefined ? now : Date.parse(to);
  const begin = from === undefined ? end - DEFAULT_DAYS * DAY_MS : Date.parse(from);
  if (Number.isNaN(begin) || Number.isNaN(end) || begin >= end)
    return fault('WRIT-CLI-002', '--from and --to are RFC 3339 times, --from before --to');
  return { from: new Date(begin).toISOString(), to: new Date(end).toISOString() };
}
