// `writ person`: who decides, halts and audits. The bus learns of it at once, the registry by the administrator's signed command.
import { RoleGrant, Scope } from '@writ/contracts';
import { personOf, type RegistryState } from '@writ/domain';
import { addAuditor, addPerson, removeMember, setHaltScopes } from '@writ/runtime';
import { type Command, InvalidArgumentError } from 'commander';
import { fault, orFault } from '../fault.js';
import { signerOf } from '../home.js';
import type { Io } from '../io.js';
import { AS, type Call, defineAction } from '../options.js';
import { type Told, tellRegistry } from '../person/carry-out.js';
import { readPerson } from '../person/credentials.js';
import { sayTold, toldJson } from '../person/show.js';
import { columns } from '../printable.js';
import { registryIfUp, rosterIn } from './roster.js';

type Options = {
  readonly role?: readonly RoleGrant[];
  readonly halt?: readonly string[];
  readonly auditor?: boolean;
  readonly as?: string;
};

const ROLE: readonly [string, string, typeof parseGrant] = [
  '--role <role@scope>',
  'approver, operator, admin, auditor or override, at a scope; give it again for more',
  parseGrant,
];
const HALT: readonly [string, string, typeof parseScope] = [
  '--halt <scope>',
  'a scope that the bus lets them halt; give it again for more',
  parseScope,
];
const AUDITOR: readonly [string, string] = ['--auditor', 'a reader of the ledger, who signs nothing'];

/** Registers `writ person add|list|remove|grant|revoke`. */
export function registerPerson(program: Command, io: Io): void {
  const group = program.command('person').description('people: add, list, remove, grant and revoke roles');
  const named = (name: string, description: string) =>
    group
      .command(name)
      .description(description)
      .argument('<person>', 'name of the person')
      .option(...AS);
  const adding = named('add', 'make keys for a person, let them onto the bus, register them')
    .option(...ROLE)
    .option(...HALT)
    .option(...AUDITOR);
  defineAction<Options>(
    adding,
    io,
    'writ person add bob --role approver@acme --halt acme.shop --as alice',
    add,
  );
  defineAction<Options>(
    group.command('list').description('list people and auditors'),
    io,
    'writ person list',
    list,
  );
  const removing = named('remove', 'take a person off the bus and out of office; their folder stays').option(
    ...AUDITOR,
  );
  defineAction<Options>(removing, io, 'writ person remove bob --as alice', remove);
  const granting = named('grant', 'give a person a role, or a scope to halt')
    .option(...ROLE)
    .option(...HALT);
  defineAction<Options>(granting, io, 'writ person grant bob --role operator@acme.shop --as alice', grant);
  const revoking = named('revoke', 'take a role, or a scope to halt, from a person')
    .option(...ROLE)
    .option(...HALT);
  defineAction<Options>(revoking, io, 'writ person revoke bob --role operator@acme.shop --as alice', revoke);
}

function parseGrant(text: string, before: readonly RoleGrant[] = []): readonly RoleGrant[] {
  const [role, scope, ...more] = text.split('@');
  const grant = RoleGrant.safeParse({ role, scope });
  if (!grant.success || more.length > 0)
    throw new InvalidArgumentError('It must be <role>@<scope>, as in approver@acme.');
  return [...before, grant.data];
}

function parseScope(text: string, before: readonly string[] = []): readonly string[] {
  if (!Scope.safeParse(text).success) throw new InvalidArgumentError('It must be a scope, as in acme.shop.');
  return [...before, text];
}

async function add({ io, home, options, args }: Call<Options>): Promise<void> {
  const person = args[0] as string;
  if (options.auditor) return addReader(io, home, person);
  const signer = signerOf(home, options.as);
  readPerson(home, signer);
  const { role: grants = [], halt: haltScopes = [] } = options;
  const made = orFault(await addPerson(home, { person, grants, haltScopes }));
  const registry = await registryIfUp(home);
  const known =
    registry !== undefined &&
    made.action.do === 'add-person' &&
    personOf(registry, person)?.kid === made.action.key.kid;
  const told: Told = known ? { kind: 'recorded', events: [] } : await tellRegistry(home, signer, made.action);
  io.document({
    ok: true,
    person,
    grants,
    haltScopes,
    folder: made.folder,
    bus: made.reload,
    ...toldJson(told),
  });
  io.out(
    `${io.colour.green('added')} ${person}${grants.length > 0 ? `: ${grants.map(grantText).join(', ')}` : ''}`,
  );
  io.out(`  credentials ${made.folder}`);
  io.out(`  may halt    ${haltScopes.join(', ') || 'nothing'}`);
  sayTold(io, told);
}

