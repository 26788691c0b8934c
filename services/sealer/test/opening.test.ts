// What the sealer goes on from, on stand-ins for the bus and the database: a state that fits itself and was not signed is none.
import {
  appendLeaves,
  createHeads,
  EMPTY_RANGE,
  generateKeyPair,
  type HeadName,
  hashText,
  headLeaves,
  headsRootOf,
  ledgerLeafHash,
  ledgerOrigin,
  messageAgent,
  type NamedHead,
  proveInclusion,
  type TreeHash,
} from '@writ/crypto';
import type { StoredMessage } from '@writ/ledger';
import type { KeptSeals, SealState } from '@writ/runtime';
import { beforeAll, describe, expect, it } from 'vitest';
import { isSignedBy, readSigned, type SignedCheckpoint, signText, textOf } from '../src/notes.js';
import { openSeals } from '../src/opening.js';
import { framed } from './standing.js';

const ENV = 'acme.shop.prod';
const SUBJECTS = ['decision', 'outcome'].map((family) => `gov.ledger.${family}.${ENV}`);
const messages: readonly StoredMessage[] = Array.from({ length: 12 }, (_, n) => ({
  seq: n + 1,
  subject: n === 0 ? 'gov.ledger.registry.acme' : (SUBJECTS[n % 2] as string),
  time: new Date(1_700_000_000_000 + n).toISOString(),
  bytes: Buffer.from(framed(`${ENV}.bot`, n)),
}));
const origin = ledgerOrigin('acme', messages[0]!.bytes)!;
const key = generateKeyPair();
const leaves = messages.map(ledgerLeafHash);
const nodes = new Map<string, TreeHash>();
appendLeaves(EMPTY_RANGE, leaves, ({ level, index, hash }) => nodes.set(`${level}/${index}`, hash));

const headsOf = (counted: readonly StoredMessage[]): readonly NamedHead[] => {
  const heads = createHeads();
  for (const m of counted) heads.take(m.subject, messageAgent(m), m.seq, ledgerLeafHash(m));
  return [...heads.all()];
};

const stateOf = (size: number, heads: readonly NamedHead[]): SealState => ({
  origin,
  range: appendLeaves(EMPTY_RANGE, leaves.slice(0, size)),
  headsRoot: headsRootOf(headLeaves(heads)),
  time: messages[size - 1]!.time,
  subject: messages[size - 1]!.subject,
});

const keptAs = (size: number, heads: readonly NamedHead[]): KeptSeals => ({
  state: stateOf(size, heads),
  tiles: [],
  heads,
  last: undefined,
});

const parts = {
  ...{ origin, org: 'acme', registrySubject: 'gov.ledger.registry.acme' },
  ledger: {
    end: async () => messages.length,
    load: async function* (subject: string, after: number) {
      for (const m of messages) if (m.seq > after && m.subject === subject) yield m;
    },
  } as never,
  reader: {
    root: async (size: number) => stateOf(size, []).range.hashes.reduceRight((a) => a) && rootAt(size),
    leaf: async (seq: number) => leaves[seq - 1]!,
    inclusion: async (seq: number, size: number) =>
      proveInclusion(seq - 1, size, (level, index) => nodes.get(`${level}/${index}`)!),
  } as never,
};
