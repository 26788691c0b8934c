// `writ export --format`: effective events and receipts for other systems, out of a record that holds, and out of no other.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { act, type Decided } from '../../verifier/test/story/actions.js';
import { AGENT, ORG, OTHER } from '../../verifier/test/story/ledger.js';
import { change } from '../../verifier/test/story/organisation.js';
import { originOf } from '../../verifier/test/story/sealing.js';
import { day } from '../../verifier/test/story/story.js';
import { writ, writJson } from './run-writ.js';
import { exportText, useSealedFiles } from './sealed-files.js';

const ledger = day();
let asked: Decided;
let groundless: Decided;
let files = 0;
const { root, at, from } = useSealedFiles(ledger, () => {
  ledger.store('gov.ledger.decision.acme.shop.prod', new TextEncoder().encode('{"planted":"junk"}'));
  asked = act(ledger, { resource: 'db:shop/orders/17', operation: 'read' });
  // No intent may name such a resource: the record of it counts for nothing, and so its receipt has no grounds.
  groundless = act(ledger, { resource: 'db:shop/=cmd', operation: 'read' });
});

type Told = {
  readonly events: number;
  readonly left: { readonly junk: number; readonly void: number; readonly notAskedFor: number };
  readonly record: string;
  readonly unmapped: readonly { readonly field: string }[];
  readonly key: object | null;
};

const exported = async (format: string, ...more: readonly string[]) => {
  files += 1;
  const out = at(`${format}-${files}`);
  const ran = await writJson<Told>('export', '--format', format, '--out', out, ...more, ...from);
  expect(ran.exit, ran.stderr).toBe(0);
  return { out, told: ran.document, text: readFileSync(out, 'utf8') };
};

const linesOf = (text: string) => text.trimEnd().split('\n');
const flat = async (...more: readonly string[]) =>
  linesOf((await exported('ndjson', ...more)).text).map(
    (text) => JSON.parse(text) as Record<string, unknown>,
  );

