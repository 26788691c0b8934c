// `writ export`: a bundle or a portable receipt from a full read of the ledger, and the auditor's page. It judges nothing.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AgentScope, type BundleQuery, CommandId } from '@writ/contracts';
import { generateKeyPair, readSigningKey, type SigningKey } from '@writ/crypto';
import { installPaths, uuidv7 } from '@writ/runtime';
import { type DisclosureLine, makeBundle, makeReceipt, type Readable } from '@writ/verifier';
import { type Command, InvalidArgumentError } from 'commander';
import { latestCheckpoint, readCheckpointNote } from '../bundle/checkpoint.js';
import { folderSink } from '../bundle/folder.js';
import { trustPageText } from '../bundle/trust-page.js';
import { fault } from '../fault.js';
import { organisationIn, signerOf } from '../home.js';
import type { Io } from '../io.js';
import { type Call, defineAction } from '../options.js';
import { readExport, writeExport } from '../reading/export-file.js';
import { openLedger } from '../reading/ledger-messages.js';

type Options = {
  readonly full?: boolean;
  readonly range?: { readonly from: number; readonly to: number };
  readonly agent?: string;
  readonly sample?: number;
  readonly intents?: boolean;
  readonly receipt?: string;
  readonly out?: string;
  readonly trust?: string;
  readonly checkpoint?: string;
  readonly disclosures?: string;
  readonly from?: string;
  readonly as?: string;
  readonly auditor?: string;
};

const EXAMPLE = `writ export --full --out bundle
writ export --agent acme.shop.prod.refunder --out refunder
writ export --receipt 01890000-0000-7000-8000-000000000001 --out receipt.json --trust trust.json`;

/** Registers `writ export`. */
export function registerExport(program: Command, io: Io): void {
  const command = program
    .command('export')
    .description('write a bundle that proves itself: everything, a range, one agent, a sample, or one action')
    .option('--full', 'everything up to now')
    .option('--range <a..b>', 'the messages from a to b', parseRange)
    .option('--agent <scope>', 'everything about one agent, provably complete')
    .option('--sample <n>', 'n messages drawn by the checkpoint itself', parseCount)
    .option('--intents', 'with --sample: with each drawn message all of its intent')
    .option('--receipt <intent>', 'one action as a single file')
    .option('--out <path>', 'a new folder, or a new file for --receipt')
    .option('--trust <file>', "write the auditor's page too; hand it over by another way than the bundle")
    .option('--checkpoint <file>', 'the signed checkpoint that it rests on, or: latest (default)')
    .option('--disclosures <file>', 'private values to put in: lines of {"seq","disclosure"}')
    .option('--from <export>', 'read this exported file instead of the live ledger')
    .option(
      '--as <person>',
      'whose key signs the manifest (default: the only person here, else a key for this once)',
    )
    .option('--auditor <name>', 'read as this auditor (default: the read model of the installation)');
  defineAction<Options>(command, io, EXAMPLE, exportBundle);
}

function parseRange(text: string): { readonly from: number; readonly to: number } {
  const [, from, to] = /^([1-9]\d{0,14})\.\.([1-9]\d{0,14})$/.exec(text) ?? [];
  if (from === undefined || Number(from) > Number(to))
    throw new InvalidArgumentError('It must be A..B with A <= B.');
  return { from: Number(from), to: Number(to) };
}

function parseCount(text: string): number {
  const count = Number(text);
  if (Number.isSafeInteger(count) && count >= 1 && count <= 1_000_000) return count;
  throw new InvalidArgumentError('It must be a number from 1 to 1000000.');
}

/** The one question that was put; a receipt is one too. */
function queryOf(options: Options): BundleQuery | { readonly kind: 'receipt'; readonly intentId: string } {
  const { full, range, agent, sample, intents = false, receipt } = options;
  const asked = [full || undefined, range, agent, sample, receipt].filter((one) => one !== undefined);
  if (asked.length !== 1) fault('WRIT-CLI-002', 'one of --full, --range, --agent, --sample, --receipt');
  if (intents && sample === undefined) fault('WRIT-CLI-002', '--intents goes with --sample');
  if (range !== undefined) return { kind: 'range', ...range };
  if (sample !== undefined) return { kind: 'sample', count: sample, intents };
  if (agent !== undefined)
    return AgentScope.safeParse(agent).success
      ? { kind: 'subject', agent }
      : fault('WRIT-CLI-002', '--agent org.project.environment.name');
  if (receipt === undefined) return { kind: 'full' };
  return CommandId.safeParse(receipt).success
    ? { kind: 'receipt', intentId: receipt }
    : fault('WRIT-CLI-002', '--receipt takes the id of an intent');
}

