// Erasure on a whole plane: ordered by a signed command, carried out once, for good, and visible to readers. The guide's commands run.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { connectPostgres, erasedDigests, uuidv7 } from '@writ/runtime';
import { disclosureStatuses } from '@writ/verifier';
import { afterAll, describe, expect, it } from 'vitest';
import { auditOf, itLeavesAValidLedger } from '../harness/audit.js';
import { boundary } from '../harness/documents.js';
import { type Action, ERASED, MONTH, ORDERED, subjectOf, useErasure } from '../harness/erasing.js';
import { sendPrivately } from '../harness/private.js';
import { ENV, Event, OPS, READ } from '../harness/shop.js';

const { shop, tell, erase, month, act, kept, typesOf, registryNow, eraserUrl } = useErasure();

/** The bytes of every message, read from the server again. */
const ledgerNow = async (): Promise<readonly string[]> => {
  const { source } = shop().plane.ledger;
  const end = await source.end();
  const stop = new AbortController();
  const all: string[] = [];
  for await (const { seq, bytes } of source.read(1, { signal: stop.signal })) {
    all.push(Buffer.from(bytes).toString('base64'));
    if (seq >= end) break;
  }
  stop.abort();
  return all;
};

describe('an erasure', () => {
  it('is ordered and recorded, destroys keys and disclosures, and takes nothing from the record', async () => {
    const { plane, ops } = shop();
    await plane.publish(boundary('shop', ENV, { dataSubject: 'args.customer' }));
    const { first } = await ops.receiptInTime(
      await ops.decide({ ...READ, args: { rows: 3, text: 'first-of-all' } }),
    );
    expect(first.type).toBe(Event.issued);
    await act('c-1', 'value-one');
    expect([await kept('value-one'), await kept('first-of-all')]).toEqual([true, true]);
    const before = await ledgerNow();
    const answer = await erase(month);
    expect((await ledgerNow()).slice(0, before.length)).toEqual(before);
    expect(typesOf(answer)).toEqual([ORDERED, ERASED]);
    expect(answer.documents[1]?.data).toMatchObject({ order: answer.first.id, keys: 2 });
    expect([await kept('value-one'), await kept('first-of-all')]).toEqual([false, false]);
    expect(await kept('a reason that is kept')).toBe(true);
    expect((await auditOf(plane)).findings).toEqual([]);
  });

  it('sent again is the same order and the same record', async () => {
    const target = { kind: 'intent' as const, intentId: await act('c-1', 'value-two') };
    const { alice } = shop();
    const id = uuidv7();
    const order = { do: 'erase' as const, target, reason: { _sd: [] } };
    const signed = await alice.signCommand('registry', order, { id });
    const [one, two] = [
      await sendPrivately(alice, 'registry', signed),
      await sendPrivately(alice, 'registry', signed),
    ];
    expect(typesOf(one)).toEqual([ORDERED, ERASED]);
    expect(two.documents.map((document) => document.id)).toEqual(
      one.documents.map((document) => document.id),
    );
    // The id alone gives nothing: neither to another command of the same author, nor to anybody else.
    expect((await erase(target, [], id)).code).toBe('WRIT-REG-008');
    const bob = await shop().plane.person('bob');
    expect((await tell(order, [], bob, id)).code).toBe('WRIT-REG-008');
    expect(await kept('value-two')).toBe(false);
  });

  it('of a person finds the values of all intents about them, and the identifier stands nowhere in the ledger', async () => {
    await act('c-77-carla', 'value-of-carla');
    await act('c-78-dirk', 'value-of-dirk');
    const { target, words } = subjectOf('c-77-carla');
    expect(typesOf(await erase(target, words))).toEqual([ORDERED, ERASED]);
    expect([await kept('value-of-carla'), await kept('c-77-carla')]).toEqual([false, false]);
    expect(await kept('value-of-dirk')).toBe(true);
    const ledger = await shop().plane.ledger.all();
    expect(ledger.some(({ text }) => text.includes('c-77-carla') || text.includes(words[0] as string))).toBe(
      false,
    );
  });

  it('is refused without the person that it names, with somebody else behind it, and to who may not', async () => {
    const { target, words } = subjectOf('c-99');
    const other = subjectOf('c-98');
    expect((await erase(target)).code).toBe('WRIT-FRM-013');
    expect((await erase(target, other.words)).code).toBe('WRIT-FRM-013');
    expect((await erase(target, [...words, ...other.words])).code).toBe('WRIT-FRM-013');
    const eve = await shop().plane.person('eve');
    const mine: Action = { do: 'erase', target: month, reason: { _sd: [] } };
    expect((await tell(mine, [], eve)).code).toBe('WRIT-REG-001');
  });

  it('is told apart from a loss by a reader: erased with its position, or not available', async () => {
    const { plane } = shop();
    const intentId = await act('c-55-eva', 'value-of-eva');
    const decision = await plane.ledger.until(
      (e) => e.document.id === `${intentId}.decision.0`,
      'the decision',
    );
    type Shown = {
      readonly intent: {
        readonly signed: {
          readonly data: { readonly action: { readonly args: { readonly _sd: readonly string[] } } };
        };
      };
      readonly disclosed: readonly string[];
    };
    const { intent, disclosed } = decision.document.data as unknown as Shown;
    const { target, words } = subjectOf('c-55-eva');
    const about = { agent: OPS, month: MONTH, committedAt: decision.seq, intentId };
    const statuses = async (lists: readonly { order: string; digests: readonly string[] }[] = []) =>
      disclosureStatuses(intent.signed.data.action.args._sd, about, {
        disclosures: disclosed,
        erasures: (await registryNow()).erasures,
        lists,
      });
    const kinds = (found: Awaited<ReturnType<typeof statuses>>) => found.map(({ kind }) => kind).toSorted();
    expect(kinds(await statuses())).toEqual(['disclosed', 'not-available', 'not-available']);
    const answer = await erase(target, words);
    const pool = connectPostgres(await eraserUrl());
    const digests = await erasedDigests(pool, answer.first.id);
    await pool.end();
    const found = await statuses([{ order: answer.first.id, digests }]);
    expect(kinds(found)).toEqual(['disclosed', 'erased', 'erased']);
    const record = await plane.ledger.until((e) => e.document.id === answer.documents[1]?.id, 'the record');
    expect(found.find(({ kind }) => kind === 'erased')).toMatchObject({
      order: answer.first.id,
      event: record.document.id,
      seq: record.seq,
    });
    expect(kinds(await statuses([{ order: answer.first.id, digests: digests.slice(1) }]))).not.toContain(
      'erased',
    );
  });
});

