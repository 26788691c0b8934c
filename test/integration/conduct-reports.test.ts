// What services report about agents, through the whole plane: a flood is one event of the ledger, an id used twice a flag.

import { readFileSync } from 'node:fs';
import { type Frame, inboxOf, type ServiceName, subjects } from '@writ/contracts';
import { frameBytes, readKeyFile } from '@writ/crypto';
import { connectBus, readViolations, signLive } from '@writ/runtime';
import { afterEach, describe, expect, it } from 'vitest';
import { itLeavesAValidLedger } from '../harness/audit.js';
import { DELETE, DROP, ENV, Event, OPS, READ, useShop } from '../harness/shop.js';

const FLOODER = `${ENV}.flooder`;
const REUSER = `${ENV}.reuser`;
const HELD = `${ENV}.held`;
const FLOOD = 'writ.conduct.flood-shed.v1';
const FLAG = 'writ.conduct.flagged.v1';
const shop = useShop({ agents: [OPS, FLOODER, REUSER, HELD] });
const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((connection) => connection.close()));
});

/** The bus as a service, beside the service itself. */
const owned = async (service: ServiceName) => {
  const { natsUrl, paths } = shop().plane;
  const seedFile = paths.natsSeed(service);
  const bus = await connectBus({ url: natsUrl, seedFile, inboxPrefix: inboxOf(service), name: 'owned' });
  open.push(bus);
  return bus;
};
const report = (service: 'decision' | 'approval', asker: string, signer: ServiceName = service) => {
  const at = new Date().toISOString();
  const data = { about: 'flood', kind: 'intent', asker, shed: 5, from: at, to: at } as const;
  const key = readKeyFile(shop().plane.paths.keyFile(signer));
  return signLive('conduct-report', subjects.report('acme', service), data, key).bytes;
};
const floodsOf = async (asker: string) =>
  (await shop().plane.ledger.of(FLOOD)).filter((e) => e.document.data['asker'] === asker);
const refusedBecomes = (code: string, atLeast: number) =>
  expect
    .poll(async () => (await shop().plane.refusals('anomaly-detector'))[code] ?? 0, { timeout: 5000 })
    .toBeGreaterThanOrEqual(atLeast);

describe('a flood', () => {
  it('of a real agent is shed, and stands in the ledger as one summary event', async () => {
    const { plane } = shop();
    const flooder = await plane.raw(FLOODER);
    for (let n = 0; n < 500; n += 1) flooder.bus.publish(subjects.state(FLOODER), Buffer.from('{}'));
    await flooder.bus.flush();
    const event = await plane.ledger.until((e) => e.document.type === FLOOD, 'the flood', 8000);
    expect(event.document.data).toMatchObject({ service: 'kill-switch', kind: 'state', asker: FLOODER });
    expect(event.document.data['shed']).toBeGreaterThan(300);
    expect(await floodsOf(FLOODER)).toHaveLength(1);
    expect((await flooder.state()).first.data['containment']).toBe('none');
  });

  it('is recorded once: its report, sent again by its own service, is refused by a code', async () => {
    const { plane } = shop();
    const [event] = await floodsOf(FLOODER);
    const killSwitch = await owned('kill-switch');
    killSwitch.publish(
      subjects.report('acme', 'kill-switch'),
      frameBytes(event?.document.data['report'] as Frame),
    );
    await refusedBecomes('WRIT-CON-005', 1);
    expect(await floodsOf(FLOODER)).toHaveLength(1);
    expect((await plane.ledger.of(FLAG)).map((e) => e.document.data['agent'])).not.toContain(FLOODER);
  });

  it('is believed of nobody but the service that shed it: the bus refuses the subject, the detector the key', async () => {
    const { plane } = shop();
    const before = readViolations(readFileSync(plane.paths.natsLog, 'utf8')).length;
    for (const service of ['approval', 'registry', 'receipt-ledger', 'anomaly-detector'] as const) {
      const bus = await owned(service);
      bus.publish(subjects.report('acme', 'decision'), report('decision', OPS));
      await bus.flush();
    }
    const ops = await plane.raw(OPS);
    ops.bus.publish(subjects.report('acme', 'decision'), report('decision', OPS));
    await ops.bus.flush();
    await expect
      .poll(() => readViolations(readFileSync(plane.paths.natsLog, 'utf8')).slice(before))
      .toMatchObject(Array(5).fill({ kind: 'publish', subject: 'gov.report.acme.decision' }));
    const decision = await owned('decision');
    decision.publish(subjects.report('acme', 'decision'), report('decision', OPS, 'approval'));
    await refusedBecomes('WRIT-FRM-007', 1);
    expect(await floodsOf(OPS)).toEqual([]);
  });
});

describe('an intent id that is used twice', () => {
  it('is refused and flagged, with both intents in the record, and the next consequential action waits', async () => {
    const { plane } = shop();
    const reuser = await plane.raw(REUSER);
    const first = await reuser.decide(READ);
    expect((await reuser.sendIntent(first)).first.type).toBe(Event.permitted);
    const second = await reuser.decide(DELETE, { id: first.id });
    expect(second.answer.code).toBe('WRIT-DEC-002');
    const flag = await plane.ledger.until((e) => e.document.type === FLAG, 'the flag', 5000);
    expect(flag.document.data).toMatchObject({
      ...{ agent: REUSER, detector: 'intent-id-reused', events: [`${first.id}.decision.0`] },
      intent: { signed: { id: first.id, data: { action: { operation: DELETE.operation } } } },
    });
    await expect
      .poll(async () => (await reuser.decide(DELETE)).answer.first.type, { timeout: 3000 })
      .toBe(Event.escalated);
    expect((await reuser.decide(READ)).answer.first.type).toBe(Event.permitted);
  });

  it('flags nobody when somebody else repeats what the agent sent, or signs another intent under its id', async () => {
    const { plane, ops } = shop();
    const victim = await ops.decide(READ);
    const reuser = await plane.raw(REUSER);
    const stolen = await reuser.decide(DELETE, { id: victim.id });
    expect(stolen.answer.code).toBe('WRIT-DEC-002');
    await ops.sendIntent(victim);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect((await ops.state()).first.data['containment']).toBe('none');
    expect((await plane.ledger.of(FLAG)).map((e) => e.document.data['agent'])).toEqual([REUSER]);
    expect((await ops.receiptInTime(victim)).first.type).toBe(Event.issued);
  });
});

describe('an approval that the detector did not hear', () => {
  it('is found again after its restart, and clears the agent', async () => {
    const { plane, bob } = shop();
    const held = await plane.raw(HELD);
    const first = await held.decide(READ);
    await held.decide(DELETE, { id: first.id });
    await expect
      .poll(async () => (await held.state()).first.data['containment'], { timeout: 5000 })
      .toBe('gate');
    const waiting = await held.decide(DELETE);
    expect(waiting.answer.first.type).toBe(Event.escalated);
    const about = (type: string) =>
      plane.ledger.until((e) => e.document.type === type && e.document.data['intentId'] === waiting.id, type);
    const opened = (await about(Event.opened)).document;
    plane.pause('anomaly-detector');
    await bob.vote(opened, 'approve');
    await about('writ.approval.granted.v1');
    await plane.kill('anomaly-detector');
    await expect
      .poll(async () => (await held.state()).first.data['containment'], { timeout: 5000 })
      .toBe('watch');
    expect((await held.decide(DROP)).answer.first.type).toBe(Event.escalated);
  });
});

describe('afterwards', () => itLeavesAValidLedger(() => shop().plane));
