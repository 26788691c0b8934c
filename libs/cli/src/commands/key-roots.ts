// `writ key appoint-registrar` and `writ key endorse`: what root holders decide together, by a file that goes from one to the next.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { KeyReason } from '@writ/contracts';
import { readSigningKey } from '@writ/crypto';
import type { RegistryState } from '@writ/domain';
import { forgetOldKey, hasNextKey, installPaths, nextKey, replaceFile, takeNextKey } from '@writ/runtime';
import { type Command, Option } from 'commander';
import { fault } from '../fault.js';
import { organisationIn } from '../home.js';
import type { Io } from '../io.js';
import {
  type AppointmentRequest,
  endorsed,
  endorsersIn,
  newRequest,
  readRequest,
  writeRequest,
} from '../key/appointment.js';
import { parsePosition, parseReason } from '../key/arguments.js';
import { registrarFile } from '../key/holder.js';
import { restartService } from '../key/restart.js';
import { type Call, defineAction } from '../options.js';
import { registryIfUp } from './roster.js';

type AppointOptions = {
  readonly out?: string;
  readonly submit?: string;
  readonly key?: string;
  readonly revokes?: string;
  readonly from?: number;
  readonly reason: KeyReason;
};
type EndorseOptions = { readonly root: string };

/** Registers the two commands in `writ key`. */
export function registerRootKeys(group: Command, io: Io): void {
  const appointing = group
    .command('appoint-registrar')
    .description('appoint a new registrar: a request with --out, the appointment itself with --submit')
    .addOption(
      new Option('--out <file>', 'make a key for the registry, and the request for the root holders'),
    )
    .addOption(
      new Option('--submit <file>', 'the endorsed request: the registry starts anew as appointed').conflicts(
        'out',
      ),
    )
    .option('--key <file>', 'with --out: take this key file instead of making a key')
    .option(
      '--revokes <kid>',
      'with --out: the registrar that ends with it, or none (default: the one in force)',
    )
    .option(
      '--from <seq>',
      'with --out: what that one signed from this ledger position on is void too',
      parsePosition,
    )
    .option(
      '--reason <why>',
      `with --out: one of ${KeyReason.options.join(', ')}`,
      parseReason,
      'superseded',
    );
  const example = 'writ key appoint-registrar --out request.json --reason compromised --from 1200';
  defineAction<AppointOptions>(appointing, io, example, appoint);
  const endorsing = group
    .command('endorse')
    .description('endorse a request with a root key; needs no installation and no network')
    .argument('<file>', 'the request; the endorsement is added to it')
    .requiredOption('--root <keyfile>', 'the root key file');
  defineAction<EndorseOptions>(endorsing, io, 'writ key endorse request.json --root root-2.jwk', endorse);
}

function appoint(call: Call<AppointOptions>): Promise<void> {
  const { out, submit } = call.options;
  if (submit !== undefined) return submitRequest(call, resolve(submit));
  if (out === undefined) return fault('WRIT-CLI-002', '--out FILE or --submit FILE');
  return makeRequest(call, resolve(out));
}

async function makeRequest({ io, home, options }: Call<AppointOptions>, out: string): Promise<void> {
  const { org, threshold } = organisationIn(home);
  if (existsSync(out)) fault('WRIT-KEY-002', out);
  const registry = await registryIfUp(home);
  const revokes = registrarToEnd(home, registry, options.revokes);
  const from = options.from ?? null;
  if (from !== null && revokes === null) fault('WRIT-CLI-002', '--from goes with a registrar that ends');
  const key = nextKey(registrarFile(home), options.key && resolve(options.key));
  const after = registry?.registrar ?? revokes ?? organisationIn(home).registrar.kid;
  const about = { org, genesis: genesisIn(home), after, revokes, from, reason: options.reason };
  const request = await newRequest(key, about);
  writeRequest(out, request);
  io.document({ ok: true, file: out, id: request.id, kid: key.kid, revokes, from, threshold });
  io.out(`${io.colour.green('made')} ${out}: it appoints ${key.kid}`);
  sayWhat(io, request);
  io.out(`next: ${threshold} root holder(s): writ key endorse ${out} --root KEYFILE`);
}

