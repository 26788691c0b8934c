// The whole ledger as a reader sees it, for assertions over the record itself.
import type { NatsConnection } from '@nats-io/transport-node';
import { createReaderLedger, type ReaderLedger } from '@writ/runtime';
import { documentOf, type Signed } from './answer.js';

/** One stored message that is a frame, with its place. */
export type Entry = {
  readonly seq: number;
  readonly subject: string;
  readonly time: string;
  readonly bytes: Uint8Array;
  readonly text: string;
  readonly document: Signed;
};

export interface LedgerView {
  readonly source: ReaderLedger;
  /** Everything that the ledger holds now, in order. */
  all(): Promise<readonly Entry[]>;
  /** The events of these types now. */
  of(...types: readonly string[]): Promise<readonly Entry[]>;
  /** Waits for the first event that fits (5 s). */
  until(fits: (entry: Entry) => boolean, what: string, timeoutMs?: number): Promise<Entry>;
  /** The version of the organisation's registry subject. */
  registryVersion(): Promise<number>;
}

const readAll = async (source: ReaderLedger, from: number): Promise<Entry[]> => {
  const end = await source.end();
  const entries: Entry[] = [];
  if (end < from) return entries;
  const stop = new AbortController();
  for await (const { seq, subject, time, bytes } of source.read(from, { signal: stop.signal })) {
    const text = Buffer.from(bytes).toString('utf8');
    entries.push({ seq, subject, time, bytes, text, document: documentOf(bytes) });
    if (seq >= end) break;
  }
  stop.abort();
  return entries;
};

/** Keeps what was read: the ledger only grows. */
export const ledgerView = (bus: NatsConnection, inboxPrefix: string): LedgerView => {
  const source = createReaderLedger(bus, { inboxPrefix });
  let known: readonly Entry[] = [];
  const all = async (): Promise<readonly Entry[]> => {
    const fresh = await readAll(source, known.length + 1);
    known = [...known, ...fresh.filter((entry) => entry.seq > known.length)];
    return known;
  };
  return {
    source,
    all,
    of: async (...types) => (await all()).filter((entry) => types.includes(entry.document.type)),
    until: async (fits, what, timeoutMs = 5000) => {
      const end = performance.now() + timeoutMs;
      for (;;) {
        const found = (await all()).find(fits);
        if (found !== undefined) return found;
        if (performance.now() > end) throw new Error(`the ledger never showed: ${what}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    registryVersion: async () =>
      Math.max(
        ...(await all())
          .filter((entry) => entry.subject.startsWith('gov.ledger.registry.'))
          .map((entry) => entry.document.ver ?? 0),
      ),
  };
};
