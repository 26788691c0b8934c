// Owns the ledger as a file that can be read more than once: the export that was given, else the live ledger written out for as long as it takes.
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from '@writ/verifier';
import { organisationIn } from '../home.js';
import { readExport, writeExport } from '../reading/export-file.js';
import { openLedger } from '../reading/ledger-messages.js';

/** Where the messages come from: `from` an exported file, else the live ledger, as `auditor`, at most `upTo` a sequence. */
export type LedgerSource = {
  readonly from?: string | undefined;
  readonly auditor?: string | undefined;
  readonly upTo?: number | undefined;
};

/** Runs `work` on the file. What was written out is gone afterwards. */
export async function withLedgerFile<T>(
  home: string,
  { from, auditor, upTo = Number.POSITIVE_INFINITY }: LedgerSource,
  work: (file: string) => Promise<T>,
): Promise<T> {
  if (from !== undefined) return work(from);
  const folder = await mkdtemp(join(tmpdir(), 'writ-export-'));
  const file = join(folder, 'ledger.ndjson');
  try {
    const ledger = await openLedger(home, auditor);
    try {
      const end = Math.min(ledger.end, upTo);
      await writeExport(file, firstOf(ledger.messages(), end), { org: organisationIn(home).org, end });
    } finally {
      await ledger.close();
    }
    return await work(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function* firstOf<M extends { readonly seq: number }>(messages: AsyncIterable<M>, end: number) {
  if (end === 0) return;
  for await (const message of messages) {
    yield message;
    if (message.seq >= end) return;
  }
}

/** The messages of such a file, from the beginning each time. */
export function messagesIn(file: string): Readable {
  return async function* () {
    yield* (await readExport(file)).messages;
  };
}