async function addReader(io: Io, home: string, auditor: string): Promise<void> {
  const { folder, reload } = orFault(await addAuditor(home, { auditor }));
  io.document({ ok: true, auditor, folder, bus: reload });
  io.out(`${io.colour.green('added')} ${auditor} as an auditor; credentials ${folder}`);
  io.out(`next: writ verify --auditor ${auditor}`);
}

const grantText = ({ role, scope }: RoleGrant): string => `${role}@${scope}`;

async function list({ io, home }: Call<Options>): Promise<void> {
  const roster = rosterIn(home);
  const registry = await registryIfUp(home);
  const people = roster.people.map(({ person, grants, haltScopes }) => ({
    person,
    grants: (registry === undefined ? grants : (personOf(registry, person)?.grants ?? [])).map(grantText),
    haltScopes,
    status: statusOf(registry, person),
  }));
  const auditors = roster.auditors.map(({ auditor }) => auditor);
  io.document({ ok: true, registry: registry === undefined ? null : registry.ver, people, auditors });
  const rows = people.map((p) => [
    p.person,
    p.status,
    p.grants.join(', ') || '-',
    `may halt ${p.haltScopes.join(', ') || '-'}`,
  ]);
  for (const line of columns(rows)) io.out(line);
  for (const auditor of auditors) io.out(`  ${auditor}  auditor`);
  if (registry === undefined) io.out('the plane does not answer: this is the roster of the bus alone');
}

function statusOf(registry: RegistryState | undefined, person: string): string {
  if (registry === undefined) return 'unknown';
  return personOf(registry, person) === undefined ? 'not registered' : 'active';
}

async function remove({ io, home, options, args }: Call<Options>): Promise<void> {
  const person = args[0] as string;
  if (options.auditor) {
    const gone = orFault(await removeMember(home, { kind: 'auditor', auditor: person }));
    io.document({ ok: true, auditor: person, folder: gone.folder, bus: gone.reload });
    return io.out(`${io.colour.green('removed')} the auditor ${person}`);
  }
  const signer = signerOf(home, options.as);
  readPerson(home, signer);
  const gone = orFault(await removeMember(home, { kind: 'person', person }));
  const told = await tellRegistry(home, signer, { do: 'remove-person', person });
  io.document({ ok: true, person, folder: gone.folder, bus: gone.reload, ...toldJson(told) });
  io.out(`${io.colour.green('removed')} ${person} from the bus; the folder stays: ${gone.folder}`);
  sayTold(io, told);
}

const grant = (call: Call<Options>): Promise<void> => changeRights(call, 'grant-role');
const revoke = (call: Call<Options>): Promise<void> => changeRights(call, 'revoke-role');

async function changeRights(
  { io, home, options, args }: Call<Options>,
  change: 'grant-role' | 'revoke-role',
): Promise<void> {
  const person = args[0] as string;
  const { role: grants = [], halt = [] } = options;
  if (grants.length + halt.length === 0)
    fault('WRIT-CLI-002', 'nothing to change: --role ROLE@SCOPE or --halt SCOPE');
  const signer = signerOf(home, options.as);
  readPerson(home, signer);
  const haltScopes = halt.length === 0 ? undefined : await changeHaltScopes(home, person, halt, change);
  const told: Told[] = [];
  for (const one of grants) told.push(await tellRegistry(home, signer, { do: change, person, grant: one }));
  io.document({ ok: true, person, ...(haltScopes && { haltScopes }), changes: told.map(toldJson) });
  if (haltScopes)
    io.out(
      `${io.colour.green('changed')} what the bus lets ${person} halt: ${haltScopes.join(', ') || 'nothing'}`,
    );
  for (const one of told) sayTold(io, one);
}

async function changeHaltScopes(
  home: string,
  person: string,
  halt: readonly string[],
  change: string,
): Promise<readonly string[]> {
  const before = rosterIn(home).people.find((p) => p.person === person)?.haltScopes ?? [];
  const next =
    change === 'grant-role'
      ? [...new Set([...before, ...halt])]
      : before.filter((scope) => !halt.includes(scope));
  orFault(await setHaltScopes(home, person, next));
  return next;
}