const folder = mkdtempSync(join(tmpdir(), 'writ-erasure-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** One line of the guide, as a person would type it. */
const run = async (line: string): Promise<string> => {
  const { plane } = shop();
  const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
  const servers = { WRIT_NATS_URL: plane.natsUrl, WRIT_DATABASE_URL: plane.databaseUrl };
  const env = { ...process.env, WRIT_HOME: plane.home, ...servers };
  const writ = join(import.meta.dirname, '../../libs/cli/bin/writ.js');
  const { stdout } = await promisify(execFile)(process.execPath, [writ, ...words.slice(1)], {
    env,
    cwd: folder,
  });
  return stdout;
};

describe('the guide', () => {
  it('has commands that run as they stand there, in that order', async () => {
    const guide = readFileSync(join(import.meta.dirname, '../../docs/guides/privacy.md'), 'utf8');
    const lines = [...guide.matchAll(/^ {4}(writ (?:erase|hold) .*)$/gm)].map(([, line]) => line as string);
    expect(lines.length).toBe(8);
    const intent = await act('c-10', 'value-of-ten');
    const said: string[] = [];
    for (const line of lines) {
      const [hold = 'HOLD'] = /[0-9a-f-]{36}\.registry\.0/.exec(said.at(-1) ?? '') ?? [];
      said.push(await run(line.replace('INTENT', intent).replace('HOLD', hold)));
    }
    expect(said[1]).toMatch(/erased 0 disclosures, 0 keys/);
    expect(said[2]).toMatch(/erased 3 disclosures, \d keys/);
    expect(said[3]).toMatch(/intent .* erased at \d+: 3 disclosures/);
    expect(said[6]).toContain('scope acme.shop.prod');
    expect(said[7]).toContain('lifted');
    expect(await kept('value-of-ten')).toBe(false);
  }, 120_000);

  it('puts what the vault still has into a bundle, and tells what of the rest was erased', async () => {
    const guide = readFileSync(join(import.meta.dirname, '../../docs/guides/privacy.md'), 'utf8');
    const lines = [...guide.matchAll(/^ {4}(writ (?:export|verify) .*)$/gm)].map(
      ([, line]) => line as string,
    );
    expect(lines.length).toBe(2);
    await act('c-11', 'value-of-eleven');
    await act('c-12-fay', 'value-of-fay');
    const { target, words } = subjectOf('c-12-fay');
    const answer = await erase(target, words);
    const said: string[] = [];
    for (const line of lines) said.push(await run(line));
    const held = (name: string) => readFileSync(join(folder, 'bundle', name), 'utf8');
    const values = held('disclosures.ndjson')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => Buffer.from((JSON.parse(line) as { disclosure: string }).disclosure, 'base64url'));
    expect(values.some((value) => value.includes('value-of-eleven'))).toBe(true);
    expect(values.some((value) => value.includes('fay') || value.includes('value-of-ten'))).toBe(false);
    expect(held('erased.ndjson')).toContain(answer.first.id);
    expect(said[1]).toMatch(new RegExp(`[1-9]\\d* erased at \\d+, by the order ${answer.first.id}`));
    expect(said[1]).not.toContain('value-of-eleven');
    expect(await run(`${lines[1]} --show-values`)).toContain('value-of-eleven');
  }, 120_000);
});

itLeavesAValidLedger(() => shop().plane);
