// `writ export --format`: effective events, or one receipt, for systems that know nothing of Writ. What it writes proves nothing by itself.
import { writeFileSync } from 'node:fs';
import type { Report } from '@writ/verifier';
import { filterOf } from '../bundle/event-filter.js';
import { exportEvents } from '../bundle/export-events.js';
import { checkpointFor, type ExportOptions, intentIn } from '../bundle/export-options.js';
import {
  findReceipt,
  publicKeyOf,
  type ReceiptShape,
  ReceiptShapes,
  shapeReceipt,
} from '../bundle/export-receipt.js';
import { exporterKey } from '../bundle/exporter.js';
import { type EventFormat, EventFormats, formatNamed } from '../bundle/formats.js';
import type { Pinning } from '../bundle/judge.js';
import { withLedgerFile } from '../bundle/ledger-file.js';
import { readTrust } from '../bundle/trust-page.js';
import { fault } from '../fault.js';
import type { Io } from '../io.js';
import type { Call } from '../options.js';

const among = <T extends string>(names: readonly T[], name: string): T | undefined =>
  names.find((one) => one === name);

/** Exports in a format of others. WRIT-VER-002: the record does not hold, and nothing is written. */
export function exportForOthers(call: Call<ExportOptions>, out: string, format: string): Promise<void> {
  const { range, sample, intents, disclosures, trust, receipt, family, since, until, agent } = call.options;
  if ([range, sample, intents, disclosures, trust].some((option) => option !== undefined))
    fault('WRIT-CLI-002', '--format takes --agent, --family, --since, --until, or --receipt');
  if (receipt === undefined) {
    const named = among(EventFormats, format) ?? fault('WRIT-CLI-002', `${format} goes with --receipt`);
    return events(call, out, named);
  }
  if ([agent, family, since, until].some((option) => option !== undefined))
    fault('WRIT-CLI-002', 'a receipt is one action: no --agent, --family, --since, --until');
  const shapes = ReceiptShapes.join(', ');
  const shape =
    among(ReceiptShapes, format) ?? fault('WRIT-CLI-002', `a receipt goes out as one of ${shapes}`);
  return oneReceipt(call, out, shape, intentIn(receipt));
}

/** What the installation pins; the checkpoint is fetched before the ledger is read, so that it is never of more. */
async function pinnedFor({ home, options }: Call<ExportOptions>): Promise<Pinning> {
  const live = options.from === undefined || options.checkpoint !== undefined;
  const checkpoint = live ? await checkpointFor(home, options, 'full') : undefined;
  return { ...readTrust(undefined, home), checkpoint };
}

const verdictsOf = ({ record, authority }: Report) => ({
  record: record.verdict,
  authority: authority.verdict,
});

function sayVerdicts(io: Io, report: Report): void {
  io.out(`read from a record that is ${report.record.verdict}, with authority ${report.authority.verdict}`);
}

async function events(call: Call<ExportOptions>, out: string, name: EventFormat): Promise<void> {
  const { io, home, options } = call;
  const wants = filterOf(options);
  let signer: ReturnType<typeof publicKeyOf> | undefined;
  const format = formatNamed(name, () => {
    const key = exporterKey(io, home, options.as);
    signer = publicKeyOf(key);
    return key;
  });
  const pinned = await pinnedFor(call);
  const done = await withLedgerFile(home, options, (file) =>
    exportEvents({ file, pinned, format, wants, out }),
  );
  const { counts } = done.report;
  const left = { junk: counts.junk, void: counts.void, notAskedFor: done.others };
  io.document({
    ...{ ok: true, out, format: name, mediaType: format.mediaType, events: done.events, left },
    ...{ ...verdictsOf(done.report), key: signer ?? null },
  });
  io.out(`${done.events} events written to ${out} as ${name} (${format.mediaType})`);
  io.out(`left out: ${left.junk} junk, ${left.void} void, ${left.notAskedFor} not asked for`);
  sayVerdicts(io, done.report);
  if (signer !== undefined) io.out(`signed by ${JSON.stringify(signer)}`);
}

async function oneReceipt(
  call: Call<ExportOptions>,
  out: string,
  shape: ReceiptShape,
  intentId: string,
): Promise<void> {
  const { io, home, options } = call;
  const pinned = await pinnedFor(call);
  const found = await withLedgerFile(home, options, (file) => findReceipt(file, pinned, intentId));
  const key = shape === 'in-toto' ? undefined : exporterKey(io, home, options.as);
  const { document, unmapped } = await shapeReceipt(shape, found, key);
  writeFileSync(out, `${JSON.stringify(document)}\n`, { mode: 0o600, flag: 'wx' });
  const signer = key === undefined ? null : publicKeyOf(key);
  io.document({
    ...{ ok: true, out, format: shape, intentId, ...verdictsOf(found.report) },
    ...{ unmapped, key: signer },
  });
  io.out(`receipt ${found.receipt.document.id} written to ${out} as ${shape}`);
  sayVerdicts(io, found.report);
  io.out('not in it:');
  for (const { field, reason } of unmapped) io.out(`  ${field}: ${reason}`);
  if (signer !== null) io.out(`signed by ${JSON.stringify(signer)}`);
}
