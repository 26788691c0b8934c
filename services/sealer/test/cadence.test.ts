// When the sealer seals: by number, by age, and again without news. On stand-ins for the bus and the database.
import { generateKeyPair, ledgerOrigin } from '@writ/crypto';
import type { StoredMessage } from '@writ/ledger';
import { createLogger, createMetrics, RuntimeFault, type SealStep } from '@writ/runtime';
import { tempDir } from '@writ/testing';
import { afterEach, expect, it } from 'vitest';
import { readSigned } from '../src/notes.js';
import { openSealTree } from '../src/seal-tree.js';
import { type Sealing, startSealing } from '../src/sealing.js';
import type { Cadence } from '../src/work.js';
import { until } from './ground.js';
import { framed } from './standing.js';

const subject = 'gov.ledger.decision.acme.shop.prod';
const messages = (count: number): StoredMessage[] =>
  Array.from({ length: count }, (_, n) => ({
    seq: n + 1,
    subject,
    time: new Date(1_700_000_000_000 + n).toISOString(),
    bytes: Buffer.from(framed('acme.shop.prod.bot', n)),
  }));

let sealing: Sealing | undefined;
const dir = tempDir();
afterEach(async () => {
  await sealing?.stop();
  dir.remove();
});

const seal = (
  ledger: StoredMessage[],
  cadence: Cadence,
  commit: (step: SealStep) => Promise<void> = async () => undefined,
) => {
  const published: number[] = [];
  const failures: unknown[] = [];
  const origin = ledgerOrigin('acme', ledger[0]!.bytes)!;
  sealing = startSealing({
    ...{ org: 'acme', origin, key: generateKeyPair(), dir: dir.path, cadence },
    opened: { last: undefined, ahead: [], mark: undefined, first: undefined },
    ledger: {
      end: async () => ledger.length,
      load: async function* (_: string, after: number) {
        yield ledger[after]!;
      },
      read: async function* (from: number, { signal }: { signal: AbortSignal }) {
        for (let at = from - 1; !signal.aborted; )
          if (at < ledger.length) yield ledger[at++]!;
          else await new Promise((resolve) => setTimeout(resolve, 5));
      },
    } as never,
    stream: {
      largest: async () => undefined,
      publish: async (note) => void published.push(readSigned(note)!.checkpoint.size),
    },
    store: { commit, keepNote: async () => undefined } as never,
    tree: openSealTree(origin),
    log: createLogger({ service: 'sealer', level: 'silent' }),
    metrics: createMetrics('sealer'),
    onSigned: () => undefined,
    onFailure: (error) => failures.push(error),
  });
  return { published, failures };
};

it('seals when enough has come, or what there is has waited long enough, and repeats the last note as a heartbeat', async () => {
  const ledger = messages(4);
  const { published } = seal(ledger, { every: 4, withinMs: 300, heartbeatMs: 150 });
  await until(() => published.filter((size) => size === 4).length >= 3);
  const began = performance.now();
  ledger.push(...messages(5).slice(4));
  await until(() => published.includes(5));
  expect(performance.now() - began).toBeGreaterThan(200);
  expect(new Set(published)).toEqual(new Set([4, 5]));
});

it('goes on after a database that was away, and signs nothing meanwhile', async () => {
  let away = true;
  const { published } = seal(messages(4), { every: 4, withinMs: 100, heartbeatMs: 60_000 }, async () => {
    if (away) throw new Error('connection lost');
  });
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect([published, sealing?.refusal()]).toEqual([[], undefined]);
  away = false;
  await until(() => published.includes(4));
});

it('ends the process when its database was changed by someone else: a new start judges it afresh', async () => {
  const { published, failures } = seal(
    messages(4),
    { every: 4, withinMs: 100, heartbeatMs: 60_000 },
    async () => {
      throw new RuntimeFault('WRIT-SEA-011', 'the state is at 1, not at 0');
    },
  );
  await until(() => failures.length > 0);
  expect(failures[0]).toMatchObject({ code: 'WRIT-SEA-011' });
  expect(published).toEqual([]);
});

it('refuses a gap in the sequences', async () => {
  const ledger = messages(8);
  ledger.splice(4, 1);
  const { published } = seal(ledger, { every: 4, withinMs: 100, heartbeatMs: 60_000 });
  await until(() => sealing?.refusal() !== undefined);
  expect(sealing?.refusal()?.code).toBe('WRIT-LED-006');
  expect(published).toEqual([4]);
});
