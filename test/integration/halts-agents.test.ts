// Halts as agents live through them, and the kill switch that is killed in the middle of them.
import type { WritClient } from '@writ/client';
import { environmentOf, subjects } from '@writ/contracts';
import { signLive } from '@writ/runtime';
import { describe, expect, it } from 'vitest';
import { documentOf, type Signed } from '../harness/answer.js';
import { itLeavesAValidLedger } from '../harness/audit.js';
import { haltOf, SECOND, STAGING, STORE, useHaltWorld } from '../harness/halting.js';
import { Event, OPS, READ } from '../harness/shop.js';

const { shop, asker, isDenied, releaseAll } = useHaltWorld();

describe('an agent', () => {
  const intent = {
    action: { tool: 'psql', operation: READ.operation, resource: READ.resource, args: READ.args },
  };
  const isOpen = (client: WritClient) => () => client.status().gate.kind;

  it('acknowledges, hands its state over, stays halted over a restart, and gets its state back after the release', async () => {
    const { plane, oncall, alice } = shop();
    const first = await plane.agent(OPS, { preserveState: () => ({ step: 7, todo: ['b', 'c'] }) });
    const [fact] = await oncall.haltRequest(OPS);
    const name = haltOf(fact as Signed);
    const about = (type: string) =>
      plane.ledger.until(
        (e) => e.document.type === type && (e.document.data['halts'] as string[]).includes(name),
        type,
      );
    expect((await about('writ.stop.acknowledged.v1')).document.data).toMatchObject({
      agent: OPS,
      state: 'idle',
    });
    const kept = await plane.ledger.until(
      (e) => e.document.type === 'writ.stop.state-preserved.v1',
      'the state',
    );
    expect(kept.text).not.toContain('todo');
    await first.close();

    let restored: unknown;
    const restoreState = (value: unknown): void => {
      restored = value;
    };
    const second = await plane.agent(OPS, { restoreState });
    expect(second.status().gate).toMatchObject({ kind: 'closed', code: 'WRIT-ENF-001' });
    expect(await second.authorize(intent)).toMatchObject({ kind: 'refused', code: 'WRIT-ENF-001' });
    expect(restored).toBeUndefined();
    await alice.release(OPS, [name]);
    await expect.poll(isOpen(second), { timeout: 5000 }).toBe('open');
    await expect.poll(() => restored, { timeout: 5000 }).toEqual({ step: 7, todo: ['b', 'c'] });
    await plane.ledger.until((e) => e.document.type === 'writ.stop.state-restored.v1', 'the restoration');
    expect((await second.authorize(intent)).kind).toBe('permitted');
    await second.close();
  });

  it('is told and aborted at once; one beside it works on', async () => {
    const { plane, oncall } = shop();
    const [stopped, working] = [await plane.agent(OPS), await plane.agent(STORE)];
    const run = async (client: WritClient) => {
      const authorised = await client.authorize(intent);
      if (authorised.kind !== 'permitted') throw new Error(authorised.kind);
      return client.execute(authorised.handle, async (_, { signal }) => {
        await new Promise<void>((resolve) => {
          signal.addEventListener('abort', () => resolve());
          setTimeout(resolve, 1500);
        });
        return signal.aborted;
      });
    };
    const running = [run(stopped), run(working)];
    await expect.poll(() => stopped.status().running + working.status().running).toBe(2);
    const at = performance.now();
    await oncall.halt(OPS);
    expect(await running[0]).toMatchObject({ value: true });
    expect(performance.now() - at).toBeLessThan(1200);
    expect(await running[1]).toMatchObject({ kind: 'executed', value: false });
    await releaseAll('acme');
    await Promise.all([stopped.close(), working.close()]);
  });

  it('that is there and does not acknowledge is recorded as unconfirmed', async () => {
    const { plane, oncall } = shop();
    await asker(SECOND).state();
    const [fact] = await oncall.haltRequest(SECOND);
    const silent = await plane.ledger.until(
      (e) =>
        e.document.type === 'writ.stop.unconfirmed.v1' &&
        (e.document.data['halts'] as string[]).includes(haltOf(fact as Signed)),
      'the silence',
      8000,
    );
    expect(silent.document.data['agents']).toEqual([SECOND]);
    await releaseAll('acme');
  });
});

describe('the kill switch', () => {
  it('answers a release in good time while a thousand acknowledgements come in', async () => {
    const { oncall, alice } = shop();
    const [fact] = await oncall.haltRequest(OPS);
    const name = haltOf(fact as Signed);
    const { bus, key } = asker(OPS);
    const subject = subjects.ack(OPS);
    const heardAt = new Date().toISOString();
    const acks = Array.from({ length: 1000 }, (_, aborted) => {
      const data = { agent: OPS, halts: [name], state: 'aborted' as const, aborted, heardAt };
      return signLive('ack', subject, data, key).bytes;
    });
    for (const bytes of acks) bus.publish(subject, bytes);
    await bus.flush();
    const at = performance.now();
    await alice.release(OPS, [name]);
    expect(performance.now() - at).toBeLessThan(5000);
  });

  it('killed and started again has every halt in force, and releases what it did not hear itself', async () => {
    const { plane, oncall } = shop();
    await oncall.haltRequest(STAGING);
    await plane.kill('kill-switch');
    const state = await asker(STAGING).state();
    expect(state.first.data['halts']).toHaveLength(1);
    await isDenied(STAGING);
    await releaseAll('acme');
  });

  it('records what was published while it was down before it renews any lease', async () => {
    const { plane, oncall } = shop();
    const leases: Signed[] = [];
    asker(OPS).bus.subscribe(subjects.lease(environmentOf(OPS)), {
      callback: (_, message) => void leases.push(documentOf(message.data)),
    });
    await asker(OPS).bus.flush();
    const died = Date.now();
    const back = plane.kill('kill-switch');
    await oncall.halt(OPS, '{"reason":"nobody home"}');
    await back;
    await expect.poll(() => leases.filter((l) => Date.parse(l.time) > died + 50).length).toBeGreaterThan(0);
    const [fact] = (await plane.ledger.of(Event.halted)).slice(-1);
    expect(fact?.document.data['scope']).toBe(OPS);
    const renewed = leases.find((l) => Date.parse(l.time) > died + 50);
    expect(renewed?.data['haltPosition']).toBe(fact?.seq);
    await isDenied(OPS);
    await releaseAll('acme');
  });
});

itLeavesAValidLedger(() => shop().plane);
