// Property: whatever single byte of whatever file of a full bundle is changed, the exit status is not 0.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { exitCodeOf } from '../src/index.js';
import { act } from './story/actions.js';
import { bundleOf, type Folder, verifyFolder } from './story/bundles.js';
import { certifySealer, policyOf, sealed, witness } from './story/sealing.js';
import { founded } from './story/story.js';

const ledger = founded();
certifySealer(ledger);
act(ledger);
ledger.store('gov.ledger.stop.acme.shop.prod', Buffer.from('junk'));
const bank = witness('bank.example/w');
const checkpoint = sealed(ledger, ledger.messages, { witnesses: [bank] });
const witnesses = policyOf([bank], 1);

const exitOf = async (folder: Folder): Promise<number> =>
  exitCodeOf(await verifyFolder(ledger, folder, { witnesses }));

test('any single-byte change of any file of a full bundle gives a non-zero exit status', async () => {
  const folder = await bundleOf(ledger, { kind: 'full' }, { checkpoint });
  expect(await exitOf(folder)).toBe(0);
  const names = [...folder.keys()];
  expect(names).toHaveLength(4);
  const change = fc.record({
    name: fc.constantFrom(...names),
    at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
    xor: fc.integer({ min: 1, max: 255 }),
  });
  await fc.assert(
    fc.asyncProperty(change, async ({ name, at, xor }) => {
      const content = Buffer.from(folder.get(name)!);
      const byte = Math.floor(at * content.length);
      content[byte] = content[byte]! ^ xor;
      expect(await exitOf(new Map(folder).set(name, content))).toBe(1);
    }),
    { numRuns: 300 },
  );
}, 120_000);

test('any file cut short or lengthened by a byte gives a non-zero exit status', async () => {
  const folder = await bundleOf(ledger, { kind: 'full' }, { checkpoint });
  for (const [name, content] of folder) {
    for (const other of [
      content.subarray(0, -1),
      Buffer.concat([content, Buffer.from('\n')]),
      Buffer.alloc(0),
    ]) {
      expect(await exitOf(new Map(folder).set(name, other))).toBe(1);
    }
  }
});
