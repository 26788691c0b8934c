// Bundles of an honest ledger: what each kind shows, and what it says that it does not show.
import { expect, test } from 'vitest';
import { exitCodeOf, type Report } from '../src/index.js';
import { decide } from './story/actions.js';
import { bundleOf, type Folder, verifyFolder } from './story/bundles.js';
import { AGENT, ENV, OTHER, POINT, type TestLedger } from './story/ledger.js';
import { certifySealer, originOf, sealed } from './story/sealing.js';
import { day } from './story/story.js';
import { codesOf } from './story/verifying.js';

const ledger: TestLedger = day();
certifySealer(ledger);
decide(ledger, { agent: OTHER, operation: 'drop' });

const linesIn = (folder: Folder, name: string): number =>
  folder.get(name)!.toString('utf8').split('\n').length - 1;

const seals = (report: Report): void => {
  expect(codesOf(report.record.findings)).toEqual([]);
  expect(report.record.verdict).toBe('SEALED');
};

test('a full bundle is sealed, within, and says who exported it', async () => {
  const folder = await bundleOf(ledger, { kind: 'full' });
  expect([...folder.keys()].sort()).toEqual([
    'README.md',
    'checkpoint.txt',
    'manifest.json',
    'messages.ndjson',
  ]);
  const report = await verifyFolder(ledger, folder, { origin: originOf(ledger.messages) });
  expect(report.findings).toEqual([]);
  seals(report);
  expect(report.authority.verdict).toBe('WITHIN');
  expect(report.bundle).toMatchObject({ kind: 'full', by: { holder: 'olga' } });
  expect(exitCodeOf(report, 'sealed')).toBe(0);
});

test('a full bundle may have no checkpoint, and is then unanchored', async () => {
  const folder = await bundleOf(ledger, { kind: 'full' }, { checkpoint: undefined });
  expect(folder.get('README.md')!.toString()).toContain('no checkpoint');
  const report = await verifyFolder(ledger, folder);
  expect(report.record.verdict).toBe('UNANCHORED');
  expect(exitCodeOf(report)).toBe(0);
});

test('a full bundle under an older checkpoint counts what is not sealed', async () => {
  const checkpoint = sealed(ledger, ledger.messages.slice(0, -1));
  const report = await verifyFolder(ledger, await bundleOf(ledger, { kind: 'full' }, { checkpoint }));
  seals(report);
  expect(report.seal?.unsealed).toBe(1);
});

test('a range is sealed by its place in the tree; authority beyond it is undetermined', async () => {
  const last = ledger.messages.length;
  for (const [from, to] of [
    [1, last],
    [30, 50],
    [last, last],
    [1, 1],
    [31, last - 1],
  ] as const) {
    const folder = await bundleOf(ledger, { kind: 'range', from, to });
    const report = await verifyFolder(ledger, folder);
    seals(report);
    expect(report.seal?.heads).toBe('shown');
    expect(report.authority.findings.every(({ verdict }) => verdict === 'UNDETERMINED')).toBe(true);
    expect(exitCodeOf(report)).toBe(3);
  }
});

test.each([AGENT, OTHER, POINT])(
  'everything about %s is complete and within its authority',
  async (agent) => {
    const folder = await bundleOf(ledger, { kind: 'subject', agent });
    const report = await verifyFolder(ledger, folder);
    expect(report.findings).toEqual([]);
    seals(report);
    expect(report.authority.verdict).toBe('WITHIN');
    expect(exitCodeOf(report)).toBe(0);
    expect(linesIn(folder, 'proofs.ndjson')).toBe(report.counts.messages);
  },
);

test('a bundle of one agent leaves the messages of others out and says how many receipts it has', async () => {
  const all = await verifyFolder(ledger, await bundleOf(ledger, { kind: 'full' }));
  const mine = await verifyFolder(ledger, await bundleOf(ledger, { kind: 'subject', agent: AGENT }));
  const other = await verifyFolder(ledger, await bundleOf(ledger, { kind: 'subject', agent: OTHER }));
  expect(mine.counts.messages).toBeLessThan(all.counts.messages);
  expect(mine.counts.receipts + other.counts.receipts).toBe(all.counts.receipts);
  expect(mine.authority.receipts.within).toBe(mine.counts.receipts);
});

test('an agent of whom nothing is recorded is shown to be absent', async () => {
  const report = await verifyFolder(
    ledger,
    await bundleOf(ledger, { kind: 'subject', agent: `${ENV}.nobody` }),
  );
  expect(report.findings).toEqual([]);
  seals(report);
});

test('a sample is the one that the checkpoint draws, and says that completeness is not proven', async () => {
  const folder = await bundleOf(ledger, { kind: 'sample', count: 5, intents: false });
  const report = await verifyFolder(ledger, folder);
  seals(report);
  expect(report.bundle?.notShown.join()).toContain('completeness NOT proven');
  expect(folder.get('README.md')!.toString()).toContain('completeness NOT proven');
  expect(exitCodeOf(report)).toBe(3);
  const again = await bundleOf(ledger, { kind: 'sample', count: 5, intents: false });
  expect(again.get('messages.ndjson')).toEqual(folder.get('messages.ndjson'));
  const alone = await bundleOf(ledger, { kind: 'sample', count: 20, intents: false });
  const related = await bundleOf(ledger, { kind: 'sample', count: 20, intents: true });
  expect(linesIn(related, 'messages.ndjson')).toBeGreaterThan(linesIn(alone, 'messages.ndjson'));
  seals(await verifyFolder(ledger, related));
  seals(
    await verifyFolder(ledger, await bundleOf(ledger, { kind: 'sample', count: 10_000, intents: false })),
  );
});

test('disclosures travel along when they open something that is here, and nothing else does', async () => {
  const asked = decide(ledger, { operation: 'drop' });
  const own = asked.disclosures[0]!;
  const { seq } = asked.decision;
  const shown = await verifyFolder(
    ledger,
    await bundleOf(ledger, { kind: 'full' }, { disclosures: [{ seq, disclosure: own }] }),
  );
  expect(shown.findings).toEqual([]);
  expect(shown.bundle?.disclosures).toBe(1);
  const elsewhere = [{ seq: seq - 1, disclosure: own }];
  const report = await verifyFolder(
    ledger,
    await bundleOf(ledger, { kind: 'full' }, { disclosures: elsewhere }),
  );
  expect(codesOf(report.record.findings)).toEqual(['WRIT-VER-229']);
});
