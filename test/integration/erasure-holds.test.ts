// Erasure against holds, crashes and time: what is held stays, what was ordered is finished, what is past its retention goes.
import { connectPostgres, createVaultEraser } from '@writ/runtime';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { itLeavesAValidLedger } from '../harness/audit.js';
import { boundary } from '../harness/documents.js';
import { ERASED, ORDERED, subjectOf, useErasure } from '../harness/erasing.js';
import { ENV, Event, READ } from '../harness/shop.js';

const {
  shop,
  tell,
  erase,
  hold,
  lift,
  month,
  act,
  kept,
  admin,
  typesOf,
  openOrders,
  withoutRights,
  eraserUrl,
} = useErasure();

beforeAll(async () => {
  const { plane, ops } = shop();
  await plane.publish(boundary('shop', ENV, { dataSubject: 'args.customer' }));
  const receipt = async () => (await ops.receiptInTime(await ops.decide(READ))).first.type;
  await vi.waitFor(async () => expect(await receipt()).toBe(Event.issued), {
    timeout: 15_000,
    interval: 200,
  });
});

describe('a legal hold', () => {
  it('on the environment refuses every order about it until it is lifted', async () => {
    const id = await act('c-2', 'held-value');
    const held = await hold({ kind: 'scope', scope: ENV });
    expect((await erase(month)).code).toBe('WRIT-ERA-001');
    expect((await erase({ kind: 'intent', intentId: id })).code).toBe('WRIT-ERA-001');
    const { target, words } = subjectOf('c-2');
    expect((await erase(target, words)).code).toBe('WRIT-ERA-001');
    expect(await kept('held-value')).toBe(true);
    await lift(held);
    expect(typesOf(await erase(target, words))).toEqual([ORDERED, ERASED]);
    expect(await kept('held-value')).toBe(false);
  });

  it('is told of to nobody who may not order the erasure', async () => {
    await act('c-9', 'value-of-nine');
    const held = await hold({ kind: 'scope', scope: ENV });
    const order = { do: 'erase' as const, target: month, reason: { _sd: [] } };
    const { target, words } = subjectOf('c-9');
    const bob = await shop().plane.person('bob');
    expect((await tell(order, [], bob)).code).toBe('WRIT-REG-001');
    expect((await tell({ ...order, target }, words, bob)).code).toBe('WRIT-REG-001');
    await lift(held);
    expect((await tell(order, [], bob)).code).toBe('WRIT-REG-001');
  });

  it("on a person refuses the erasure of an agent's month that has values about them", async () => {
    await act('c-3', 'value-of-three');
    const { target, words } = subjectOf('c-3');
    const held = await hold(target, words);
    expect((await erase(month)).code).toBe('WRIT-ERA-001');
    expect(await kept('value-of-three')).toBe(true);
    await lift(held);
  });

  it('placed after the order and before it was carried out blocks it, over a restart too; lifted, it is carried out', async () => {
    const { plane } = shop();
    const id = await act('c-4', 'value-of-four');
    await withoutRights(async () => {
      expect(typesOf(await erase({ kind: 'intent', intentId: id }))).toEqual([ORDERED]);
    });
    const held = await hold({ kind: 'intent', intentId: id });
    await plane.kill('registry');
    expect(await openOrders()).toMatchObject([{ what: { intentId: id } }]);
    expect(await kept('value-of-four')).toBe(true);
    await lift(held);
    await plane.kill('registry');
    expect(await openOrders()).toEqual([]);
    expect(await kept('value-of-four')).toBe(false);
  }, 60_000);
});

describe('a crash', () => {
  it('between the order and the deletion is finished at the next start', async () => {
    const { plane } = shop();
    const id = await act('c-5', 'value-of-five');
    await withoutRights(async () => {
      expect(typesOf(await erase({ kind: 'intent', intentId: id }))).toEqual([ORDERED]);
      expect(await kept('value-of-five')).toBe(true);
    });
    await plane.kill('registry');
    expect(await kept('value-of-five')).toBe(false);
    expect(await openOrders()).toEqual([]);
  });

  it('between the deletion and its record is finished at the next start, with what was really destroyed', async () => {
    const { plane } = shop();
    const id = await act('c-6', 'value-of-six');
    const target = { kind: 'intent', intentId: id } as const;
    let order = '';
    await withoutRights(async () => {
      order = (await erase(target)).first.id;
    });
    const pool = connectPostgres(await eraserUrl());
    const outcome = await createVaultEraser(pool).erase(order, target, []);
    await pool.end();
    if (outcome.kind !== 'erased') throw new Error(outcome.kind);
    expect(outcome.disclosures.count).toBe(3);
    await plane.kill('registry');
    const record = await plane.ledger.until(
      (e) => e.document.type === ERASED && e.document.data['order'] === order,
      'the record',
    );
    expect(record.document.data).toMatchObject({ keys: outcome.keys, disclosures: outcome.disclosures });
  });
});

describe('the end of a retention', () => {
  it('is found by the sweep, ordered and recorded by the registry itself, and goes around what is held', async () => {
    const { plane } = shop();
    const retention = { class: 'financial', days: 30 };
    await plane.publish(boundary('shop', ENV, { dataSubject: 'args.customer', retention }));
    const [past, held] = [await act('c-7', 'value-of-seven'), await act('c-8', 'value-of-eight')];
    await act('c-9', 'value-of-nine');
    const { rows } = await admin('select erase_after from vault.entry where intent = $1', [past]);
    expect((rows[0].erase_after as Date).getTime() - Date.now()).toBeGreaterThan(29.9 * 86_400_000);
    await admin("update vault.entry set erase_after = now() - interval '1 hour' where intent = any($1)", [
      [past, held],
    ]);
    const kept8 = await hold({ kind: 'intent', intentId: held });
    await plane.kill('registry');
    const due = await plane.ledger.until(
      (e) => e.document.type === 'writ.registry.retention-due.v1',
      'the order',
    );
    expect(due.document.data).toMatchObject({ class: 'financial' });
    const record = await plane.ledger.until(
      (e) => e.document.type === ERASED && e.document.data['order'] === due.document.id,
      'the record',
    );
    expect(record.document.data).toMatchObject({ disclosures: { count: 3 } });
    expect(await Promise.all(['seven', 'eight', 'nine'].map((n) => kept(`value-of-${n}`)))).toEqual([
      false,
      true,
      true,
    ]);
    await lift(kept8);
    await plane.kill('registry');
    expect(await kept('value-of-eight')).toBe(false);
  }, 120_000);
});

itLeavesAValidLedger(() => shop().plane);
