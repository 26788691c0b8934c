// The incremental tree, tiles and heads against the naive way: everything computed anew from all messages.
import {
  createHeads,
  hashText,
  headLeaves,
  headsRootOf,
  ledgerLeafHash,
  messageAgent,
  rootOf,
  rootOfLeaves,
  sameHash,
  verifyConsistency,
  verifyInclusion,
} from '@writ/crypto';
import type { StoredMessage } from '@writ/ledger';
import { createSealReader, openTilesOf, type SealStep, type Tile } from '@writ/runtime';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createHeadsTree } from '../src/heads-tree.js';
import { openSealTree } from '../src/seal-tree.js';

const ENV = 'acme.shop.prod';
const frame = (agent: string | undefined, n: number): Uint8Array => {
  const signed = JSON.stringify(agent === undefined ? { id: `e${n}` } : { agent, id: `e${n}` });
  return Buffer.from(`{"kid":"${'A'.repeat(43)}","sig":"${'A'.repeat(86)}","signed":${signed}}`);
};

const message = fc.record({
  subject: fc.constantFrom(
    `gov.ledger.decision.${ENV}`,
    `gov.ledger.outcome.${ENV}`,
    'gov.ledger.registry.acme',
  ),
  agent: fc.option(
    fc.constantFrom(
      ...['a', 'b', 'c', 'd', 'e', 'f', 'zed'].map((name) => `${ENV}.${name}`),
      'other.shop.prod.x',
      'nobody',
    ),
    { nil: undefined },
  ),
  junk: fc.boolean(),
});

const stored = (
  given: readonly { subject: string; agent: string | undefined; junk: boolean }[],
): readonly StoredMessage[] =>
  given.map(({ subject, agent, junk }, index) => ({
    seq: index + 1,
    subject,
    time: new Date(1_700_000_000_000 + index).toISOString(),
    bytes: junk ? Buffer.from(`junk ${index} "agent":`) : frame(agent, index),
  }));

const naive = (messages: readonly StoredMessage[]) => {
  const heads = createHeads();
  const leaves = messages.map(ledgerLeafHash);
  for (const [n, m] of messages.entries()) heads.take(m.subject, messageAgent(m), m.seq, leaves[n]!);
  return { root: rootOfLeaves(leaves), headsRoot: headsRootOf(headLeaves(heads.all())), leaves };
};

/** A database that keeps tiles as the real one does. */
const keepSteps = (steps: readonly SealStep[]) => {
  const tiles = new Map<string, Tile>();
  const heads = new Map<string, SealStep['heads'][number]>();
  for (const step of steps) {
    for (const tile of step.tiles) tiles.set(`${tile.level}/${tile.index}`, tile);
    for (const head of step.heads) heads.set(JSON.stringify(head.name), head);
  }
  const query = async ({ values }: { values: [number[], number[]] }) => ({
    rows: values[0].flatMap((level, n) => {
      const tile = tiles.get(`${level}/${values[1][n]}`);
      return tile === undefined ? [] : [{ level, index: String(tile.index), hashes: tile.hashes }];
    }),
  });
  return { tiles, heads, reader: createSealReader({ query } as never) };
};

const sealed = (messages: readonly StoredMessage[], cuts: readonly number[]) => {
  const steps: SealStep[] = [];
  let tree = openSealTree('writ/acme/x');
  const ends = [...new Set([...cuts.filter((cut) => cut < messages.length), messages.length])].sort(
    (a, b) => a - b,
  );
  for (const m of messages) {
    tree.take(m);
    if (m.seq !== ends[0]) continue;
    ends.shift();
    steps.push(tree.step());
    // Every other time a new process goes on from what was kept.
    if (steps.length % 2 === 0) {
      const { state } = steps.at(-1)!;
      const { tiles, heads } = keepSteps(steps);
      const kept = openTilesOf(m.seq).map(({ level, index }) => tiles.get(`${level}/${index}`)!);
      tree = openSealTree('writ/acme/x', { state, tiles: kept, heads: [...heads.values()] });
      expect(tree.headsRoot()).toBe(hashText(state.headsRoot));
    }
  }
  return steps;
};

describe('the incremental tree', () => {
  it('has the roots that the naive way gives, wherever it is cut and begun again', () => {
    fc.assert(
      fc.property(
        fc.array(message, { minLength: 1, maxLength: 60 }),
        fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 8 }),
        (given, cuts) => {
          const messages = stored(given);
          for (const { state } of sealed(messages, cuts)) {
            const expected = naive(messages.slice(0, state.range.size));
            expect(hashText(rootOf(state.range))).toBe(hashText(expected.root));
            expect(hashText(state.headsRoot)).toBe(hashText(expected.headsRoot));
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  it('gives proofs from its tiles that verify, across full and partial tiles', async () => {
    const messages = stored(
      Array.from({ length: 1_000 }, (_, n) => ({
        subject: `gov.ledger.decision.${ENV}`,
        agent: `${ENV}.a`,
        junk: n % 7 === 0,
      })),
    );
    const steps = sealed(messages, [1, 255, 256, 257, 511, 512, 700]);
    const { reader } = keepSteps(steps);
    const { leaves } = naive(messages);
    const rootAt = (size: number) => rootOfLeaves(leaves.slice(0, size));
    for (const size of [1, 2, 255, 256, 257, 600, 1_000]) {
      expect(sameHash(await reader.root(size), rootAt(size))).toBe(true);
      for (const seq of [1, 2, 255, 256, 257, 512, 999, 1_000].filter((one) => one <= size)) {
        const proof = await reader.inclusion(seq, size);
        const leaf = leaves[seq - 1]!;
        expect(verifyInclusion({ leaf, index: seq - 1, size, root: rootAt(size) }, proof)).toBe(true);
      }
      const trees = { from: size, fromRoot: rootAt(size), to: 1_000, toRoot: rootAt(1_000) };
      expect(verifyConsistency(trees, await reader.consistency(size, 1_000))).toBe(true);
    }
    await expect(reader.inclusion(1, 1_001)).rejects.toMatchObject({ code: 'WRIT-SEA-009' });
    await expect(reader.inclusion(9, 8)).rejects.toMatchObject({ code: 'WRIT-SEA-009' });
  });
});

it('the tree over heads is that of all its leaves, whatever comes new and in whatever order', () => {
  const name = fc.stringMatching(/^[a-z\u00e9\ud7ff]{1,4}$/u);
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.tuple(name, fc.nat(9)), { maxLength: 12 }), { maxLength: 12 }),
      (batches) => {
        const tree = createHeadsTree();
        const all = new Map<string, string>();
        for (const batch of batches) {
          for (const [key, value] of batch) {
            all.set(key, `${key}\n${value}\n`);
            tree.put(key, `${key}\n${value}\n`);
          }
          const sorted = [...all].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
          expect(hashText(tree.root())).toBe(hashText(headsRootOf(sorted.map(([, leaf]) => leaf))));
        }
      },
    ),
  );
});
