// `writ status`: the services, the agents, what waits for people, what is halted, how far the ledger is. It changes nothing.
import type { Command } from 'commander';
import { type ExitCode, ExitCodes } from '../exit-codes.js';
import { CliFault, isUnreachable } from '../fault.js';
import { organisationIn } from '../home.js';
import { type Io, refusalLines } from '../io.js';
import { type Call, defineAction } from '../options.js';
import { columns } from '../printable.js';
import { type ServiceFacts, serviceStates } from '../reading/services.js';
import { type Snapshot, takeSnapshot } from '../reading/snapshot.js';
import { gateLine } from './gate-words.js';

type Options = { readonly ledger?: boolean };

/** Registers `writ status`. */
export function registerStatus(program: Command, io: Io): void {
  const command = program
    .command('status')
    .description('services, agents, open gates, halts in force, the head of the ledger')
    .option('--ledger', 'read the ledger itself, every signature checked, instead of asking the read model');
  defineAction<Options>(command, io, 'writ status --json', status);
}

async function status({ io, home, options }: Call<Options>): Promise<ExitCode> {
  const { org } = organisationIn(home);
  const [services, snapshot] = await Promise.all([
    serviceStates(home),
    snapshotIfUp(home, options.ledger ?? false),
  ]);
  const known = 'source' in snapshot ? snapshot : undefined;
  const ready = services.every(({ state }) => state === 'ready');
  const { source = null, head = null, agents = null, gates = null, halts = null } = known ?? {};
  io.document({ ok: known !== undefined, org, home, ready, services, source, head, agents, gates, halts });
  io.out(io.colour.bold(`${org} in ${home}`));
  sayServices(io, services);
  if (known === undefined) {
    for (const line of refusalLines((snapshot as CliFault).refusal, io.colour)) io.err(line);
    return ExitCodes.unreachable;
  }
  saySnapshot(io, known);
  return ExitCodes.ok;
}

async function snapshotIfUp(home: string, ledger: boolean): Promise<Snapshot | CliFault> {
  try {
    return await takeSnapshot(home, ledger);
  } catch (error) {
    if (!isUnreachable(error)) throw error;
    if (error instanceof CliFault) return error;
    return new CliFault({
      kind: 'refused',
      code: 'WRIT-NATS-005',
      reason: (error as { reason: string }).reason,
    });
  }
}

function sayServices(io: Io, services: readonly ServiceFacts[]): void {
  const { green, yellow, red } = io.colour;
  const colour = { ready: green, 'not-ready': yellow, 'not-answering': red, 'not-running': red } as const;
  io.out('services');
  const rows = services.map(({ name, state, pid, failing }) => [
    name,
    colour[state](state.replace('-', ' ')),
    pid === null ? '' : `pid ${pid}`,
    failing.length === 0 ? '' : `waits for: ${failing.join(', ')}`,
  ]);
  for (const line of columns(rows)) io.out(line);
}

function saySnapshot(io: Io, { source, head, agents, gates, halts }: Snapshot): void {
  const { bold, red, green } = io.colour;
  const section = (title: string, rows: readonly (readonly string[])[], none: string) => {
    io.out(title);
    for (const line of rows.length === 0 ? [`  ${none}`] : columns(rows)) io.out(line);
  };
  section(
    'halts in force',
    halts.map(({ id, scope, person, engagedAt, tool }) => [
      red(scope),
      id,
      `by ${person}`,
      engagedAt ?? '',
      tool === null ? '' : `only ${tool.operation} on ${tool.resource}`,
    ]),
    'none',
  );
  section(
    'open gates',
    gates.map((gate) => gateLine(gate, Date.now())),
    'nobody is waiting for a person',
  );
  section(
    'agents',
    agents.map(({ scope, owner, status: standing, containment, halted }) => [
      scope,
      halted ? red('halted') : standing === 'active' ? green(standing) : standing,
      `owner ${owner ?? '-'}`,
      containment === 'none' ? '' : `containment ${containment}`,
    ]),
    'none yet',
  );
  const from = source === 'ledger' ? 'from the ledger, every signature checked' : 'as the read model has it';
  io.out(`ledger head ${bold(String(head.seq))}${head.junk > 0 ? `, ${head.junk} junk` : ''} (${from})`);
}
