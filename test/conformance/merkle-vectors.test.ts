// Public vectors of RFC 6962 proofs. They stay where they are; when absent, the suite says so.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TreeHash, verifyConsistency, verifyInclusion } from '@writ/crypto';
import { describe, expect, it } from 'vitest';

const vectors = join(import.meta.dirname, '../../../shared/vectors/merkle');
const present = existsSync(vectors);
if (!present)
  console.warn('SKIPPED: the public vectors are not at ../shared/vectors; this run shows no conformance');

type Case = {
  readonly proof: readonly string[] | null;
  readonly wantErr: boolean;
  readonly [field: string]: unknown;
};

const hash = (text: unknown): TreeHash => Buffer.from(text as string, 'base64');

const cases = (kind: string): readonly [string, Case][] =>
  readdirSync(join(vectors, kind), { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.json'))
    .map((name) => [name, JSON.parse(readFileSync(join(vectors, kind, name), 'utf8')) as Case]);

const wrongOnes = (all: readonly [string, Case][], verify: (vector: Case) => boolean) =>
  all.filter(([, vector]) => verify(vector) === vector.wantErr).map(([name]) => name);

describe.skipIf(!present)('RFC 6962 proofs as others expect them', () => {
  it('98 of 98 inclusion proofs', () => {
    const all = cases('inclusion');
    const verify = ({ leafIdx, treeSize, root, leafHash, proof }: Case) =>
      verifyInclusion(
        { leaf: hash(leafHash), index: leafIdx as number, size: treeSize as number, root: hash(root) },
        (proof ?? []).map(hash),
      );
    expect(all).toHaveLength(98);
    expect(all.filter(([, { wantErr }]) => !wantErr)).not.toHaveLength(0);
    expect(wrongOnes(all, verify)).toEqual([]);
  });

  it('98 of 98 consistency proofs', () => {
    const all = cases('consistency');
    const verify = ({ size1, size2, root1, root2, proof }: Case) =>
      verifyConsistency(
        { from: size1 as number, to: size2 as number, fromRoot: hash(root1), toRoot: hash(root2) },
        (proof ?? []).map(hash),
      );
    expect(all).toHaveLength(98);
    expect(all.filter(([, { wantErr }]) => !wantErr)).not.toHaveLength(0);
    expect(wrongOnes(all, verify)).toEqual([]);
  });
});
