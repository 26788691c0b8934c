// `writ export` and `writ verify` on files: what an exporter writes is what an auditor verifies, on a machine with nothing but the page.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { act, type Decided } from '../../verifier/test/story/actions.js';
import { AGENT } from '../../verifier/test/story/ledger.js';
import { founded } from '../../verifier/test/story/story.js';
import { writ } from './run-writ.js';
import { exportText, useSealedFiles } from './sealed-files.js';

const ledger = founded();
let asked: Decided;
const { root, at, from, page } = useSealedFiles(ledger, () => {
  asked = act(ledger);
  act(ledger, { operation: 'read', resource: 'db:shop/orders/1' });
});

describe('writ export and writ verify', () => {
  it.each([
    ['full', ['--full'], 0],
    ['range', ['--range', '10..20'], 3],
    ['agent', ['--agent', AGENT], 0],
    ['sample', ['--sample', '5', '--intents'], 3],
  ])('a bundle of kind %s is written, recognised and sealed', async (name, question, exit) => {
    const out = at(`bundle-${name}`);
    const made = await writ('export', ...question, '--out', out, ...from);
    expect(made.exit, made.stderr).toBe(0);
    const verified = await writ('verify', out, ...page, '--require', 'sealed');
    expect(verified.stdout).toContain('Record     SEALED');
    expect(verified.exit).toBe(exit);
    expect(readFileSync(join(out, 'README.md'), 'utf8')).toContain('writ verify . --trust trust.json');
    const weaker = await writ('verify', out, ...page, '--require', 'witnessed');
    expect(weaker.exit).toBe(5);
  });

  it('a portable receipt is one file, recognised by what is in it', async () => {
    const out = at('receipt.json');
    expect((await writ('export', '--receipt', asked.document.id, '--out', out, ...from)).exit).toBe(0);
    const { exit, stdout } = await writ('verify', out, ...page);
    expect(stdout).toContain('Record     SEALED');
    expect(exit).toBe(0);
  });

  it('a plain export is sealed by the checkpoint that it is held against, and diverged from a longer one', async () => {
    const plain = await writ('verify', at('ledger.ndjson'), ...page);
    expect(plain.stdout).toContain('Record     UNANCHORED');
    const against = await writ('verify', at('ledger.ndjson'), ...page, '--checkpoint', at('checkpoint.txt'));
    expect(against.stdout).toContain('Record     SEALED');
    const cut = ledger.messages.slice(0, -2);
    writeFileSync(at('cut.ndjson'), await exportText(cut));
    const { exit, stdout } = await writ(
      'verify',
      at('cut.ndjson'),
      ...page,
      '--outside',
      at('checkpoint.txt'),
    );
    expect(stdout).toContain('Record     DIVERGED');
    expect(exit).toBe(4);
  });

  it('never writes over something, and refuses a part without a checkpoint', async () => {
    expect((await writ('export', '--full', '--out', root, ...from)).exit).toBe(2);
    const bare = await writ(
      'export',
      '--agent',
      AGENT,
      '--out',
      at('none'),
      '--from',
      at('ledger.ndjson'),
      '--home',
      root,
    );
    expect(bare.exit).toBe(1);
    expect(bare.stderr).toContain('WRIT-VER-003');
  });

  it('of which a file is gone is INVALID, and no error', async () => {
    for (const name of ['messages.ndjson', 'checkpoint.txt']) {
      const out = at(`without-${name}`);
      expect((await writ('export', '--full', '--out', out, ...from)).exit).toBe(0);
      rmSync(join(out, name));
      const { exit, stdout } = await writ('verify', out, ...page);
      expect([name, exit]).toEqual([name, 1]);
      expect(stdout).toContain(`${name} is missing`);
    }
  });

  it('says of anything else that it is none of the formats', async () => {
    writeFileSync(at('other.json'), '{"hello":1}');
    const { exit, stderr } = await writ('verify', at('other.json'), ...page);
    expect(stderr).toContain('WRIT-VER-001');
    expect(exit).toBe(64);
  });
});
