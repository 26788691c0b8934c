// The tree against its definition, written down naively (RFC 6962 §2.1), and proofs that hold for nothing but what they prove.
import {
  appendLeaves,
  type CompactRange,
  EMPTY_RANGE,
  EMPTY_ROOT,
  isCompactRange,
  leafHash,
  ledgerLeaf,
  ledgerLeafHash,
  nodeHash,
  proveConsistency,
  proveInclusion,
  rootOf,
  rootOfLeaves,
  type TreeHash,
  verifyConsistency,
  verifyInclusion,
} from '@writ/crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const naiveRoot = (leaves: readonly TreeHash[]): TreeHash => {
  if (leaves.length === 0) return EMPTY_ROOT;
  if (leaves.length === 1) return leaves[0] as TreeHash;
  let middle = 1;
  while (middle * 2 < leaves.length) middle *= 2;
  return nodeHash(naiveRoot(leaves.slice(0, middle)), naiveRoot(leaves.slice(middle)));
};

const leavesOf = (count: number): TreeHash[] =>
  Array.from({ length: count }, (_, i) => leafHash(`leaf ${i}`));

const grown = (count: number) => {
  const stored = new Map<string, TreeHash>();
  const range = appendLeaves(EMPTY_RANGE, leavesOf(count), ({ level, index, hash }) =>
    stored.set(`${level}/${index}`, hash),
  );
  const nodes = (level: number, index: number) => {
    const hash = stored.get(`${level}/${index}`);
    if (hash === undefined) throw new Error(`asked for a node that is not complete: ${level}/${index}`);
    return hash;
  };
  return { range, nodes, root: rootOf(range) };
};

const size = fc.integer({ min: 1, max: 300 });
const pair = fc.tuple(size, size).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);

const flipped = (hash: TreeHash, bit: number): TreeHash => {
  const copy = Buffer.from(hash);
  copy[bit >> 3] = (copy[bit >> 3] as number) ^ (1 << (bit & 7));
  return copy;
};

describe('the Merkle tree of RFC 6962', () => {
  it('has the root of its definition, however its leaves were appended', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 130 }), fc.integer({ min: 0, max: 130 }), (total, first) => {
        const leaves = leavesOf(total);
        const at = Math.min(first, total);
        const range: CompactRange = appendLeaves(
          appendLeaves(EMPTY_RANGE, leaves.slice(0, at)),
          leaves.slice(at),
        );
        expect(rootOf(range)).toEqual(naiveRoot(leaves));
        expect(rootOfLeaves(leaves)).toEqual(naiveRoot(leaves));
        expect(isCompactRange(range)).toBe(true);
      }),
    );
  });

  it('proves every leaf, and no other leaf, place, size or root with the same proof', async () => {
    await fc.assert(
      fc.asyncProperty(size, fc.nat(), fc.nat({ max: 255 }), async (count, pick, bit) => {
        const { nodes, root } = grown(count);
        const index = pick % count;
        const leaf = leafHash(`leaf ${index}`);
        const proof = await proveInclusion(index, count, nodes);
        const claim = { leaf, index, size: count, root };
        expect(verifyInclusion(claim, proof)).toBe(true);
        expect(verifyInclusion({ ...claim, leaf: flipped(leaf, bit) }, proof)).toBe(false);
        expect(verifyInclusion({ ...claim, root: flipped(root, bit) }, proof)).toBe(false);
        expect(verifyInclusion(claim, [...proof, leaf])).toBe(false);
        expect(verifyInclusion({ ...claim, index: count }, proof)).toBe(false);
        const other = (index + 1) % count;
        if (other !== index) expect(verifyInclusion({ ...claim, index: other }, proof)).toBe(false);
        if (proof.length > 0) expect(verifyInclusion(claim, proof.slice(1))).toBe(false);
      }),
    );
  });

  it('proves every prefix, and nothing that is not one', async () => {
    await fc.assert(
      fc.asyncProperty(pair, fc.nat({ max: 255 }), async ([from, to], bit) => {
        const { nodes, root: toRoot } = grown(to);
        const fromRoot = rootOfLeaves(leavesOf(from));
        const proof = await proveConsistency(from, to, nodes);
        const claim = { from, to, fromRoot, toRoot };
        expect(verifyConsistency(claim, proof)).toBe(true);
        expect(verifyConsistency({ ...claim, fromRoot: flipped(fromRoot, bit) }, proof)).toBe(false);
        expect(verifyConsistency({ ...claim, toRoot: flipped(toRoot, bit) }, proof)).toBe(false);
        expect(verifyConsistency(claim, [...proof, toRoot])).toBe(false);
        if (proof.length > 0) expect(verifyConsistency(claim, proof.slice(0, -1))).toBe(false);
      }),
    );
  });

  it('refuses to prove what is not there', () => {
    const { nodes } = grown(3);
    expect(() => proveInclusion(3, 3, nodes)).toThrow(RangeError);
    expect(() => proveInclusion(-1, 3, nodes)).toThrow(RangeError);
    expect(() => proveConsistency(4, 3, nodes)).toThrow(RangeError);
    expect(isCompactRange({ size: 3, hashes: [EMPTY_ROOT] })).toBe(false);
    expect(isCompactRange({ size: -1, hashes: [] })).toBe(false);
  });
});

describe('the leaf of a ledger message', () => {
  const message = {
    seq: 7,
    time: '2026-01-02T03:04:05.678Z',
    subject: 'gov.ledger.registry.acme',
    bytes: Buffer.from('{}'),
  };

  it('is four lines: sequence, time, subject, digest of the exact bytes', () => {
    expect(ledgerLeaf(message)).toBe(
      '7\n2026-01-02T03:04:05.678Z\ngov.ledger.registry.acme\nRBNvo1WzZ4oRRq0W9-hknpT7T8If536DEMBg9hyq_4o\n',
    );
  });

  it('changes with each of them', () => {
    const changed = [
      { ...message, seq: 8 },
      { ...message, time: '2026-01-02T03:04:05.679Z' },
      { ...message, subject: 'gov.ledger.registry.acme2' },
      { ...message, bytes: Buffer.from('{} ') },
    ];
    const hashes = new Set([message, ...changed].map((m) => Buffer.from(ledgerLeafHash(m)).toString('hex')));
    expect(hashes.size).toBe(5);
  });
});
