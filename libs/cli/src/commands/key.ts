// `writ key`: the keys of services, agents, people and the registrar: new, rotate, revoke, retire, distrust, list, show. What ends or begins
// is an event of the registry, by an administrator's signed command; a registrar is appointed by the roots (key-roots.ts).
import { resolve } from 'node:path';
import { KeyReason, type RegistryAction } from '@writ/contracts';
import {
  generateKeyPair,
  importPublic,
  type PublicKey,
  writeExternalKeyFile,
  writeKeyFile,
} from '@writ/crypto';
import type { Command } from 'commander';
import { fault } from '../fault.js';
import { organisationIn, signerOf } from '../home.js';
import type { Io } from '../io.js';
import { parsePosition, parseReason } from '../key/arguments.js';
import { holderOf } from '../key/holder.js';
import { type Rotated, rotate } from '../key/rotate.js';
import { factsOf, type KeyFacts, keyBy, standingText } from '../key/standing.js';
import { AS, type Call, defineAction } from '../options.js';
import { carryOut } from '../person/carry-out.js';
import { eventJson, eventLine } from '../person/show.js';
import { columns } from '../printable.js';
import { readRegistry } from '../reading/ledger-view.js';
import { registerRootKeys } from './key-roots.js';

type NewOptions = { readonly signer?: readonly string[]; readonly x?: string };
type RotateOptions = { readonly as?: string; readonly key?: string; readonly keepOld?: boolean };
type EndOptions = { readonly as?: string; readonly reason: KeyReason; readonly from?: number };
type ListOptions = { readonly role?: string; readonly holder?: string; readonly inForce?: boolean };

const KID: readonly [string, string] = [
  '<kid>',
  'id of the key; its beginning is enough when only one begins so',
];
const reason = (standard: KeyReason) =>
  ['--reason <why>', `one of ${KeyReason.options.join(', ')}`, parseReason, standard] as const;

/** Registers `writ key`. */
export function registerKey(program: Command, io: Io): void {
  const group = program
    .command('key')
    .description('keys: new, rotate, revoke, retire, distrust, list, show; appoint-registrar, endorse');
  const making = group
    .command('new')
    .description('make a key file, mode 0600; nobody knows the key until it is certified')
    .argument('<file>', 'the file to make; an existing one is never overwritten')
    .option('--signer <command...>', 'the key is held elsewhere: the command that signs with it')
    .option('--x <public>', 'with --signer: the public key, 43 characters of base64url');
  defineAction<NewOptions>(making, io, 'writ key new registrar.jwk', newKey);
  const rotating = group
    .command('rotate')
    .description('give a service, an agent or a person a new key: certify, swap, take up, retire the old one')
    .argument('<holder>', 'a service, the scope of an agent or enforcement point, or a person')
    .option('--key <file>', 'take this key file instead of making a key: that of an external signer, say')
    .option('--keep-old', 'do not retire the old key: others still use it')
    .option(...AS);
  defineAction<RotateOptions>(rotating, io, 'writ key rotate decision --as alice', rotateKey);
  registerEnds(group, io);
  registerReading(group, io);
  registerRootKeys(group, io);
}

function registerEnds(group: Command, io: Io): void {
  const ending = (name: string, description: string) =>
    group
      .command(name)
      .description(description)
      .argument(...KID)
      .option(...AS);
  const revoking = ending('revoke', 'end a key at once: what lands later is void').option(
    ...reason('unspecified'),
  );
  defineAction<EndOptions>(
    revoking,
    io,
    'writ key revoke 3fZk9 --reason compromised --as alice',
    end('revoke-key'),
  );
  const retiring = ending('retire', 'end a key that is not used any more; what it signed stands');
  defineAction<EndOptions>(retiring, io, 'writ key retire 3fZk9 --as alice', end('retire-key'));
  const distrusting = ending('distrust', 'declare void what a key signed from a ledger position on')
    .requiredOption('--from <seq>', 'the first ledger position that is not trusted', parsePosition)
    .option(...reason('compromised'));
  defineAction<EndOptions>(
    distrusting,
    io,
    'writ key distrust 3fZk9 --from 1200 --as alice',
    end('distrust-key'),
  );
}

function registerReading(group: Command, io: Io): void {
  const listing = group
    .command('list')
    .description('every key that the registry knows, with its standing by ledger position')
    .option('--role <role>', 'keys of this role only')
    .option('--holder <name>', 'keys of this holder only')
    .option('--in-force', 'only those that count now');
  defineAction<ListOptions>(listing, io, 'writ key list --role decision --json', list);
  const showing = group
    .command('show')
    .description('one key')
    .argument(...KID);
  defineAction<ListOptions>(showing, io, 'writ key show 3fZk9', show);
}

