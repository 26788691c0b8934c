// Owns the whole ledger as messages, junk included, up to its end as of now: from the ledger, else from the read model's export.
import type { StoredMessage } from '@writ/ledger';
import { fault } from '../fault.js';
import { openApi } from './api.js';
import { exportedMessages } from './exported.js';
import { hasReader, openReader } from './reader.js';

/** Messages 1 to `end`, in order, readable once. */
export type WholeLedger = {
  readonly end: number;
  readonly messages: () => AsyncIterable<StoredMessage>;
  readonly close: () => Promise<void>;
};

/** Opens it. WRIT-CLI-005, WRIT-NATS-005: nobody answers; WRIT-KEY-101: no such auditor. */
export async function openLedger(home: string, auditor?: string): Promise<WholeLedger> {
  if (auditor === undefined && !hasReader(home)) return openExported(home);
  const { ledger, close } = await openReader(home, auditor);
  const end = await ledger.end();
  return { end, messages: () => upTo(end, (signal) => ledger.read(1, { signal })), close };
}

async function openExported(home: string): Promise<WholeLedger> {
  const api =
    openApi(home) ?? fault('WRIT-CLI-005', 'neither the ledger nor the read model can be asked from here');
  const head = await api.get<{ readonly seq: number }>('/v1/ledger/head');
  const end = head?.seq ?? 0;
  return { end, messages: () => exportedMessages(api, end), close: async () => undefined };
}

async function* upTo(
  end: number,
  read: (signal: AbortSignal) => AsyncIterable<StoredMessage>,
): AsyncIterable<StoredMessage> {
  if (end === 0) return;
  const abort = new AbortController();
  try {
    for await (const message of read(abort.signal)) {
      yield message;
      if (message.seq >= end) return;
    }
  } finally {
    abort.abort();
  }
}
