// `writ hold`: legal holds. What is held is not erased, whoever orders it and however old it is, until the hold is lifted.
import { EventId, type HoldRequest, Scope } from '@writ/contracts';
import { holdsInForce, type LegalHold } from '@writ/domain';
import type { Command } from 'commander';
import { type ExitCode, ExitCodes } from '../exit-codes.js';
import { fault } from '../fault.js';
import { signerOf } from '../home.js';
import type { Io } from '../io.js';
import { AS, type Call, defineAction } from '../options.js';
import { carryOut } from '../person/carry-out.js';
import { eventJson, eventLine } from '../person/show.js';
import { columns } from '../printable.js';
import { readRegistry } from '../reading/ledger-view.js';
import { type About, INTENT, intentOf, REASON, reasonOf, SUBJECT, subjectOf } from './erase.js';

type Options = {
  readonly as?: string;
  readonly scope?: string;
  readonly subject?: string;
  readonly intent?: string;
  readonly reason?: string;
};

/** Registers `writ hold place|lift|list`. */
export function registerHold(program: Command, io: Io): void {
  const group = program
    .command('hold')
    .description('legal holds: what must not be erased; place, lift, list');
  const placing = group
    .command('place')
    .description('from now on nothing of this is erased')
    .option('--scope <scope>', 'an organisation, project, environment or agent')
    .option(...SUBJECT)
    .option(...INTENT)
    .option(...REASON)
    .option(...AS);
  defineAction<Options>(
    placing,
    io,
    'writ hold place --scope acme.shop.prod --reason "case 2026-17" --as eve',
    place,
  );
  const lifting = group
    .command('lift')
    .description('lift a hold; erasures that wait for it are carried out')
    .argument('<hold>', 'the id of the hold, as writ hold list shows it')
    .option(...REASON)
    .option(...AS);
  defineAction<Options>(lifting, io, 'writ hold lift HOLD --reason "case closed" --as eve', lift);
  defineAction<Options>(group.command('list').description('the holds in force'), io, 'writ hold list', list);
}

function targetOf({ scope, subject, intent }: Options): About<HoldRequest> {
  if ([scope, subject, intent].filter((option) => option !== undefined).length !== 1)
    fault('WRIT-CLI-002', 'give exactly one of --scope, --subject, --intent');
  if (subject !== undefined) return subjectOf(subject);
  if (intent !== undefined) return intentOf(intent);
  if (!Scope.safeParse(scope).success) fault('WRIT-CLI-002', `${scope} is not a scope`);
  return { target: { kind: 'scope', scope: scope as string }, words: [] };
}

async function place({ io, home, options }: Call<Options>): Promise<ExitCode> {
  const { target, words } = targetOf(options);
  const reason = reasonOf(options.reason);
  const action = { do: 'place-hold' as const, target, reason: reason.committed };
  const disclosures = [...words, ...reason.disclosures];
  const events = await carryOut(home, signerOf(home, options.as), 'registry', action, { disclosures });
  io.document({ ok: true, hold: events[0]?.document.id, events: events.map(eventJson) });
  for (const event of events) io.out(eventLine(io, event));
  io.out(`${io.colour.green('held')} by ${events[0]?.document.id}`);
  return ExitCodes.ok;
}

async function lift({ io, home, options, args }: Call<Options>): Promise<ExitCode> {
  const hold = args[0] as string;
  if (!EventId.safeParse(hold).success) fault('WRIT-CLI-002', `${hold} is not the id of a hold`);
  const { committed, disclosures } = reasonOf(options.reason);
  const action = { do: 'lift-hold' as const, hold, reason: committed };
  const events = await carryOut(home, signerOf(home, options.as), 'registry', action, { disclosures });
  io.document({ ok: true, hold, events: events.map(eventJson) });
  for (const event of events) io.out(eventLine(io, event));
  io.out(`${io.colour.green('lifted')} ${hold}; what waited for it is erased within 30 s`);
  return ExitCodes.ok;
}

const whatOf = ({ target }: LegalHold): string => {
  if (target.kind === 'scope') return `scope ${target.scope}`;
  return target.kind === 'subject' ? `data subject ${target.subject}` : `intent ${target.intentId}`;
};

async function list({ io, home }: Call<Options>): Promise<ExitCode> {
  const holds = holdsInForce(await readRegistry(home));
  io.document({ ok: true, holds });
  const rows = holds.map((hold) => [hold.event, `placed at ${hold.seq}`, whatOf(hold)]);
  for (const line of rows.length === 0 ? ['nothing is held'] : columns(rows)) io.out(line);
  return ExitCodes.ok;
}