/** The registrar in force, as the ledger has it, else as org.json has it. */
function registrarToEnd(
  home: string,
  registry: RegistryState | undefined,
  option: string | undefined,
): string | null {
  if (option === 'none') return null;
  if (option !== undefined) return option;
  const active = [...(registry?.keys.values() ?? [])].filter(
    (key) => key.role === 'registrar' && key.revokedAt === undefined && key.retiredAt === undefined,
  );
  return active.at(-1)?.kid ?? organisationIn(home).registrar.kid;
}

/** The digest of the genesis: the end of the origin line. */
function genesisIn(home: string): string {
  const { origin } = organisationIn(home);
  return origin.slice(origin.lastIndexOf('/') + 1);
}

function sayWhat(io: Io, { data }: AppointmentRequest): void {
  io.out(`  organisation  ${data.org}`);
  io.out(`  ledger        writ/${data.org}/${data.genesis}`);
  io.out(`  new registrar ${data.registrar.kid}`);
  io.out(`  good while    ${data.after} is the registrar that was appointed last`);
  io.out(`  ends          ${data.revokes ?? 'no other'}`);
  if (data.from !== null) io.out(`  void          what that one signed from ledger position ${data.from} on`);
  io.out(`  reason        ${data.reason}`);
}

async function endorse({ io, options, args }: Call<EndorseOptions>): Promise<void> {
  const file = resolve(args[0] as string);
  const request = await endorsed(readRequest(file), resolve(options.root));
  writeRequest(file, request);
  const kids = request.data.endorsements.map(({ kid }) => kid);
  io.document({
    ok: true,
    file,
    id: request.id,
    org: request.data.org,
    kid: request.data.registrar.kid,
    endorsedBy: kids,
  });
  io.out(`${io.colour.green('endorsed')} ${file}`);
  sayWhat(io, request);
  io.out(`  endorsed by   ${kids.join(', ')}`);
}

async function submitRequest({ io, home }: Call<AppointOptions>, file: string): Promise<void> {
  const { org, roots, threshold } = organisationIn(home);
  const request = readRequest(file);
  if (request.data.org !== org) fault('WRIT-KEY-021', `it is for ${request.data.org}`);
  if (request.data.genesis !== genesisIn(home)) fault('WRIT-KEY-021', 'it is for another ledger');
  const by = endorsersIn(request, roots);
  if (by.length < threshold) fault('WRIT-KEY-022', `${by.length} of ${threshold} pinned root keys`);
  takeKey(home, request);
  const takenUp = await restartService(home, 'registry');
  if (takenUp === 'restarted') forgetOldKey(registrarFile(home));
  const { kid } = request.data.registrar;
  io.document({ ok: true, id: request.id, kid, endorsedBy: by, takenUp });
  io.out(`${io.colour.green('appointed')} ${kid}, by ${by.length} of ${roots.length} root keys`);
  io.out(
    takenUp === 'restarted'
      ? '  the registry was started anew and has recorded it'
      : '  the registry does not run on this machine: it records it at its next start, with this key file',
  );
}

/** The appointment first: a registry that starts in between says that it waits for its key, and goes on as before. */
function takeKey(home: string, request: AppointmentRequest): void {
  const file = registrarFile(home);
  const { kid } = request.data.registrar;
  const stands = existsSync(file) && readSigningKey(file).kid === kid;
  if (!stands && (!hasNextKey(file) || nextKey(file).kid !== kid))
    fault('WRIT-KEY-021', `the key that it appoints is not in ${installPaths(home).keysDir}`);
  replaceFile(installPaths(home).appointmentFile, `${JSON.stringify(request)}\n`);
  if (!stands) takeNextKey(file);
}
