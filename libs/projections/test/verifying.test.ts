// Frames are verified on threads, in any order: judged in the ledger's (else they are junk), altered ones refused, a dead thread ends it.
import { setTimeout as pause } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { startTestPostgres, type TestPostgres } from '@writ/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type LedgerSource, startProjector } from '../src/index.js';
import { createChain, type TestChain } from './chain.js';
import { freshDatabase, type TestDatabase } from './database.js';
import { arraySource } from './source.js';
import { act, found } from './story.js';

let server: TestPostgres;
beforeAll(async () => {
  server = await startTestPostgres();
});
afterAll(() => server.stop());

const busy = (actions: number): TestChain => {
  const chain = createChain();
  found(chain);
  for (let n = 0; n < actions; n += 1) act(chain);
  return chain;
};

const altered = (bytes: Uint8Array): Uint8Array => {
  const at = Buffer.from(bytes).lastIndexOf('"time":"20');
  return Uint8Array.from(bytes, (byte, i) => (i === at + 10 ? byte ^ 1 : byte));
};

// Comes in fits and starts, so that chunks are of every size.
const halting = (chain: TestChain): LedgerSource => ({
  ...arraySource(chain.messages),
  async *read(from, options) {
    for await (const message of arraySource(chain.messages).read(from, options)) {
      if (Math.random() < 0.05) await pause(Math.random() * 8);
      yield message;
    }
  },
});

const within = async (work: (db: TestDatabase) => Promise<void>): Promise<void> => {
  const db = await freshDatabase(server);
  await work(db).finally(() => db.close());
};

describe('verifying on threads', () => {
  it('keeps the order of the ledger whatever the pace, and takes no altered frame', () =>
    within(async (db) => {
      const chain = busy(200);
      const good = chain.messages.length;
      for (const { subject, bytes } of chain.messages.slice(10, good)) chain.raw(subject, altered(bytes));
      const projector = startProjector({
        pool: db.projector,
        source: halting(chain),
        roots: chain.roots,
        batchMessages: 37,
      });
      expect(await projector.reached(chain.messages.length, 30_000), String(projector.fault())).toBe(true);
      await projector.stop();
      const { rows } = await db.admin.query('select seq from rm.events order by seq');
      expect(rows.map(({ seq }) => seq)).toEqual(Array.from({ length: good }, (_, i) => i + 1));
      const { rows: junk } = await db.admin.query('select code, count(*) as n from rm.junk group by code');
      expect(junk).toEqual([{ code: 'WRIT-FRM-003', n: good - 10 }]);
    }));

  it('stands still with a code when a verifying thread dies, and goes on where it was when started anew', () =>
    within(async (db) => {
      const chain = busy(50);
      const source = arraySource(chain.messages);
      const options = { pool: db.projector, source, roots: chain.roots };
      const threads: Worker[] = [];
      process.on('worker', (thread) => threads.push(thread));
      const projector = startProjector(options);
      const before = chain.messages.length;
      expect(await projector.reached(before, 10_000)).toBe(true);
      process.removeAllListeners('worker');
      await threads[0]!.terminate();
      act(chain);
      source.wake();
      await vi.waitFor(() => expect(projector.fault()?.code).toBe('WRIT-PRJ-004'), 5000);
      expect(projector.position()).toBe(before);
      await projector.stop();
      const again = startProjector(options);
      expect(await again.reached(chain.messages.length, 10_000)).toBe(true);
      await again.stop();
    }));
});
