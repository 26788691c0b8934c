// Private values in bundles: what a vault still has is put in, what was erased is told from what is lost, and nothing is given to others.
import { disclosureDigest, nothingCommitted, sha256 } from '@writ/crypto';
import { decideErased, decideRetention } from '@writ/domain';
import { describe, expect, test } from 'vitest';
import { exitCodeOf, formatReport, type PrivateValues } from '../src/index.js';
import { act, only } from './story/actions.js';
import { bundleOf, type Folder, verifyFolder } from './story/bundles.js';
import { AGENT, OTHER, type TestLedger } from './story/ledger.js';
import { change } from './story/organisation.js';
import { certifySealer } from './story/sealing.js';
import { founded } from './story/story.js';

type Held = Map<string, { readonly disclosure: string; readonly owner: string }>;

const sorted = (digests: Iterable<string>) => [...digests].sort();

/** Two actions of the agent; the vault has all of their values, with the clear ones. `erase` takes them out under an order. */
const world = () => {
  const ledger: TestLedger = founded();
  certifySealer(ledger);
  const held: Held = new Map();
  const lists = new Map<string, readonly string[]>();
  const acted = () => {
    const asked = act(ledger);
    for (const disclosure of asked.disclosures)
      held.set(disclosureDigest(disclosure), { disclosure, owner: AGENT });
    return { intentId: asked.document.id, digests: asked.disclosures.map(disclosureDigest) };
  };
  const [one, two] = [acted(), acted()];
  const vault: PrivateValues = {
    get: async (digest) => held.get(digest),
    erased: async (order) => lists.get(order) ?? [],
  };
  const record = (order: string, digests: readonly string[]): void => {
    for (const digest of digests) held.delete(digest);
    lists.set(order, sorted(digests));
    const text = sorted(digests).map((digest) => `${digest}\n`);
    const disclosures = { count: digests.length, digest: sha256(text.join('')) };
    ledger.write(only(decideErased({ order, keys: 1, disclosures }, ledger.states.registry))[0]!);
  };
  const eraseIntent = ({ intentId, digests }: typeof one): void => {
    const target = { kind: 'intent', intentId } as const;
    const ordered = change(ledger, { do: 'erase', target, reason: nothingCommitted }, 'olga');
    record(ordered.document.id, digests);
  };
  const eraseDue = ({ digests }: typeof one): void => {
    const due = { id: ledger.nextId(), class: 'financial', before: ledger.now() };
    const ordered = ledger.write(only(decideRetention(due, ledger.states.registry))[0]!);
    record(ordered.document.id, digests);
  };
  return { ledger, held, lists, vault, one, two, eraseIntent, eraseDue };
};

const full = { kind: 'full' } as const;
const textIn = (folder: Folder, name: string) => folder.get(name)?.toString('utf8') ?? '';
const judged = async ({ ledger }: ReturnType<typeof world>, folder: Folder) => {
  const report = await verifyFolder(ledger, folder);
  expect([report.record.verdict, report.authority.verdict]).toEqual(['SEALED', 'WITHIN']);
  return report;
};

describe('a bundle with private values', () => {
  test('shows what the vault has, each once, and counts it', async () => {
    const given = world();
    const folder = await bundleOf(given.ledger, full, { vault: given.vault });
    const { bundle } = await judged(given, folder);
    expect(bundle).toMatchObject({ disclosures: 6, commitments: { shown: 6, erased: 0, notAvailable: 0 } });
    expect(folder.has('erased.ndjson')).toBe(false);
  });

  test('says nothing about private values when none were asked for', async () => {
    const given = world();
    const { bundle } = await judged(given, await bundleOf(given.ledger, full));
    expect(bundle).toMatchObject({ disclosures: 0, commitments: null });
  });

  test('tells what an order about an intent erased from what is just not there', async () => {
    const given = world();
    given.eraseIntent(given.one);
    given.held.delete(given.two.digests.at(-1) as string);
    const folder = await bundleOf(given.ledger, full, { vault: given.vault });
    const report = await judged(given, folder);
    // Clear arguments stand in the decision for ever.
    const clear = report.bundle?.commitments?.shown ?? 0;
    const { erased, notAvailable, erasures } = report.bundle?.commitments ?? {};
    expect([clear + (erased ?? 0), notAvailable]).toEqual([5, 1]);
    expect(erasures).toMatchObject([{ seq: given.ledger.messages.length, count: erased }]);
    expect(folder.has('erased.ndjson')).toBe(false);
    expect(formatReport(report)).toContain(`${erased} erased at ${given.ledger.messages.length}`);
  });

  test('brings the list of an order that only the vault can explain, and a shortened one explains nothing', async () => {
    const given = world();
    given.eraseDue(given.one);
    const made = () => bundleOf(given.ledger, full, { vault: given.vault });
    const folder = await made();
    expect(textIn(folder, 'erased.ndjson').split('\n')).toHaveLength(2);
    const { bundle } = await judged(given, folder);
    expect(bundle?.commitments).toMatchObject({ notAvailable: 0 });
    expect(bundle?.commitments?.erased).toBeGreaterThan(0);
    for (const [order, digests] of given.lists) given.lists.set(order, digests.slice(1));
    const { bundle: without } = await judged(given, await made());
    expect(without?.commitments).toMatchObject({ erased: 0, notAvailable: bundle?.commitments?.erased });
  });

  test('gives no value away in a message of somebody else who copied its digest', async () => {
    const given = world();
    for (const [digest, { disclosure }] of given.held) given.held.set(digest, { disclosure, owner: OTHER });
    const folder = await bundleOf(given.ledger, full, { vault: given.vault });
    expect(textIn(folder, 'disclosures.ndjson')).toBe('');
    expect((await judged(given, folder)).bundle?.commitments?.notAvailable).toBeGreaterThan(0);
  });

  test('is INVALID when a value, a list or a line of them is another, or a file of them is gone', async () => {
    const given = world();
    given.eraseDue(given.one);
    const folder = await bundleOf(given.ledger, full, { vault: given.vault });
    for (const name of ['disclosures.ndjson', 'erased.ndjson']) {
      const bytes = folder.get(name) as Buffer;
      const altered = Buffer.from(bytes);
      altered[40] = (altered[40] as number) ^ 1;
      const attacks = [new Map(folder).set(name, altered), new Map(folder)];
      attacks[1]?.delete(name);
      for (const attacked of attacks) expect(exitCodeOf(await verifyFolder(given.ledger, attacked))).toBe(1);
    }
    const foreign = [{ seq: 2, disclosure: [...given.held.values()][0]?.disclosure ?? '' }];
    const planted = await bundleOf(given.ledger, full, { disclosures: foreign });
    const report = await verifyFolder(given.ledger, planted);
    expect(report.record.findings.map(({ code }) => code)).toEqual(['WRIT-VER-229']);
  });
});
