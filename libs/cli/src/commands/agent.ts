// `writ agent`: who acts. The bus learns of it at once, the registry by the administrator's signed command.
import { existsSync, readFileSync } from 'node:fs';
import type { RegistryAction } from '@writ/contracts';
import { agentOf, enforcementPointOf, type RegistryState } from '@writ/domain';
import { addAgent, addEnforcementPoint, installPaths, type RosterAgent, removeMember } from '@writ/runtime';
import type { Command } from 'commander';
import { orFault } from '../fault.js';
import { signerOf } from '../home.js';
import type { Io } from '../io.js';
import { AS, type Call, defineAction } from '../options.js';
import { type Told, tellRegistry } from '../person/carry-out.js';
import { readPerson } from '../person/credentials.js';
import { sayTold, toldJson } from '../person/show.js';
import { columns } from '../printable.js';
import { registryIfUp, rosterIn } from './roster.js';

type Options = { readonly owner: string; readonly as?: string; readonly enforcementPoint?: boolean };

const POINT: readonly [string, string] = [
  '--enforcement-point',
  'an enforcement point that acts for many agents',
];

/** Registers `writ agent add|list|remove`. */
export function registerAgent(program: Command, io: Io): void {
  const group = program.command('agent').description('agents and enforcement points: add, list, remove');
  const addOne = group
    .command('add')
    .description('make keys for an agent, let it onto the bus, register it')
    .argument('<scope>', 'organisation.project.environment.name')
    .requiredOption('--owner <person>', 'the one person who answers for it')
    .option(...POINT)
    .option(...AS);
  defineAction<Options>(addOne, io, 'writ agent add acme.shop.prod.ops --owner alice --as alice', add);
  const listAll = group
    .command('list')
    .description('list agents and enforcement points')
    .option(...POINT);
  defineAction<Options>(listAll, io, 'writ agent list --json', list);
  const removeOne = group
    .command('remove')
    .description('take an agent off the bus and retire it; its folder stays')
    .argument('<scope>', 'organisation.project.environment.name')
    .option(...POINT)
    .option(...AS);
  defineAction<Options>(removeOne, io, 'writ agent remove acme.shop.prod.ops --as alice', remove);
}

async function add({ io, home, options, args }: Call<Options>): Promise<void> {
  const scope = args[0] as string;
  const signer = signerOf(home, options.as);
  readPerson(home, signer);
  const request = { owner: options.owner };
  const made = orFault(
    options.enforcementPoint
      ? await addEnforcementPoint(home, { name: scope, ...request })
      : await addAgent(home, { agent: scope, ...request }),
  );
  const told = await tellUnlessKnown(home, signer, made.action);
  io.document({
    ok: true,
    scope,
    owner: options.owner,
    folder: made.folder,
    bus: made.reload,
    ...toldJson(told),
  });
  io.out(`${io.colour.green('added')} ${scope}, owned by ${options.owner}`);
  io.out(`  credentials ${made.folder}`);
  io.out(
    `  bus         ${made.reload === 'reloaded' ? 'lets it in' : 'not running here; lets it in when it starts'}`,
  );
  sayTold(io, told);
}

// Given again after an interruption: what the registry holds under the same key is there already.
async function tellUnlessKnown(home: string, signer: string, action: RegistryAction): Promise<Told> {
  const registry = await registryIfUp(home);
  if (registry !== undefined && isKnown(registry, action)) return { kind: 'recorded', events: [] };
  return tellRegistry(home, signer, action);
}

function isKnown(registry: RegistryState, action: RegistryAction): boolean {
  if (action.do === 'register-agent') return agentOf(registry, action.agent)?.kid === action.key.kid;
  if (action.do === 'register-enforcement-point')
    return enforcementPointOf(registry, action.name)?.kid === action.key.kid;
  return false;
}

async function list({ io, home, options }: Call<Options>): Promise<void> {
  const roster = rosterIn(home);
  const registry = await registryIfUp(home);
  const members = [
    ...(options.enforcementPoint ? [] : roster.agents.map((a) => row(a, 'agent', registry))),
    ...roster.enforcementPoints.map((p) => row(p, 'enforcement-point', registry)),
  ];
  io.document({ ok: true, registry: registry === undefined ? null : registry.ver, agents: members });
  if (members.length === 0) io.out('nobody yet: writ agent add SCOPE --owner PERSON');
  for (const line of columns(members.map((m) => [m.scope, m.kind, `owner ${m.owner}`, m.status])))
    io.out(line);
  if (registry === undefined) io.out('the plane does not answer: this is the roster of the bus alone');
}

function row(
  { scope, owner }: RosterAgent,
  kind: 'agent' | 'enforcement-point',
  registry: RegistryState | undefined,
) {
  const known =
    kind === 'agent' ? registry && agentOf(registry, scope) : registry && enforcementPointOf(registry, scope);
  const status = known === undefined ? 'not registered' : 'status' in known ? known.status : 'active';
  return { scope, kind, owner, status: registry === undefined ? 'unknown' : status };
}

async function remove({ io, home, options, args }: Call<Options>): Promise<void> {
  const scope = args[0] as string;
  const kind = options.enforcementPoint ? ('enforcement-point' as const) : ('agent' as const);
  const signer = signerOf(home, options.as);
  readPerson(home, signer);
  const { reload, folder } = orFault(await removeMember(home, { kind, scope }));
  const told = await tellRegistry(home, signer, retirement(home, kind, scope));
  io.document({ ok: true, scope, folder, bus: reload, ...toldJson(told) });
  io.out(`${io.colour.green('removed')} ${scope} from the bus; its folder stays: ${folder}`);
  sayTold(io, told);
}

// The registry retires agents; an enforcement point ends with its key.
function retirement(home: string, kind: 'agent' | 'enforcement-point', scope: string): RegistryAction {
  if (kind === 'agent') return { do: 'retire-agent', agent: scope };
  return { do: 'revoke-key', kid: kidOf(home, scope), reason: 'holder-left' };
}

function kidOf(home: string, scope: string): string {
  const file = installPaths(home).agentFile(scope);
  const { kid } = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { kid?: unknown }) : {};
  return String(kid);
}