async function newKey({ io, options, args }: Call<NewOptions>): Promise<void> {
  const file = resolve(args[0] as string);
  const { signer, x } = options;
  if ((signer === undefined) !== (x === undefined)) fault('WRIT-CLI-002', '--signer and --x go together');
  const held = signer === undefined ? 'file' : 'signer';
  const key = signer === undefined ? makeKey(file) : noteExternal(file, signer, x as string);
  io.document({ ok: true, file, kid: key.kid, x: key.x, held });
  io.out(`${io.colour.green('made')} ${file}`);
  io.out(`  key id     ${key.kid}`);
  io.out(`  public key ${key.x}`);
  if (held === 'signer') io.out('  its private half stays with the signer');
}

function makeKey(file: string): PublicKey {
  const pair = generateKeyPair();
  writeKeyFile(file, pair);
  return pair;
}

function noteExternal(file: string, signer: readonly string[], x: string): PublicKey {
  const key = importPublic(x);
  writeExternalKeyFile(file, { kid: key.kid, x, signer });
  return key;
}

async function rotateKey({ io, home, options, args }: Call<RotateOptions>): Promise<void> {
  const { org } = organisationIn(home);
  const signer = signerOf(home, options.as);
  const holder = holderOf(home, args[0] as string);
  const key = options.key === undefined ? undefined : resolve(options.key);
  const done = await rotate({ home, signer, holder, org, key, keepOld: options.keepOld });
  const { events, old, takenUp } = done;
  io.document({
    ok: true,
    holder: holder.holder,
    kid: done.kid,
    takenUp,
    old: old ?? null,
    events: events.map(eventJson),
  });
  for (const event of events) io.out(eventLine(io, event));
  io.out(`${io.colour.green('rotated')} ${holder.holder}; its key is ${done.kid}`);
  for (const line of whatIsLeft(holder.holder, done)) io.out(line);
}

const TAKEN_UP = {
  restarted: 'the service was started anew and signs with it',
  'not-here': 'the service does not run on this machine: start it anew where it runs, with this key file',
  'next-use': 'it is used from the next time that the key file is read: start what runs with it anew',
} as const;

function whatIsLeft(holder: string, { takenUp, old }: Rotated): readonly string[] {
  const first = `  ${TAKEN_UP[takenUp]}`;
  if (old === undefined) return [first];
  if (old.retired) return [first, `  the old key ${old.kid} is retired and its file is gone`];
  return [
    first,
    `  the old key ${old.kid} still counts, so that nothing of ${holder} is lost meanwhile`,
    `next: when the new key is used everywhere, writ key retire ${old.kid}`,
  ];
}

type Ending = 'revoke-key' | 'retire-key' | 'distrust-key';

const end =
  (what: Ending) =>
  async ({ io, home, options, args }: Call<EndOptions>): Promise<void> => {
    const signer = signerOf(home, options.as);
    const key = keyBy(await readRegistry(home), args[0] as string);
    if (key.role === 'root') fault('WRIT-KEY-020', 'a root key is pinned, and ended by no command');
    if (key.role === 'registrar')
      fault('WRIT-KEY-020', 'the roots end a registrar, by appointing another: writ key appoint-registrar');
    const events = await carryOut(home, signer, 'registry', actionOf(what, key.kid, options));
    io.document({ ok: true, kid: key.kid, holder: key.holder, events: events.map(eventJson) });
    for (const event of events) io.out(eventLine(io, event));
    io.out(`${io.colour.green(what.replace('-', ' '))}: ${key.kid}, ${key.role} of ${key.holder}`);
  };

function actionOf(what: Ending, kid: string, { reason: why, from }: EndOptions): RegistryAction {
  switch (what) {
    case 'retire-key':
      return { do: what, kid };
    case 'revoke-key':
      return { do: what, kid, reason: why };
    case 'distrust-key':
      return { do: what, kid, from: from as number, reason: why };
  }
}

async function list({ io, home, options }: Call<ListOptions>): Promise<void> {
  const registry = await readRegistry(home);
  const { role, holder, inForce } = options;
  const keys = [...registry.keys.values()]
    .map(factsOf)
    .filter((key) => role === undefined || key.role === role)
    .filter((key) => holder === undefined || key.holder === holder)
    .filter((key) => inForce !== true || key.standing === 'in force')
    .sort((a, b) => a.certifiedAt - b.certifiedAt || (a.kid < b.kid ? -1 : 1));
  io.document({
    ok: true,
    registry: registry.ver,
    position: registry.seq,
    threshold: registry.threshold,
    keys,
  });
  for (const line of columns(keys.map(row))) io.out(line);
  if (keys.length === 0) io.out('no such key');
}

const row = (key: KeyFacts): readonly string[] => [key.kid, key.role, key.holder, standingText(key)];

async function show({ io, home, args }: Call<ListOptions>): Promise<void> {
  const registry = await readRegistry(home);
  const held = keyBy(registry, args[0] as string);
  const key = factsOf(held);
  io.document({ ok: true, key: { ...key, x: held.x } });
  io.out(`${key.kid}`);
  io.out(`  role       ${key.role}`);
  io.out(`  holder     ${key.holder}`);
  io.out(`  scope      ${key.scope}`);
  io.out(`  public key ${held.x}`);
  io.out(`  standing   ${standingText(key)}`);
}
