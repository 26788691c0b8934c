// `writ verify`: judges the live ledger or an exported file against the pinned root, trusting nothing else. It reads and reports.
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatReport, type Report, verifyLedger } from '@writ/verifier';
import type { Command } from 'commander';
import { type ExitCode, ExitCodes, ExitMeanings } from '../exit-codes.js';
import { fault } from '../fault.js';
import { organisationIn } from '../home.js';
import type { Io } from '../io.js';
import { type Call, defineAction } from '../options.js';
import { readExport, writeExport } from '../reading/export-file.js';
import { openLedger } from '../reading/ledger-messages.js';

type Options = { readonly file?: string; readonly export?: string; readonly auditor?: string };

/** Registers `writ verify`. */
export function registerVerify(program: Command, io: Io): void {
  const command = program
    .command('verify')
    .description(
      'verify signatures, keys, chains, state machines and decisions, of the live ledger or of a file',
    )
    .option('--file <export>', 'an exported file, offline; the live ledger when absent')
    .option('--export <out>', 'write the live ledger to this file first, and verify the file')
    .option('--auditor <name>', 'read as this auditor (default: the read model of the installation)');
  const codes = (['recordInvalid', 'authorityViolation', 'undetermined'] as const).map(
    (name) => `  ${ExitCodes[name]}  ${ExitMeanings[name]}`,
  );
  command.addHelpText('after', `\nExit status of the verdict:\n  0  nothing found\n${codes.join('\n')}`);
  defineAction<Options>(
    command,
    io,
    'writ verify --export ledger.ndjson\nwrit verify --file ledger.ndjson --json',
    verify,
  );
}

async function verify({ io, home, options }: Call<Options>): Promise<ExitCode> {
  if (options.file !== undefined && options.export !== undefined)
    fault('WRIT-CLI-002', 'either --file or --export: a file is exported already');
  const report =
    options.file === undefined ? await verifyLive(home, options) : await verifyFile(home, options.file);
  const exit = exitOf(report);
  io.document({ ok: exit === ExitCodes.ok, exit, export: options.export ?? null, report });
  io.out(formatReport(report).trimEnd());
  if (options.export !== undefined) io.out(`exported to ${options.export}`);
  return exit;
}

// The ledger goes through a file either way: what is verified is exactly what an auditor would be handed.
async function verifyLive(home: string, { export: out, auditor }: Options): Promise<Report> {
  const { org } = organisationIn(home);
  const folder = out === undefined ? await mkdtemp(join(tmpdir(), 'writ-verify-')) : undefined;
  const file = out ?? join(folder as string, 'ledger.ndjson');
  try {
    const ledger = await openLedger(home, auditor);
    try {
      await writeExport(file, ledger.messages(), { org, end: ledger.end });
    } finally {
      await ledger.close();
    }
    return await verifyFile(home, file);
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }
}

async function verifyFile(home: string, file: string): Promise<Report> {
  const { org, roots } = organisationIn(home);
  const { header, messages } = await readExport(file);
  if (header.org !== org) fault('WRIT-VER-001', `it is the ledger of ${header.org}; pinned here is ${org}`);
  return verifyLedger(messages, { org, roots, complete: header.from <= 1 });
}

function exitOf({ record, authority }: Report): ExitCode {
  if (record.verdict === 'INVALID') return ExitCodes.recordInvalid;
  if (authority.verdict === 'VIOLATION') return ExitCodes.authorityViolation;
  return authority.verdict === 'UNDETERMINED' ? ExitCodes.undetermined : ExitCodes.ok;
}
