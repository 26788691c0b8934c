// `writ verify`: judges the live ledger, a bundle, an export or a receipt against what the auditor pins, trusting nothing else.
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  exitCodeOf,
  formatReport,
  type Progress,
  type Report,
  type Required,
  type Trust,
  ExitCodes as VerifyCodes,
  type ExitCode as VerifyExit,
} from '@writ/verifier';
import { type Command, Option } from 'commander';
import { latestCheckpoint, readCheckpointNote } from '../bundle/checkpoint.js';
import { foreignExit, formatForeign, verifyForeignFile } from '../bundle/foreign.js';
import { judgeBundle, judgeExport, judgeReceipt } from '../bundle/judge.js';
import { promisedMessages, recognisePath } from '../bundle/recognise.js';
import { readTrust } from '../bundle/trust-page.js';
import { type ShownValue, valueLines, valuesShown } from '../bundle/values.js';
import { verifyExitLines, verifyFault } from '../bundle/verify-exits.js';
import { fault } from '../fault.js';
import type { Io } from '../io.js';
import { type Call, defineAction } from '../options.js';
import { createProgress } from '../progress.js';
import { writeExport } from '../reading/export-file.js';
import { openLedger } from '../reading/ledger-messages.js';
import { hasReader } from '../reading/reader.js';

type Options = {
  readonly file?: string;
  readonly export?: string;
  readonly auditor?: string;
  readonly trust?: string;
  readonly checkpoint?: string;
  readonly outside?: readonly string[];
  readonly require?: Required;
  readonly keys?: string;
  readonly showValues?: boolean;
};

const EXAMPLE = `writ verify --export ledger.ndjson
writ verify ledger.ndjson --json
writ verify bundle --trust trust.json --outside checkpoint-of-the-witness.txt --require witnessed`;

const several = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/** Registers `writ verify`. */
export function registerVerify(program: Command, io: Io): void {
  const command = program
    .command('verify')
    .description(
      'verify signatures, keys, chains, tree, checkpoints, state machines and decisions, of the live ledger or of what is at a path',
    )
    .argument(
      '[path]',
      'a bundle, an export, a portable receipt or a foreign receipt; the live ledger when absent',
    )
    .option('--file <export>', 'the same as the path')
    .option('--export <out>', 'write the live ledger to this file first, and verify the file')
    .option('--auditor <name>', 'read as this auditor (default: the read model of the installation)')
    .option(
      '--trust <file>',
      'what you pin: roots, origin, witnesses (default: org.json of the installation)',
    )
    .option('--checkpoint <file>', 'a checkpoint that must be of these messages, or: latest')
    .option(
      '--outside <file>',
      'a checkpoint that came another way: a witness, another copy; may come again',
      several,
    )
    .addOption(
      new Option('--require <least>', 'what the record must at least be').choices(['sealed', 'witnessed']),
    )
    .option('--keys <file>', 'the public keys that you pin for foreign receipts')
    .option(
      '--show-values',
      'print the private values that a bundle shows; without it they are only counted',
    );
  command.addHelpText('after', `\nExit status:\n${verifyExitLines().join('\n')}`);
  defineAction<Options>(command, io, EXAMPLE, async (call) => {
    try {
      return await verify(call);
    } catch (error) {
      return verifyFault(call.io, error);
    }
  });
}

async function verify(call: Call<Options>): Promise<VerifyExit> {
  const { home, options, args } = call;
  const path = args.find((arg) => arg !== 'undefined') ?? options.file;
  if (path !== undefined && options.export !== undefined)
    fault('WRIT-CLI-002', 'either --export or what is exported already');
  if (path === undefined) return tell(call, await verifyLive(call));
  const found = recognisePath(path);
  if (found.kind === 'foreign') return verifyForeign(call, found.text);
  const trust = await trustOf(home, options);
  if (found.kind === 'receipt') return tell(call, await judgeReceipt(found.text, trust));
  return withProgress(path, async (onProgress) => {
    if (found.kind === 'bundle') return tellBundle(call, path, await judgeBundle(path, trust, onProgress));
    const checkpoint = await checkpointOf(home, options);
    return tell(call, await judgeExport(path, { ...trust, checkpoint }, onProgress));
  });
}

/** Values are shown only where each opens a commitment of a record that holds. */
async function tellBundle(call: Call<Options>, folder: string, report: Report): Promise<VerifyExit> {
  const { io, options } = call;
  const holds = report.record.verdict !== 'INVALID';
  const values = options.showValues === true && holds ? await valuesShown(folder) : undefined;
  const exit = tell(call, report, values);
  for (const line of values === undefined ? [] : valueLines(values)) io.out(line);
  return exit;
}

function tell({ io, options }: Call<Options>, report: Report, values?: readonly ShownValue[]): VerifyExit {
  const exit = exitCodeOf(report, options.require);
  const shown = values === undefined ? {} : { values };
  io.document({ ok: exit === VerifyCodes.clean, exit, export: options.export ?? null, report, ...shown });
  io.out(formatReport(report).trimEnd());
  if (exit === VerifyCodes.weaker)
    io.out(`Required   ${options.require}: the record is ${report.record.verdict}`);
  if (options.export !== undefined) io.out(`exported to ${options.export}`);
  return exit;
}

function verifyForeign({ io, options }: Call<Options>, text: string): VerifyExit {
  const report = verifyForeignFile(text, options.keys);
  if (report === undefined)
    return fault('WRIT-VER-001', 'it is no bundle, export, portable receipt or receipt of a known format');
  const exit = foreignExit(report);
  io.document({ ok: exit === VerifyCodes.clean, exit, foreign: report });
  io.out(formatForeign(report));
  return exit;
}

async function trustOf(home: string, { trust, outside = [] }: Options): Promise<Trust> {
  const notes = await Promise.all(outside.map((file) => readCheckpointNote(file, home)));
  return { ...readTrust(trust, home), outside: notes };
}

async function checkpointOf(home: string, { checkpoint }: Options): Promise<string | undefined> {
  return checkpoint === undefined ? undefined : readCheckpointNote(checkpoint, home);
}

// The ledger goes through a file either way: what is verified is exactly what an auditor would be handed. The checkpoint is fetched
// before the end is asked for, so that it is never of more than is read.
async function verifyLive({ home, options }: Call<Options>): Promise<Report> {
  const trust = await trustOf(home, options);
  const asked = await checkpointOf(home, options);
  const checkpoint = asked ?? (hasReader(home) ? await latestCheckpoint(home) : undefined);
  const folder = options.export === undefined ? await mkdtemp(join(tmpdir(), 'writ-verify-')) : undefined;
  const file = options.export ?? join(folder as string, 'ledger.ndjson');
  try {
    const ledger = await openLedger(home, options.auditor);
    try {
      await writeExport(file, ledger.messages(), { org: trust.org, end: ledger.end });
    } finally {
      await ledger.close();
    }
    return await withProgress(file, (onProgress) => judgeExport(file, { ...trust, checkpoint }, onProgress));
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }
}

async function withProgress<T>(
  path: string,
  run: (onProgress: (progress: Progress) => void) => Promise<T>,
): Promise<T> {
  const progress = createProgress(promisedMessages(path), process.stderr, 'messages');
  try {
    return await run(({ messages }) => progress.at(messages));
  } finally {
    progress.end();
  }
}
