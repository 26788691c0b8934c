// Owns writing effective events in a format of others, from a read that was verified. Nothing stays written from a record that is INVALID.
import { once } from 'node:events';
import { renameSync, rmSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { type ExportFormat, encodeEvents } from '@writ/interop';
import type { Judged, Report } from '@writ/verifier';
import { fault } from '../fault.js';
import { writeChunks } from './folder.js';
import { judgeExport, type Pinning } from './judge.js';

/** What is written where, and from which file of messages. */
export type EventsOrder = {
  readonly file: string;
  readonly pinned: Pinning;
  readonly format: ExportFormat;
  readonly wants: (event: Judged) => boolean;
  readonly out: string;
};

/** How many events were written, and how many were not asked for. */
export type EventsWritten = { readonly report: Report; readonly events: number; readonly others: number };

/** Refuses a record that does not hold: WRIT-VER-002. */
export function mustHold(report: Report): Report {
  if (report.record.verdict !== 'INVALID' && report.record.verdict !== 'DIVERGED') return report;
  const [first] = report.record.findings;
  const why = first === undefined ? '' : `: ${first.code} at ${first.seq}, ${first.reason}`;
  return fault('WRIT-VER-002', `nothing is exported from a record that is ${report.record.verdict}${why}`);
}

type Judge = (onEvent: (event: Judged) => Promise<void> | undefined) => Promise<Report>;

/** Writes while it is judged: the slower of both sets the pace, and a failure of either ends both. */
async function writeWhile(judge: Judge, { format, wants, out }: EventsOrder): Promise<EventsWritten> {
  const given = new PassThrough({ objectMode: true });
  given.on('error', () => undefined);
  let [events, others] = [0, 0];
  const give = (event: Judged): Promise<void> | undefined => {
    if (given.destroyed) throw given.errored ?? new Error('it cannot be written');
    if (!wants(event)) {
      others += 1;
      return undefined;
    }
    events += 1;
    return given.write(event) ? undefined : once(given, 'drain').then(() => undefined);
  };
  const writing = writeChunks(out, encodeEvents(format, given as AsyncIterable<Judged>));
  writing.catch((error: Error) => given.destroy(error));
  const judging = judge(give).finally(() => given.end());
  const [report] = await Promise.all([judging, writing]);
  return { report, events, others };
}

/** Writes the events. WRIT-VER-002: the record does not hold. */
export async function exportEvents(order: EventsOrder): Promise<EventsWritten> {
  const partial = `${order.out}.partial`;
  let written: EventsWritten | undefined;
  try {
    const report = await judgeExport(order.file, order.pinned, undefined, async (judge) => {
      rmSync(partial, { force: true });
      written = await writeWhile(judge, { ...order, out: partial });
      return written.report;
    });
    mustHold(report);
    renameSync(partial, order.out);
    return { ...(written as EventsWritten), report };
  } finally {
    rmSync(partial, { force: true });
  }
}
