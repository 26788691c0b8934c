// What the sealer goes on from, on stand-ins for the bus and the database: a state that fits itself and was not signed is none.
import {
  appendLeaves,
  createHeads,
  EMPTY_RANGE,
  generateKeyPair,
  hashText,
  headLeaves,
  headsRootOf,
  ledgerLeafHash,
  ledgerOrigin,
  messageAgent,
  type NamedHead,
  proveInclusion,
  rootOfLeaves,
  type TreeHash,
} from '@writ/crypto';
import type { StoredMessage } from '@writ/ledger';
import type { KeptSeals, SealState } from '@writ/runtime';
import { expect, it } from 'vitest';
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
    root: async (size: number) => rootOfLeaves(leaves.slice(0, size)),
    leaf: async (seq: number) => leaves[seq - 1]!,
    inclusion: async (seq: number, size: number) =>
      proveInclusion(seq - 1, size, (level, index) => nodes.get(`${level}/${index}`)!),
  } as never,
};

const signed = async (size: number, by = key): Promise<SignedCheckpoint> =>
  readSigned(await signText(textOf(stateOf(size, headsOf(messages.slice(0, size)))), origin, by))!;

/** Why the state is not gone on from; `undefined` when it is. The tree then stands where the state does, else before the first message. */
const misfitOf = async (kept: KeptSeals, notes: readonly SignedCheckpoint[]): Promise<string | undefined> => {
  const isOurs = (one: SignedCheckpoint): boolean => isSignedBy(one, origin, key);
  const { opened, tree, misfit } = await openSeals(parts, { kept, signed: notes, isOurs });
  expect(tree.size()).toBe(misfit === undefined ? kept.state?.range.size : 0);
  expect(opened.ahead.map(({ text }) => text)).toEqual(
    misfit === undefined ? [] : notes.map(({ text }) => text),
  );
  expect(opened.mark?.seq).toBe(misfit === undefined ? kept.state?.range.size : undefined);
  return misfit;
};

const honest = headsOf(messages);

it('goes on from a state whose text is the one that was signed last', async () => {
  expect(await misfitOf(keptAs(12, honest), [await signed(12)])).toBeUndefined();
});

it('throws away heads that leave a message out, though their root in the state was changed with them', async () => {
  const forged = keptAs(12, headsOf(messages.filter(({ seq }) => seq !== 7)));
  expect(hashText(forged.state!.headsRoot)).not.toBe(hashText(stateOf(12, honest).headsRoot));
  expect(await misfitOf(forged, [await signed(12), await signed(12)])).toMatch(/not what was signed last/);
});

it('throws away a state that is ahead of, or behind, what was signed last: its tail is read from the ledger', async () => {
  expect(await misfitOf(keptAs(12, honest), [await signed(11)])).toMatch(/not what was signed last/);
  expect(await misfitOf(keptAs(11, headsOf(messages.slice(0, 11))), [await signed(12)])).toMatch(/size 11/);
  expect(await misfitOf(keptAs(12, honest), [])).toMatch(/size 12/);
});

it('takes no note as signed that another key made: whoever writes to Postgres could put it there', async () => {
  expect(await misfitOf(keptAs(12, honest), [await signed(12, generateKeyPair())])).toMatch(/size 12/);
});

it('throws away heads that spell the signed leaves in other words', async () => {
  const line = ({ name, count, lastSeq, head }: NamedHead): string =>
    `${name.subject} ${count} ${lastSeq} ${head}`;
  const ofAgent = honest
    .filter(({ name }) => name.kind === 'agent')
    .toSorted((x, y) => (line(x) < line(y) ? -1 : 1));
  expect(ofAgent.length).toBeGreaterThan(1);
  const rest = honest.filter((head) => !ofAgent.includes(head));
  const [first, last] = [ofAgent[0]!, ofAgent.at(-1)!];
  const inHead = { ...first, head: [first.head, ...ofAgent.slice(1).map(line)].join('\n') } as NamedHead;
  const agent = [`${ENV}.bot`, ...ofAgent.slice(0, -1).map(line)].join('\n');
  const inName = { ...last, name: { ...last.name, agent } } as NamedHead;
  for (const forged of [inHead, inName]) {
    const kept = keptAs(12, [...rest, forged]);
    expect(hashText(kept.state!.headsRoot)).toBe(hashText(stateOf(12, honest).headsRoot));
    expect(await misfitOf(kept, [await signed(12)])).toMatch(/heads/);
  }
});

it('throws away a tree that has the signed root and not its subtrees', async () => {
  const kept = keptAs(12, honest);
  const range = { size: 12, hashes: [rootOfLeaves(leaves)] };
  expect(await misfitOf({ ...kept, state: { ...kept.state!, range } }, [await signed(12)])).toMatch(
    /size 12/,
  );
});

it('throws away a state whose last message is named otherwise', async () => {
  const kept = keptAs(12, honest);
  const state = { ...kept.state!, subject: 'gov.ledger.stop.acme.shop.prod' };
  expect(await misfitOf({ ...kept, state }, [await signed(12)])).toMatch(/heads/);
});
