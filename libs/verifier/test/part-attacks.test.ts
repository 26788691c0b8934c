// Owned services that make use of what a part does not show: versions out of their place, receipts made of junk, files without an end.
import { LEDGER_PAYLOAD_TYPE } from '@writ/contracts';
import { generateKeyPair, ledgerLeafHash, proveInclusion, signFrame } from '@writ/crypto';
import { expect, test } from 'vitest';
import { createMemoryTree } from '../src/bundle/memory-tree.js';
import { exitCodeOf, makeReceipt, type Report, verifyBundle, verifyReceipt } from '../src/index.js';
import { receiptText } from '../src/receipt/receipt-format.js';
import { act, decide, request } from './story/actions.js';
import { bundleOf, type Folder, sourceOf, verifyFolder } from './story/bundles.js';
import { altered, fieldsOf, receiptOf } from './story/forging.js';
import { AGENT, ENV, ORG, OTHER, type TestLedger } from './story/ledger.js';
import { resigned } from './story/resigning.js';
import { certifySealer, originOf, sealed, trustIn } from './story/sealing.js';
import { founded } from './story/story.js';
import { AUTHORITY, of } from './story/tampering.js';
import { codesOf, stream } from './story/verifying.js';

const subject = { kind: 'subject', agent: AGENT } as const;

const begun = (): TestLedger => {
  const ledger = founded();
  certifySealer(ledger);
  act(ledger);
  return ledger;
};

/** A receipt for what was denied. */
const unlawful = (ledger: TestLedger): void => {
  const draft = receiptOf(ledger, decide(ledger));
  const denied = decide(ledger, { operation: 'drop' });
  const signed = request(ledger, denied);
  const { id, digest } = { id: denied.decision.document.id, digest: denied.decision.digest };
  const { obligedDigest } = fieldsOf(denied.decision.document.data);
  const forged = altered(draft, (data) => ({
    ...{ intentId: denied.document.id, intentDigest: denied.digest, request: signed.frame },
    who: { ...data['who'], decision: { id, digest } },
    what: { ...data['what'], argsDigest: obligedDigest },
  }));
  ledger.write({ ...forged, id: `${signed.document.id}.authority.0` });
};

/** A message that claims a version ahead of its chain, really signed. */
const ahead = (ledger: TestLedger, by: number): void => {
  const asked = decide(ledger);
  const { ver } = ledger.write(receiptOf(ledger, asked)).document as unknown as { readonly ver: number };
  ledger.undo();
  ledger.write(receiptOf(ledger, asked), { as: { ver: ver + by } });
  const { bytes } = ledger.messages.at(-1)!;
  ledger.undo();
  ledger.store(AUTHORITY, bytes);
};

const shown = async (ledger: TestLedger): Promise<Report> =>
  verifyFolder(ledger, await bundleOf(ledger, subject));

test('a version far ahead hides no violation from the bundle of an agent', async () => {
  const ledger = begun();
  unlawful(ledger);
  expect(exitCodeOf(await shown(ledger))).toBe(2);
  const tricked = begun();
  ahead(tricked, 1_000);
  unlawful(tricked);
  const report = await shown(tricked);
  expect(codesOf(report.findings)).toEqual(['WRIT-VER-104', 'WRIT-VER-111']);
  expect(report.authority.receipts).toMatchObject({ violation: 0, undetermined: 1 });
  expect(exitCodeOf(report)).toBe(1);
});

test('a version as far ahead as others may have gone does not pass for what has counted', async () => {
  const ledger = begun();
  for (let n = 0; n < 3; n += 1)
    act(ledger, { agent: OTHER, operation: 'read', resource: 'db:shop/orders/1' });
  ahead(ledger, 1);
  unlawful(ledger);
  const report = await shown(ledger);
  expect(codesOf(report.findings)).toContain('WRIT-VER-108');
  expect(report.authority.verdict).not.toBe('WITHIN');
  expect(exitCodeOf(report)).toBe(3);
});

test('an old frame of the agent stored again is no other event, gaps or not', async () => {
  const ledger = begun();
  act(ledger, { agent: OTHER, operation: 'read', resource: 'db:shop/orders/1' });
  act(ledger);
  ledger.store(
    AUTHORITY,
    of(ledger, AUTHORITY).findLast(({ bytes }) => Buffer.from(bytes).includes(AGENT))!.bytes,
  );
  act(ledger, { agent: OTHER, operation: 'read', resource: 'db:shop/orders/1' });
  act(ledger);
  const report = await shown(ledger);
  expect(report.junk).toEqual({ 'WRIT-ADM-003': 1 });
  expect(report.findings).toEqual([]);
  expect(exitCodeOf(report)).toBe(0);
});

