// `writ fsck`: whether ledger, read model, checkpoints and the services' own memory agree, and where they do not. It changes nothing.
import type { Command } from 'commander';
import { type ExitCode, ExitCodes } from '../exit-codes.js';
import { compareAll, type FsckReport, type Part } from '../fsck/fsck.js';
import { onGround } from '../fsck/servers.js';
import type { Io } from '../io.js';
import { type Call, defineAction } from '../options.js';
import { columns, printable } from '../printable.js';

const EXITS = `
Exit status:
   0  nothing differs
   3  nothing differs as far as it goes: a part could not be asked
   4  something differs`;

/** Registers `writ fsck`. */
export function registerFsck(program: Command, io: Io): void {
  const command = program
    .command('fsck')
    .description(
      'compare ledger, read model, checkpoints and what the services knew: what differs, and where',
    )
    .addHelpText('after', EXITS);
  defineAction<object>(command, io, 'writ fsck --json', fsck);
}

async function fsck({ io, home }: Call<object>): Promise<ExitCode> {
  const report = await onGround(home, ({ databaseUrl }) => compareAll(home, databaseUrl));
  const exit = exitOf(report);
  const { ledger, parts, differences, counts } = report;
  io.document({ ok: exit === ExitCodes.ok, exit, ledger, parts, differences, counts });
  say(io, report);
  return exit;
}

function exitOf({ counts, parts }: FsckReport): ExitCode {
  if (Object.keys(counts).length > 0) return ExitCodes.recordInvalid;
  return parts.some(({ state }) => state === 'unreachable') ? ExitCodes.unreachable : ExitCodes.ok;
}

function say(io: Io, { ledger, parts, differences, counts }: FsckReport): void {
  const { green, red, yellow, dim, bold } = io.colour;
  const colour = { same: green, differs: red, unreachable: yellow, absent: dim } as const;
  const shown = (part: Part) => [part.name, colour[part.state](part.state), part.detail];
  io.out(`${bold(`ledger of ${ledger.end} messages`)}, root of its tree ${ledger.rootText}`);
  for (const line of columns(parts.map(shown))) io.out(line);
  if (differences.length === 0) io.out('nothing differs, as far as it could be compared');
  else sayDifferences(io, differences, counts);
}

function sayDifferences(io: Io, differences: FsckReport['differences'], counts: FsckReport['counts']): void {
  io.out('what differs');
  const rows = differences.map(({ kind, where, seq, what }) => [
    kind,
    where,
    seq === null ? '-' : `${seq}`,
    what,
  ]);
  for (const line of columns(rows.map((row) => row.map((cell) => printable(cell))))) io.out(line);
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  if (all > differences.length)
    io.out(`and ${all - differences.length} more: at most 100 of a kind are shown`);
  io.out('what to do about it: docs/guides/recovery.md');
}
