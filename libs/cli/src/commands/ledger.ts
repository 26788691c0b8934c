// `writ ledger`: the ledger as it is and as the services knew it; to go on with one that is another is a signed decision.
import type { Command } from 'commander';
import { type ExitCode, ExitCodes } from '../exit-codes.js';
import { fault } from '../fault.js';
import { authorOf, type Deciding, signAdoption } from '../fsck/adopt.js';
import { compareMarks, type FsckReport } from '../fsck/fsck.js';
import { isOfAnotherLedger, rebuildReadModel } from '../fsck/rebuild.js';
import { type Ground, onGround } from '../fsck/servers.js';
import type { Io } from '../io.js';
import { AS, type Call, defineAction } from '../options.js';
import { columns } from '../printable.js';

type AdoptOptions = Deciding & { readonly reason: string; readonly anyway?: boolean };
type Compared = Pick<FsckReport, 'ledger' | 'marks' | 'counts'>;

/** Registers `writ ledger`. */
export function registerLedger(program: Command, io: Io): void {
  const group = program
    .command('ledger')
    .description('the ledger as it is and as the services knew it; decide to go on with another one');
  const showing = group.command('show').description('its end, its root, and what each service knew of it');
  defineAction<object>(showing, io, 'writ ledger show', show);
  const adopting = group
    .command('adopt')
    .description('sign that the plane goes on with the ledger as it is now; the services then take it')
    .requiredOption('--reason <text>', 'why; in the ledger stands its salted digest')
    .option('--root <keyfile>', 'a root key signs: for a ledger that names no administrator')
    .option('--anyway', 'sign also when every service here knows this ledger (theirs may be elsewhere)')
    .option(...AS);
  defineAction<AdoptOptions>(
    adopting,
    io,
    'writ ledger adopt --as alice --reason "the volume was restored from the backup of 03:00, incident 88"',
    adopt,
  );
  const rebuilding = group
    .command('rebuild')
    .description(
      'build the read model anew from the ledger as it is; needs WRIT_DATABASE_URL or a plane that is down',
    );
  defineAction<object>(rebuilding, io, 'writ ledger rebuild', rebuild);
}

async function show({ io, home }: Call<object>): Promise<ExitCode> {
  const compared = await onGround(home, () => compareMarks(home));
  const { ledger, marks, counts } = compared;
  const known = marks.every(({ why }) => why === null) && counts.gap === undefined;
  io.document({ ok: true, known, ledger, marks, gaps: counts.gap ?? 0 });
  say(io, compared);
  return ExitCodes.ok;
}

function say(io: Io, { ledger, marks, counts }: Compared): void {
  io.out(`${io.colour.bold('the ledger is now')} of ${ledger.end} messages, root ${ledger.rootText}`);
  if (ledger.lastTime !== null) io.out(`  its last message is of ${ledger.lastTime}`);
  if (counts.gap !== undefined)
    io.out(io.colour.red(`  messages are missing: ${counts.gap} gaps, the first behind ${ledger.treeSize}`));
  io.out(io.colour.bold('the services knew'));
  const rows = marks.map(({ service, end, at, why }) => [
    service,
    at === null ? '-' : `up to ${end ?? '?'} at ${at}`,
    at === null ? 'keeps no mark here' : why === null ? io.colour.green('the same') : io.colour.red(why),
  ]);
  for (const line of columns(rows)) io.out(line);
}

const isKnown = ({ marks }: Compared): boolean =>
  marks.some(({ at }) => at !== null) && marks.every(({ why }) => why === null);

async function adopt({ io, home, options }: Call<AdoptOptions>): Promise<ExitCode> {
  if (options.reason.trim() === '') fault('WRIT-CLI-002', 'give --reason');
  if (options.as !== undefined && options.root !== undefined) fault('WRIT-CLI-002', 'either --as or --root');
  return onGround(home, async (ground) => {
    const compared = await compareMarks(home);
    say(io, compared);
    if (compared.counts.gap !== undefined)
      fault(
        'WRIT-LED-006',
        `messages behind ${compared.ledger.treeSize} are missing: no service can follow it; restore a whole one`,
      );
    const author = await authorOf(home, options);
    if (isKnown(compared) && options.anyway !== true)
      fault('WRIT-LED-014', `it ends at ${compared.ledger.end}`);
    const signed = await signAdoption(home, author, compared, options.reason);
    const readModel = await renew(home, ground);
    io.document({ ok: true, ...signed, ledger: compared.ledger, marks: compared.marks, readModel });
    io.out(`${io.colour.green('adopted')} by ${signed.author}: ${signed.file}`);
    io.out(`  services that start before ${signed.expires} take it; the registry records it at its start`);
    io.out(
      ground.started
        ? 'next: writ up'
        : 'next: the services take it when they start anew; writ up does that by itself',
    );
    io.out('  the sealer signs no tree that differs from one it signed before: docs/guides/recovery.md');
    if (readModel === 'stands still')
      io.out(
        '  the read model stands still until it is built anew: stop the plane, writ ledger rebuild, writ up',
      );
    return ExitCodes.ok;
  });
}

/** The read model is thrown away and built anew where its database is at hand. */
async function renew(home: string, { databaseUrl }: Ground): Promise<'same' | 'anew' | 'stands still'> {
  if (databaseUrl === undefined) return 'stands still';
  if (!(await isOfAnotherLedger(home, databaseUrl))) return 'same';
  await rebuildReadModel(home, databaseUrl);
  return 'anew';
}

async function rebuild({ io, home }: Call<object>): Promise<ExitCode> {
  return onGround(home, async ({ databaseUrl }) => {
    if (databaseUrl === undefined)
      return fault(
        'WRIT-CLI-002',
        'set WRIT_DATABASE_URL to an administrator’s address, or stop the plane first',
      );
    const service = await rebuildReadModel(home, databaseUrl);
    io.document({ ok: true, service });
    io.out(
      `${io.colour.green('the read model is empty')}: it is filled from the ledger when its service runs`,
    );
    return ExitCodes.ok;
  });
}