test('a receipt made of frames that never counted is invalid, whatever they say', async () => {
  const ledger = begun();
  const intentId = ledger.nextId();
  const key = ledger.keyOf('approval');
  for (const type of ['writ.decision.permitted.v1', 'writ.authority.receipt-issued.v1']) {
    const document = { kid: key.kid, type, agent: AGENT, data: { intentId, agent: AGENT } };
    ledger.store(`gov.ledger.approval.${ENV}`, signFrame(LEDGER_PAYLOAD_TYPE, document, key));
  }
  const tree = createMemoryTree();
  for (const message of ledger.messages) tree.append(ledgerLeafHash(message));
  const prove = (seq: number) => proveInclusion(seq - 1, ledger.messages.length, tree.nodes);
  const messages = await Promise.all(ledger.messages.map(async (m) => ({ ...m, proof: await prove(m.seq) })));
  const named = { org: ORG, origin: originOf(ledger.messages), intentId, checkpoint: sealed(ledger) };
  const report = (await verifyReceipt(receiptText({ ...named, messages }), trustIn(ledger)))!;
  expect(codesOf(report.record.findings)).toEqual(['WRIT-VER-227']);
  expect(codesOf(report.authority.findings)).toEqual(['WRIT-VER-231']);
  expect(exitCodeOf(report)).toBe(1);
});

test('a replay of a receipt in the ledger is left out of the portable one', async () => {
  const ledger = begun();
  const asked = act(ledger);
  ledger.store(AUTHORITY, of(ledger, AUTHORITY).at(-1)!.bytes);
  const order = { org: ORG, messages: () => stream(ledger.messages), intentId: asked.document.id };
  const report = (await verifyReceipt(
    await makeReceipt({ ...order, checkpoint: sealed(ledger) }),
    trustIn(ledger),
  ))!;
  expect(report.counts).toMatchObject({ junk: 0, receipts: 1 });
  expect(exitCodeOf(report)).toBe(0);
});

/** A source whose file has no end and no line feed. */
const endless = (folder: Folder, endlessName: string) => {
  let given = 0;
  const chunks = async function* () {
    for (; given < 1_000; given += 1) yield Buffer.alloc(64 * 1024, 120);
  };
  const { names, open } = sourceOf(folder);
  return {
    source: { names, open: (name: string) => (name === endlessName ? chunks() : open(name)) },
    given: () => given,
  };
};

test.each(['messages.ndjson', 'proofs.ndjson'])(
  'a line of %s without an end is not read to it',
  async (name) => {
    const ledger = begun();
    const { source, given } = endless(await bundleOf(ledger, subject), name);
    const report = await verifyBundle(source, trustIn(ledger));
    expect(codesOf(report.record.findings)).toContain('WRIT-VER-221');
    expect(given()).toBeLessThan(5);
  },
);

test('more heads than any question needs are refused', async () => {
  const ledger = begun();
  const folder = await bundleOf(ledger, subject);
  const heads = JSON.parse(folder.get('heads.json')!.toString()) as { readonly leaves: readonly object[] };
  const lengthOf = (leaf: object): number => JSON.stringify(leaf).length;
  const small = heads.leaves.reduce((a, b) => (lengthOf(a) < lengthOf(b) ? a : b));
  const leaves = [...heads.leaves, ...Array.from({ length: 150_000 }, () => small)];
  folder.set('heads.json', Buffer.from(JSON.stringify({ ...heads, leaves })));
  const report = await verifyFolder(ledger, await resigned(folder, generateKeyPair()));
  expect(codesOf(report.record.findings)).toEqual(['WRIT-VER-226']);
});

test('what is no file, or another length than the manifest says, is never opened', async () => {
  const ledger = begun();
  const folder = await bundleOf(ledger, subject);
  const { names, open } = sourceOf(folder);
  for (const [name, size] of [
    ['messages.ndjson', undefined],
    ['heads.json', 7],
  ] as const) {
    const opened = new Set<string>();
    const source = {
      names,
      open: (file: string) => {
        opened.add(file);
        return open(file);
      },
      size: async (file: string) => (file === name ? size : folder.get(file)!.length),
    };
    const report = await verifyBundle(source, trustIn(ledger));
    expect(codesOf(report.record.findings)).toContain('WRIT-VER-221');
    expect(opened.has(name)).toBe(false);
    expect(opened.has('manifest.json')).toBe(true);
  }
});
