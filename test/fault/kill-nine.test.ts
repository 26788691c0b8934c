// kill -9 of every process of the plane, one test each: it serves again, nothing acknowledged is lost, who was halted stays halted.
import { subjects } from '@writ/contracts';
import { connectReadSide } from '@writ/projections';
import { beforeAll, expect, it } from 'vitest';
import type { Answer, Signed } from '../harness/answer.js';
import type { Asker, MadeIntent } from '../harness/asker.js';
import { itLeavesAValidLedger, readModelCaughtUp } from '../harness/audit.js';
import { acknowledgedLoad } from '../harness/load.js';
import { DELETE, DROP, ENV, Event, OPS, READ, useShop } from '../harness/shop.js';

const FROZEN = `${ENV}.frozen`;
const shop = useShop({ agents: [OPS, FROZEN] });
let frozen: Asker;
let halt: string;
let early: MadeIntent & { readonly answer: Answer };
let receipt: Signed;

beforeAll(async () => {
  const { plane, ops, oncall } = shop();
  frozen = await plane.raw(FROZEN);
  const [recorded] = await oncall.haltRequest(FROZEN);
  halt = String(recorded?.data['halt']);
  early = await ops.decide(READ);
  receipt = (await ops.receiptInTime(early)).first;
});

/** Crashes something in the middle of a load, then checks what must hold after every crash. */
const survives = async (crash: () => Promise<void>): Promise<void> => {
  const { plane, ops } = shop();
  const before = await plane.ledger.all();
  const load = acknowledgedLoad(ops, READ);
  await expect.poll(load.sinceLast, { timeout: 5000 }).toBeGreaterThan(0);
  await crash();
  load.sinceLast();
  await expect.poll(load.sinceLast, { timeout: 20_000, interval: 50 }).toBeGreaterThan(0);
  const { acknowledged, lost } = await load.stop();
  expect(lost).toEqual([]);
  const after = await rereadLedger();
  expect(after.slice(0, before.length)).toEqual(before.map((e) => e.text));
  const stored = new Map<string, number>();
  for (const text of after) stored.set(text, (stored.get(text) ?? 0) + 1);
  expect(acknowledged.map((text) => stored.get(text))).toEqual(acknowledged.map(() => 1));
  await staysHalted();
};

/** The commitments behind which an intent's goal stands: it is in the vault or nowhere. */
const privateDigests = ({ data }: Signed): readonly string[] => {
  const { signed } = data['intent'] as { signed: { data: { reasoning: { private: { _sd: string[] } } } } };
  return signed.data.reasoning.private._sd;
};

const rereadLedger = async (): Promise<readonly string[]> => {
  const { source } = shop().plane.ledger;
  const [end, texts, stop] = [await source.end(), [] as string[], new AbortController()];
  for await (const { seq, bytes } of source.read(1, { signal: stop.signal })) {
    texts.push(Buffer.from(bytes).toString('utf8'));
    if (seq >= end) break;
  }
  stop.abort();
  return texts;
};

const staysHalted = async (): Promise<void> => {
  const refused = await frozen.decide(READ);
  expect(refused.answer.first.type).toBe(Event.denied);
  expect(refused.answer.first.data['codes']).toContain('halted');
  const state = await frozen.state();
  expect((state.first.data['halts'] as { id: string }[]).map(({ id }) => id)).toContain(halt);
};

const kill = (service: Parameters<ReturnType<typeof shop>['plane']['kill']>[0]) => () =>
  shop().plane.kill(service);

it('the registry: commands made before the crash work after it, and those already carried out do not work twice', async () => {
  const { alice, plane } = shop();
  const made = await alice.signCommand('registry', { do: 'create-project', project: 'before' });
  const send = () => alice.send(subjects.command('registry', 'acme', 'alice'), made);
  const first = await send();
  await survives(kill('registry'));
  expect((await send()).text).toBe(first.text);
  await plane.change({ do: 'create-project', project: 'after' });
});

it('the decision service: the same intent gets the same decision', async () => {
  await survives(kill('decision'));
  expect((await shop().ops.sendIntent(early)).text).toBe(early.answer.text);
});

it('the approval service: a gate opened before the crash can be voted on after it, one escalated meanwhile is opened', async () => {
  const { ops, bob, plane } = shop();
  const intents = [await ops.decide(DROP)];
  await survives(async () => {
    const back = plane.kill('approval');
    intents.push(await ops.decide(DROP));
    await back;
  });
  for (const intent of intents) {
    const fits = ({ document: d }: { document: Signed }) =>
      d.type === Event.opened && d.data['intentId'] === intent.id;
    await bob.vote((await plane.ledger.until(fits, 'the gate')).document, 'approve');
    expect((await ops.receiptInTime(intent)).first.type).toBe(Event.issued);
  }
});

it('the receipt ledger: the same request gets the same receipt, and its outcome is still wanted', async () => {
  const { ops } = shop();
  await survives(kill('receipt-ledger'));
  expect((await ops.receiptInTime(early)).first.id).toBe(receipt.id);
  expect((await ops.report(receipt)).first.type).toBe('writ.outcome.succeeded.v1');
});

it('the anomaly detector: a burst that began before the crash is flagged after it', async () => {
  const { ops, plane } = shop();
  for (let n = 0; n < 3; n += 1) await ops.decide(DELETE);
  await survives(kill('anomaly-detector'));
  for (let n = 0; n < 2; n += 1) await ops.decide(DELETE);
  await plane.ledger.until((e) => e.document.type === 'writ.conduct.flagged.v1', 'the flag');
});

it('the kill switch: leases begin again only with every halt in force, and halts are heard as before', async () => {
  const { oncall, ops, alice } = shop();
  await survives(kill('kill-switch'));
  const [recorded] = await oncall.haltRequest(OPS);
  await expect
    .poll(async () => (await ops.decide(READ)).answer.first.data['codes'], { interval: 20 })
    .toContain('halted');
  expect((await alice.release(OPS, [String(recorded?.data['halt'])])).first.type).toBe(Event.released);
});

it('the read model: goes on from its checkpoint and answers about what happened meanwhile', async () => {
  const { plane, ops } = shop();
  await survives(kill('read-model'));
  const last = await ops.decide(READ);
  await readModelCaughtUp(plane);
  expect(JSON.stringify(await plane.api(`/v1/actions?agent=${OPS}&last=1h`))).toContain(last.id);
});

it('the NATS server: every connection comes back, and the ledger is as it was', async () => {
  const { plane } = shop();
  await survives(async () => {
    await plane.nats.kill();
    await plane.nats.restart();
  });
  // A single server has lost its memory streams with the crash: a service that starts after it has to do without them.
  await survives(kill('decision'));
});

it('the Postgres server: every recorded decision has its private values kept, also those of the moment of the crash', async () => {
  const { plane } = shop();
  await survives(async () => {
    await plane.postgres.kill();
    await new Promise((resolve) => setTimeout(resolve, 300));
    await plane.postgres.restart();
  });
  await readModelCaughtUp(plane);
  const wanted = (await plane.ledger.of(Event.permitted, Event.escalated)).flatMap((e) =>
    privateDigests(e.document),
  );
  const pool = connectReadSide(plane.databaseUrl, 1);
  const { rows } = await pool.query('select count(*) as n from vault.entry where digest = any($1)', [wanted]);
  await pool.end();
  expect(wanted.length).toBeGreaterThan(100);
  expect(Number(rows[0].n)).toBe(new Set(wanted).size);
});

itLeavesAValidLedger(() => shop().plane);
