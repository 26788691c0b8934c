// `writ export`: a bundle or a portable receipt from a full read of the ledger, events in formats of others, and the auditor's page.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { AgentScope, type BundleQuery } from '@writ/contracts';
import { readCheckpoint, readNote } from '@writ/crypto';
import { uuidv7 } from '@writ/runtime';
import { type BundleOrder, type DisclosureLine, makeBundle, makeReceipt } from '@writ/verifier';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { checkpointFor, type ExportOptions, intentIn } from '../bundle/export-options.js';
import { ReceiptShapes } from '../bundle/export-receipt.js';
import { exporterKey } from '../bundle/exporter.js';
import { folderSink } from '../bundle/folder.js';
import { EventFormats } from '../bundle/formats.js';
import { messagesIn, withLedgerFile } from '../bundle/ledger-file.js';
import { trustPageText } from '../bundle/trust-page.js';
import { withVault } from '../bundle/vault.js';
import { fault } from '../fault.js';
import { organisationIn } from '../home.js';
import type { Io } from '../io.js';
import { type Call, defineAction } from '../options.js';
import { exportForOthers } from './export-formats.js';

const EXAMPLE = `writ export --full --out bundle
writ export --agent acme.shop.prod.refunder --out refunder --disclosures vault
writ export --receipt 01890000-0000-7000-8000-000000000001 --out receipt.json --trust trust.json
writ export --format csv --agent acme.shop.prod.refunder --since 2026-01-01 --out refunder.csv
writ export --receipt 01890000-0000-7000-8000-000000000001 --format in-toto --out statement.json`;