async function exportBundle(call: Call<Options>): Promise<void> {
  const { io, home, options } = call;
  const query = queryOf(options);
  const out = options.out ?? fault('WRIT-CLI-002', '--out names what is written');
  if (existsSync(out)) fault('WRIT-CLI-002', `${out} is there already; an export is never written over`);
  const checkpoint = await checkpointFor(home, options, query.kind);
  await withLedger(call, async (messages) => {
    const { org } = organisationIn(home);
    if (query.kind === 'receipt') {
      if (checkpoint === undefined) return fault('WRIT-VER-003', 'there is no checkpoint to rest on');
      const order = { org, messages, intentId: query.intentId, checkpoint };
      writeFileSync(out, await makeReceipt(order), { mode: 0o600, flag: 'wx' });
      return;
    }
    const order = { org, messages, query, checkpoint, disclosures: disclosuresIn(options.disclosures) };
    const signed = { ...order, key: exporterKey(call), id: uuidv7(), time: new Date().toISOString() };
    await makeBundle(signed, folderSink(out));
  });
  if (options.trust !== undefined) writeTrust(home, options.trust);
  io.document({ ok: true, out, query, checkpoint: checkpoint !== undefined, trust: options.trust ?? null });
  io.out(`exported to ${out}`);
  if (checkpoint === undefined)
    io.out('without a checkpoint: nothing in it says that its end was not cut off');
  io.out(`verify it: writ verify ${out} --trust <what you pin>`);
}

/** A part rests on a checkpoint; a full bundle takes one along when there is one. */
async function checkpointFor(
  home: string,
  { checkpoint }: Options,
  kind: string,
): Promise<string | undefined> {
  if (checkpoint !== undefined) return readCheckpointNote(checkpoint, home);
  const latest = await latestCheckpoint(home);
  return latest === undefined && kind !== 'full'
    ? fault('WRIT-VER-003', 'a part of a ledger rests on a checkpoint, and there is none: --checkpoint')
    : latest;
}

// The ledger goes through a file: it is read two or three times, and each time it must be the same.
async function withLedger(
  { home, options }: Call<Options>,
  run: (messages: Readable) => Promise<void>,
): Promise<void> {
  if (options.from !== undefined) return run(fileMessages(options.from));
  const folder = await mkdtemp(join(tmpdir(), 'writ-export-'));
  const file = join(folder, 'ledger.ndjson');
  try {
    const ledger = await openLedger(home, options.auditor);
    try {
      await writeExport(file, ledger.messages(), { org: organisationIn(home).org, end: ledger.end });
    } finally {
      await ledger.close();
    }
    await run(fileMessages(file));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function fileMessages(file: string): Readable {
  return async function* () {
    yield* (await readExport(file)).messages;
  };
}

function disclosuresIn(file: string | undefined): readonly DisclosureLine[] | undefined {
  if (file === undefined) return undefined;
  try {
    const lines = readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
    return lines.map((line) => {
      const { seq, disclosure } = JSON.parse(line) as DisclosureLine;
      return { seq, disclosure };
    });
  } catch {
    return fault('WRIT-CLI-002', `${file}: lines of {"seq","disclosure"}`);
  }
}

function exporterKey({ io, home, options }: Call<Options>): SigningKey {
  try {
    return readSigningKey(installPaths(home).personKey(signerOf(home, options.as)));
  } catch (error) {
    if (options.as !== undefined) throw error;
    io.err(
      'signed with a key for this once: the bundle proves itself, not who made it (--as names a person)',
    );
    return generateKeyPair();
  }
}

function writeTrust(home: string, file: string): void {
  if (existsSync(file)) fault('WRIT-CLI-002', `${file} is there already`);
  const { org, roots, threshold, origin } = organisationIn(home);
  writeFileSync(file, trustPageText({ org, roots, threshold, origin }), { mode: 0o644, flag: 'wx' });
}
