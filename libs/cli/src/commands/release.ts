// `writ release`: lets halted agents go on, by a person's signed command that every client checks again. Never a plain publish.
import { covers, HaltId, Scope } from '@writ/contracts';
import { commit } from '@writ/crypto';
import { type Command, InvalidArgumentError } from 'commander';
import { fault } from '../fault.js';
import { signerOf } from '../home.js';
import type { Io } from '../io.js';
import { AS, type Call, defineAction } from '../options.js';
import type { RecordedEvent } from '../person/answer.js';
import { recordedEvents, withPerson } from '../person/carry-out.js';
import { eventJson } from '../person/show.js';
import { haltsInApi, haltsInView } from '../reading/halts.js';
import { positionsOf } from '../reading/positions.js';
import { askEither } from '../reading/snapshot.js';

type Options = {
  readonly as?: string;
  readonly reason?: string;
  readonly halt?: readonly string[];
  readonly all?: boolean;
  readonly ledger?: boolean;
};

/** Halts that one command names at most. */
const MOST = 64;

/** Registers `writ release`. */
export function registerRelease(program: Command, io: Io): void {
  const command = program
    .command('release')
    .description('release named halts; any other halt over the same agents stays in force')
    .argument('<scope>', 'the scope to release; it must cover the scopes of the halts')
    .option('--halt <id>', 'a halt; give it again for more', parseHalt)
    .option('--all', 'every halt in force at or beneath the scope')
    .option('--reason <text>', 'kept private: in the ledger stands its salted digest')
    .option('--ledger', 'with --all: list the halts from the ledger itself, not from the read model')
    .option(...AS);
  defineAction<Options>(
    command,
    io,
    'writ release acme.shop.prod --all --as alice --reason "fixed in 1.4.2"',
    release,
  );
}

function parseHalt(text: string, before: readonly string[] = []): readonly string[] {
  if (!HaltId.safeParse(text).success)
    throw new InvalidArgumentError('It must be the id of a halt, as in halt-17.');
  return [...before, text];
}

async function release({ io, home, options, args }: Call<Options>): Promise<void> {
  const scope = args[0] as string;
  if (!Scope.safeParse(scope).success) fault('WRIT-CLI-002', `${scope} is not a scope`);
  if ((options.halt === undefined) === (options.all !== true))
    fault('WRIT-CLI-002', 'give either --halt ID or --all');
  const person = signerOf(home, options.as);
  const halts = options.halt ?? (await haltsBeneath(home, scope, options.ledger ?? false));
  if (halts.length === 0) fault('WRIT-HLT-001', `no halt is in force at or beneath ${scope}`);
  const events = await sendReleases(home, person, scope, [...new Set(halts)], options.reason);
  const positions = await positionsOf(home, events);
  const released = events.flatMap((event) => {
    const { document } = event;
    if (document.type !== 'writ.authority.halt-released.v1') return [];
    const { environment, halts: named } = document.data;
    return [{ environment, halts: named, position: positions.get(document.id) ?? null, ...eventJson(event) }];
  });
  io.document({ ok: true, scope, person, halts, released });
  io.out(`${io.colour.green('released')} ${scope} by ${person}`);
  for (const { environment, halts: named, position, verified } of released) {
    const where = position === null ? 'recorded' : `recorded at ledger position ${position}`;
    io.out(`  ${environment}  ${named.join(', ')}  ${where}${verified ? '' : ' (signature not checked)'}`);
  }
}

async function haltsBeneath(home: string, scope: string, ledger: boolean): Promise<readonly string[]> {
  const halts = await askEither(home, ledger, haltsInApi, haltsInView);
  return halts.filter((halt) => covers(scope, halt.scope)).map((halt) => halt.id);
}

function sendReleases(
  home: string,
  person: string,
  scope: string,
  halts: readonly string[],
  reason: string | undefined,
): Promise<readonly RecordedEvent[]> {
  return withPerson(home, person, async (as) => {
    const events: RecordedEvent[] = [];
    for (let from = 0; from < halts.length; from += MOST) {
      const { committed, disclosures } = commit(reason === undefined ? {} : { reason });
      const action = {
        do: 'release' as const,
        scope,
        halts: halts.slice(from, from + MOST),
        reason: committed,
      };
      events.push(...recordedEvents(await as.command('kill-switch', action, { disclosures }), 'kill-switch'));
    }
    return events;
  });
}