const FORMATS = [...EventFormats, 'permission-protocol'];
const several = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/** Registers `writ export`. */
export function registerExport(program: Command, io: Io): void {
  const command = program
    .command('export')
    .description(
      'write a bundle that proves itself: everything, a range, one agent, a sample, or one action; or events in a format of others',
    )
    .option('--full', 'everything up to the checkpoint')
    .option('--range <a..b>', 'the messages from a to b', parseRange)
    .option('--agent <scope>', 'everything about one agent, provably complete; with --format: its events')
    .option('--sample <n>', 'n messages drawn by the checkpoint itself', parseCount)
    .option('--intents', 'with --sample: with each drawn message all of its intent')
    .option('--receipt <intent>', `one action as a single file; with --format: ${ReceiptShapes.join(', ')}`)
    .addOption(
      new Option('--format <name>', 'no bundle, but the effective events in a format of others').choices(
        FORMATS,
      ),
    )
    .option('--family <name>', 'with --format: events of this family; may come again', several)
    .option('--since <time>', 'with --format: from this day or RFC 3339 time on, of the server')
    .option('--until <time>', 'with --format: before this day or RFC 3339 time')
    .option('--out <path>', 'a new folder, or a new file for --receipt and --format')
    .option('--trust <file>', "write the auditor's page too; hand it over by another way than the bundle")
    .option('--checkpoint <file>', 'the signed checkpoint that it rests on, or: latest (default)')
    .option(
      '--disclosures <source>',
      'private values to put in: `vault`, where its credentials are here, or a file of lines {"seq","disclosure"}',
    )
    .option('--from <export>', 'read this exported file instead of the live ledger')
    .option('--as <person>', 'whose key signs (default: the only person here, else a key for this once)')
    .option('--auditor <name>', 'read as this auditor (default: the read model of the installation)');
  defineAction<ExportOptions>(command, io, EXAMPLE, exportWhat);
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
function queryOf(
  options: ExportOptions,
): BundleQuery | { readonly kind: 'receipt'; readonly intentId: string } {
  const { full, range, agent, sample, intents = false, receipt } = options;
  const asked = [full || undefined, range, agent, sample, receipt].filter((one) => one !== undefined);
  if (asked.length !== 1)
    fault('WRIT-CLI-002', 'one of --full, --range, --agent, --sample, --receipt, or --format');
  if (intents && sample === undefined) fault('WRIT-CLI-002', '--intents goes with --sample');
  if (options.family !== undefined || options.since !== undefined || options.until !== undefined)
    fault('WRIT-CLI-002', '--family, --since and --until go with --format');
  if (range !== undefined) return { kind: 'range', ...range };
  if (sample !== undefined) return { kind: 'sample', count: sample, intents };
  if (agent !== undefined)
    return AgentScope.safeParse(agent).success
      ? { kind: 'subject', agent }
      : fault('WRIT-CLI-002', '--agent org.project.environment.name');
  return receipt === undefined ? { kind: 'full' } : { kind: 'receipt', intentId: intentIn(receipt) };
}

async function exportWhat(call: Call<ExportOptions>): Promise<void> {
  const { out, format } = call.options;
  if (out === undefined) return fault('WRIT-CLI-002', '--out names what is written');
  if (existsSync(out)) fault('WRIT-CLI-002', `${out} is there already; an export is never written over`);
  return format === undefined ? exportBundle(call, out) : exportForOthers(call, out, format);
}

async function exportBundle(call: Call<ExportOptions>, out: string): Promise<void> {
  const { io, home, options } = call;
  const query = queryOf(options);
  if (query.kind === 'receipt' && options.disclosures !== undefined)
    fault('WRIT-CLI-002', 'a portable receipt takes no --disclosures');
  const checkpoint = await checkpointFor(home, options, query.kind);
  await withLedgerFile(home, { ...options, upTo: endOf(query, checkpoint) }, async (file) => {
    const { org } = organisationIn(home);
    const messages = messagesIn(file);
    if (query.kind === 'receipt') {
      if (checkpoint === undefined) return fault('WRIT-VER-003', 'there is no checkpoint to rest on');
      const order = { org, messages, intentId: query.intentId, checkpoint };
      writeFileSync(out, await makeReceipt(order), { mode: 0o600, flag: 'wx' });
      return;
    }
    await withValues(call, async (values) => {
      const order = { org, messages, query, checkpoint, ...values };
      const signed = { ...order, key: exporterKey(io, home, options.as) };
      await makeBundle({ ...signed, id: uuidv7(), time: new Date().toISOString() }, folderSink(out));
    });
  });
  if (options.trust !== undefined) writeTrust(home, options.trust);
  io.document({ ok: true, out, query, checkpoint: checkpoint !== undefined, trust: options.trust ?? null });
  io.out(`exported to ${out}`);
  if (checkpoint === undefined)
    io.out('without a checkpoint: nothing in it says that its end was not cut off');
  io.out(`verify it: writ verify ${out} --trust <what you pin>`);
}

type Values = Pick<BundleOrder, 'disclosures' | 'vault'>;

/** The private values that were asked for: from a file, from the vault while the work lasts, or none. */
function withValues<T>(
  { io, home, options: { disclosures } }: Call<ExportOptions>,
  work: (values: Values) => Promise<T>,
): Promise<T> {
  if (disclosures !== 'vault') return work({ disclosures: disclosuresIn(disclosures) });
  io.err('private values are put in, in clear: whoever has the bundle has them, and no erasure reaches it');
  return withVault(home, (vault) => work({ vault }));
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

function writeTrust(home: string, file: string): void {
  if (existsSync(file)) fault('WRIT-CLI-002', `${file} is there already`);
  const { org, roots, threshold, origin } = organisationIn(home);
  writeFileSync(file, trustPageText({ org, roots, threshold, origin }), { mode: 0o644, flag: 'wx' });
}

/** A full bundle ends with its checkpoint: what came later is not sealed yet, and stands in the next one. */
function endOf({ kind }: { readonly kind: string }, note: string | undefined): number | undefined {
  const text = kind !== 'full' || note === undefined ? undefined : readNote(note)?.text;
  return text === undefined ? undefined : readCheckpoint(text)?.size;
}
