// The invariants of ARCHITECTURE §7 about what happens when parts are gone: nothing new is executed, nothing acknowledged is lost.
import type { WritClient } from '@writ/client';
import { type ServiceName, subjects } from '@writ/contracts';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Signed } from '../harness/answer.js';
import { itLeavesAValidLedger } from '../harness/audit.js';
import { acknowledgedLoad } from '../harness/load.js';
import { DROP, Event, OPS, READ, useShop } from '../harness/shop.js';

const shop = useShop();
let client: WritClient;
let executed = 0;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const intent = {
  action: { tool: 'psql', operation: READ.operation, resource: READ.resource, args: READ.args },
};
const count = (): void => {
  executed += 1;
};
/** Asks and executes as an agent does; what came of it. */
const act = async (timeoutMs: number): Promise<string> => {
  const authorised = await client.authorize(intent, { timeoutMs });
  if (authorised.kind !== 'permitted') return authorised.kind;
  const done = await client.execute(authorised.handle, count, { timeoutMs });
  return done.kind;
};

beforeAll(async () => {
  client = await shop().plane.agent(OPS);
});

describe('invariant 9: with a component gone, nothing that needs it is executed', () => {
  for (const service of ['decision', 'receipt-ledger', 'kill-switch'] as const) {
    it(`nothing at all while the ${service} service hangs, and it goes on when it is back`, async () => {
      const { plane } = shop();
      expect(await act(5000)).toBe('executed');
      const before = executed;
      const receipts = (await plane.ledger.of(Event.issued)).length;
      plane.pause(service);
      try {
        // The last lease is good for 1.5 s: until then a plane without kill-switch is one whose kill-switch has just spoken.
        if (service === 'kill-switch') await pause(1600);
        const tried = await Promise.all([act(1500), act(1500), act(1500)]);
        expect(tried).not.toContain('executed');
        expect(executed).toBe(before);
        if (service === 'kill-switch')
          expect(client.status().gate).toMatchObject({ kind: 'closed', code: 'WRIT-ENF-002' });
      } finally {
        plane.resume(service);
      }
      await expect.poll(() => act(3000), { timeout: 10_000 }).toBe('executed');
      expect((await plane.ledger.of(Event.issued)).length).toBeGreaterThan(receipts);
    });
  }

  it('nothing at all while the NATS server hangs; an enforcement point without a fresh lease stops by itself', async () => {
    const { plane } = shop();
    const running = await client.authorize(intent);
    if (running.kind !== 'permitted') throw new Error('not permitted');
    let aborted = false;
    const done = client
      .execute(
        running.handle,
        (_, { signal }) =>
          new Promise<void>((resolve) => {
            signal.addEventListener('abort', () => {
              aborted = true;
              resolve();
            });
          }),
      )
      .catch(() => undefined);
    await pause(300);
    await plane.nats.pause();
    try {
      await expect.poll(() => aborted, { timeout: 4000 }).toBe(true);
      const before = executed;
      expect(await act(1000)).not.toBe('executed');
      expect(executed).toBe(before);
    } finally {
      plane.nats.resume();
    }
    await done;
    await expect.poll(() => act(3000), { timeout: 20_000 }).toBe('executed');
  });

  it('nothing escalated while the approval service hangs, whatever people say meanwhile', async () => {
    const { plane, ops, bob } = shop();
    plane.pause('approval');
    const waiting = await ops.decide(DROP);
    const escalated = waiting.answer.first;
    const shown = { ...escalated, data: { ...escalated.data, intentId: waiting.id } } as Signed;
    const boundaryDigest = (escalated.data['boundary'] as { digest: string }).digest;
    const voting = bob.vote(shown, 'approve', { boundaryDigest }).catch(() => undefined);
    expect((await ops.receipt(waiting)).code).toBe('WRIT-RCP-009');
    plane.resume('approval');
    await voting;
    const opened = await plane.ledger.until(
      (e) => e.document.type === Event.opened && e.document.data['intentId'] === waiting.id,
      'the gate',
    );
    await bob.vote(opened.document, 'approve');
    expect((await ops.receiptInTime(waiting)).first.type).toBe(Event.issued);
  });

  it('no command is carried out while the registry hangs, and it expires rather than working late', async () => {
    const { plane, alice } = shop();
    const command = await alice.signCommand(
      'registry',
      { do: 'create-project', project: 'late' },
      { expiresMs: 800 },
    );
    plane.pause('registry');
    const sent = alice.send(subjects.command('registry', 'acme', 'alice'), command, 6000);
    await pause(1000);
    plane.resume('registry');
    expect((await sent).code).toBe('WRIT-REG-005');
    const projects = (await plane.ledger.of('writ.registry.project-created.v1')).map(
      (e) => e.document.data['project'],
    );
    expect(projects).not.toContain('late');
  });
});

describe('invariant 10: what was acknowledged is never lost, what is refused is refused with a code and a reason', () => {
  it('every decision and receipt that was answered stands in the ledger exactly once, while everything is killed in turn', async () => {
    const { plane, ops } = shop();
    const load = acknowledgedLoad(ops, READ);
    const services: readonly ServiceName[] = ['decision', 'receipt-ledger', 'kill-switch', 'registry'];
    for (const service of services) {
      await pause(300);
      await plane.kill(service);
    }
    await plane.nats.kill();
    await plane.nats.restart();
    await expect.poll(() => load.sinceLast(), { timeout: 20_000, interval: 200 }).toBeGreaterThan(10);
    const { acknowledged, lost } = await load.stop();
    expect(lost).toEqual([]);
    const stored = new Map<string, number>();
    for (const { text } of await plane.ledger.all()) stored.set(text, (stored.get(text) ?? 0) + 1);
    const counts = acknowledged.map((text) => stored.get(text) ?? 0);
    expect(acknowledged.length).toBeGreaterThan(100);
    expect(counts.filter((n) => n !== 1)).toEqual([]);
    const decisions = (await plane.ledger.of(Event.permitted)).map((e) => e.document.id);
    expect(new Set(decisions).size).toBe(decisions.length);
  });

  it('a refusal says code, reason and what to do, signed by the service that was asked', async () => {
    const { ops } = shop();
    const { first } = await ops.receipt(ops.intent(READ));
    expect(first.type).toBe('writ.refusal.v1');
    expect(first.data).toMatchObject({ code: 'WRIT-RCP-001', retry: true });
    expect(String(first.data['reason'])).toMatch(/decision/);
    expect(String(first.data['next'])).toMatch(/\w/);
  });
});

itLeavesAValidLedger(() => shop().plane);