describe('writ export --format', () => {
  it.each(['csv', 'ndjson', 'ocsf', 'cef', 'otel', 'in-toto', 'dsse'])(
    'writes every effective event as %s, one a line, leaves junk out and says so',
    async (format) => {
      const { told, text } = await exported(format);
      expect(told).toMatchObject({ left: { junk: 2, void: 0, notAskedFor: 0 }, record: 'SEALED' });
      expect(told.events).toBe(ledger.messages.length - 2);
      expect(linesOf(text)).toHaveLength(told.events + (format === 'csv' ? 1 : 0));
      expect(text).not.toContain('planted');
      expect(told.key === null).toBe(format !== 'dsse');
    },
  );

  it('writes a batch of CloudEvents', async () => {
    const { told, text } = await exported('cloudevents');
    const batch = JSON.parse(text) as { readonly specversion: string }[];
    expect([batch.length, batch[0]?.specversion]).toEqual([told.events, '1.0']);
  });

  it('writes DSSE envelopes that verify under the key that it names', async () => {
    const { out, text, told } = await exported('dsse', '--family', 'authority');
    writeFileSync(`${out}.keys`, JSON.stringify(told.key));
    writeFileSync(`${out}.one`, linesOf(text)[0] as string);
    const { exit, stdout } = await writ('verify', `${out}.one`, '--keys', `${out}.keys`);
    expect(stdout).toContain('VALID');
    expect(exit).toBe(0);
  });

  it('narrows by agent, family and server time, and counts what was not asked for', async () => {
    const all = await flat();
    const mine = await flat('--agent', OTHER);
    expect(mine.length).toBeGreaterThan(0);
    expect(mine.every((event) => event['agent'] === OTHER)).toBe(true);
    const families = await flat('--family', 'authority', '--family', 'outcome');
    const [some] = [new Set(families.map((event) => String(event['type']).split('.')[1]))];
    expect([...some].sort()).toEqual(['authority', 'outcome']);
    const middle = String(all[Math.floor(all.length / 2)]?.['ledger.time']);
    const [before, after] = [await flat('--until', middle), await flat('--since', middle)];
    expect(before.length).toBeGreaterThan(0);
    expect(before.length + after.length).toBe(all.length);
    const { told } = await exported('csv', '--agent', AGENT);
    expect(told.events + told.left.notAskedFor).toBe(all.length);
  });

  it('writes nothing out of a record that is INVALID', async () => {
    const message = ledger.messages[40];
    const altered = ledger.messages.map((one) =>
      one === message ? { ...one, time: '2020-01-01T00:00:00.000Z' } : one,
    );
    writeFileSync(at('altered.ndjson'), await exportText(altered));
    const out = at('altered.csv');
    const more = ['--from', at('altered.ndjson'), '--home', root];
    const ran = await writ('export', '--format', 'csv', '--out', out, ...more);
    expect(ran.stderr).toContain('WRIT-VER-002');
    expect([ran.exit, existsSync(out), existsSync(`${out}.partial`)]).toEqual([4, false, false]);
  });

  it('leaves out what was signed by a key that is distrusted from before, known only at the end', async () => {
    const other = day();
    const { kid } = other.keyOf('decision');
    change(other, { do: 'distrust-key', kid, from: 5, reason: 'compromised' }, 'olga');
    writeFileSync(at('distrust.ndjson'), await exportText(other.messages));
    const out = at('distrust.flat');
    const more = ['--from', at('distrust.ndjson'), '--home', at('distrust')];
    mkdirSync(at('distrust'));
    const pinned = { org: ORG, roots: other.roots(), threshold: 1, origin: originOf(other.messages) };
    const { kid: registrar, x } = other.keyOf('registrar');
    writeFileSync(
      join(at('distrust'), 'org.json'),
      JSON.stringify({ ...pinned, registrar: { kid: registrar, x } }),
    );
    const { exit, document } = await writJson<Told>('export', '--format', 'ndjson', '--out', out, ...more);
    expect(exit).toBe(0);
    expect(document.left.void).toBeGreaterThan(0);
    const lines = linesOf(readFileSync(out, 'utf8'));
    expect(lines).toHaveLength(document.events);
    expect(lines.filter((text) => text.includes(`"kid":"${kid}"`))).toEqual([]);
  });

  it('refuses what does not go together', async () => {
    for (const line of [
      ['--format', 'csv', '--sample', '5'],
      ['--format', 'csv', '--receipt', asked?.document.id ?? ''],
      ['--format', 'permission-protocol'],
      ['--format', 'csv', '--family', 'gossip'],
      ['--format', 'csv', '--since', 'yesterday'],
      ['--format', 'xml'],
      ['--full', '--family', 'authority'],
    ])
      expect([line, (await writ('export', ...line, '--out', at('never'), ...from)).exit]).toEqual([line, 2]);
    expect(existsSync(at('never'))).toBe(false);
  });
});

describe('writ export --receipt --format', () => {
  const receipt = (format: string) => exported(format, '--receipt', asked.document.id);

  it('writes an in-toto statement about the receipt and says what stays behind', async () => {
    const { text, told } = await receipt('in-toto');
    expect(JSON.parse(text)).toMatchObject({
      _type: 'https://in-toto.io/Statement/v1',
      predicate: { agent: AGENT, intent: { id: asked.document.id }, outcome: { status: 'succeeded' } },
    });
    expect(told.unmapped.map(({ field }) => field)).toContain('signatures');
  });

  it.each(['dsse', 'permission-protocol'])('writes one as %s that verifies as what it is', async (format) => {
    const { out, told } = await receipt(format);
    writeFileSync(`${out}.keys`, JSON.stringify(told.key));
    const { exit, stdout } = await writ('verify', out, '--keys', `${out}.keys`);
    expect(stdout).toContain('Verdict    VALID');
    expect(exit).toBe(0);
    expect(told.unmapped.length).toBeGreaterThan(2);
  });

  it('refuses an intent without a receipt', async () => {
    const none = ['--receipt', '01890000-0000-7000-8000-000000000001'];
    const ran = await writ('export', ...none, '--format', 'in-toto', '--out', at('none'), ...from);
    expect([ran.exit, ran.stderr.includes('WRIT-VER-003')]).toEqual([1, true]);
  });

  it('refuses a receipt without grounds: elsewhere nobody would see that', async () => {
    const bad = ['--receipt', groundless.document.id];
    const ran = await writ('export', ...bad, '--format', 'in-toto', '--out', at('bad'), ...from);
    expect([ran.exit, ran.stderr.includes('in VIOLATION')]).toEqual([1, true]);
  });
});
