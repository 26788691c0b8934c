// An owned service, or an owned bootstrap key, attacks the bus: what it cannot do, and that what it can do is junk.
import { inboxOf, LEDGER_PAYLOAD_TYPE } from '@writ/contracts';
import {
  generateKeyPair,
  type KeyPair,
  link,
  openFrame,
  readFrame,
  signFrame,
  ZERO_DIGEST,
} from '@writ/crypto';
import { admit, emptyChain } from '@writ/domain';
import type { StoredMessage } from '@writ/ledger';
import { expect, test } from 'vitest';
import { BOT, DECISIONS, decisionLedger, each, listen, settled, useBus } from './bus-world.js';

const { as, attempt, bootstrap, world } = useBus();

const FAMILIES_OF = {
  registry: ['registry.acme'],
  decision: ['decision.acme.shop.prod'],
  approval: ['approval.acme.shop.prod'],
  'receipt-ledger': ['authority.acme.shop.prod', 'outcome.acme.shop.prod'],
  'anomaly-detector': ['conduct.acme.shop.prod'],
  'kill-switch': ['authority.acme.shop.prod', 'stop.acme.shop.prod'],
} as const;

test('a service writes its own families and no other, and can neither empty a stream nor answer for the server', async () => {
  const everything = [...new Set(Object.values(FAMILIES_OF).flat())].map((rest) => `gov.ledger.${rest}`);
  const forbidden = [
    'gov.ledger.decision.globex.shop.prod',
    `gov.intent.${BOT}`,
    'gov.halt.oncall.acme',
    '$JS.API.STREAM.UPDATE.GOV_LEDGER',
    '$JS.API.STREAM.DELETE.GOV_LEDGER',
    '$JS.API.STREAM.PURGE.GOV_LEDGER',
    '$JS.API.STREAM.MSG.DELETE.GOV_LEDGER',
    '$JS.API.CONSUMER.LIST.GOV_LEDGER',
    '$JS.ACK.GOV_LEDGER.x',
    'gov.command.registry.acme.root',
    'gov.report.acme.registry',
  ];
  for (const [service, families] of Object.entries(FAMILIES_OF)) {
    const own = families.map((rest) => `gov.ledger.${rest}`);
    const others = Object.keys(FAMILIES_OF).filter((name) => name !== service);
    const foreign = [
      ...everything.filter((s) => !own.includes(s)),
      ...forbidden,
      ...others.map((n) => `${inboxOf(n)}.ack.1`),
    ];
    const connection = await as(service);
    const before = await world();
    expect(await attempt(connection, service, each(foreign))).toEqual(foreign.map((s) => `publish ${s}`));
    expect(await world()).toEqual(before);
    expect(await attempt(connection, service, each(own))).toEqual([]);
    expect(await world()).toEqual({ ...before, GOV_LEDGER: (before['GOV_LEDGER'] ?? 0) + own.length });
  }
});

test('services halt under their reserved names only, and the kill-switch alone hears GOV_HALTS', async () => {
  const before = await world();
  const lawful = {
    decision: 'gov.halt.svc-decision.acme.shop',
    'anomaly-detector': 'gov.halt.svc-anomaly.acme',
  };
  for (const [service, subject] of Object.entries(lawful)) {
    const connection = await as(service);
    const swapped = Object.values(lawful).filter((other) => other !== subject);
    const forged = [...swapped, 'gov.halt.dana.acme', '$JS.API.CONSUMER.CREATE.GOV_HALTS.x'].map(
      (s) => [s] as const,
    );
    expect(await attempt(connection, service, forged)).toEqual(forged.map(([s]) => `publish ${s}`));
    expect(await attempt(connection, service, [[subject]])).toEqual([]);
  }
  expect(await world()).toEqual({ ...before, GOV_HALTS: (before['GOV_HALTS'] ?? 0) + 2 });
});

test('a service reports under its own name, and the detector alone hears it', async () => {
  const reporting = ['decision', 'receipt-ledger', 'kill-switch'];
  const detector = listen(await as('anomaly-detector'), 'gov.report.acme.*');
  for (const service of Object.keys(FAMILIES_OF)) {
    const connection = await as(service);
    const foreign = reporting.filter((name) => name !== service).map((name) => `gov.report.acme.${name}`);
    expect(await attempt(connection, service, each(foreign))).toEqual(foreign.map((s) => `publish ${s}`));
    if (service !== 'anomaly-detector') {
      const heard = listen(connection, 'gov.report.acme.*');
      await connection.flush();
      await settled();
      expect([service, heard.refused()]).toEqual([service, true]);
    }
    if (reporting.includes(service))
      expect(await attempt(connection, service, each([`gov.report.acme.${service}`]))).toEqual([]);
  }
  expect(detector.heard).toEqual(reporting.map((name) => `gov.report.acme.${name} attack`));
});

test('the bootstrap identity makes streams and writes nothing into them', async () => {
  const before = await world();
  const targets = [
    DECISIONS,
    'gov.halt.dana.acme',
    '$JS.API.STREAM.DELETE.GOV_LEDGER',
    '$JS.API.STREAM.CREATE.EVIL',
  ];
  expect(await attempt(bootstrap(), 'bootstrap', each(targets))).toEqual(targets.map((s) => `publish ${s}`));
  expect(await world()).toEqual(before);
});

test('what an owned service has the server write elsewhere is junk: no frame, and none of its own chain', async () => {
  const approval = await as('approval');
  const authority = 'gov.ledger.authority.acme.shop.prod';
  const before = await world();
  const own = 'gov.ledger.approval.acme.shop.prod';
  expect(await attempt(approval, 'approval', [[own, authority]])).toEqual([]);
  const last = (before['GOV_LEDGER'] ?? 0) + 2;
  expect(await world()).toEqual({ ...before, GOV_LEDGER: last });
  const ledger = decisionLedger(await as('decision'));
  const [injected] = await stream(ledger.load(authority, last - 1));
  expect(injected?.seq).toBe(last);
  expect(readFrame(injected?.bytes ?? new Uint8Array()).ok).toBe(false);
  await ledger.close();
});

test('an old frame replayed has no effect: nobody outside may send it, and from its own writer it is junk', async () => {
  const subject = 'gov.ledger.decision.acme.shop.replay';
  const [decision, bot, ada] = [await as('decision'), await as(BOT), await as('ada')];
  const ledger = decisionLedger(decision);
  const key = generateKeyPair();
  const first = event(key, subject, { ver: 1, prev: ZERO_DIGEST });
  const stored = await ledger.append({ subject, expected: 0, messages: [{ id: 'first', bytes: first }] });
  const [seq = 0] = stored.kind === 'stored' ? stored.seqs : [];
  expect(seq).toBeGreaterThan(0);
  const before = await world();
  for (const [name, who] of [
    [BOT, bot],
    ['ada', ada],
  ] as const) {
    expect(await attempt(who, name, [[subject]], first)).toEqual([`publish ${subject}`]);
  }
  const late = await ledger.append({ subject, expected: 0, messages: [{ id: 'first', bytes: first }] });
  expect(late.kind).toBe('conflict');
  expect(await world()).toEqual(before);

  decision.publish(subject, first);
  await decision.flush();
  await settled();
  const [one, two] = await stream(ledger.load(subject, 0));
  const chain = judged(key, emptyChain, one);
  expect(chain.kind).toBe('event');
  const replay = chain.kind === 'event' ? judged(key, chain.chain, two) : chain;
  expect(replay).toMatchObject({ kind: 'junk', code: 'WRIT-ADM-003' });
  const elsewhere = two === undefined ? two : { ...two, subject: DECISIONS };
  expect(judged(key, emptyChain, elsewhere)).toMatchObject({ kind: 'junk', code: 'WRIT-FRM-008' });
  await ledger.close();
});

function event(key: KeyPair, subject: string, place: { ver: number; prev: string }): Uint8Array {
  const document = {
    specversion: '1.0',
    id: '0190a000-0000-7000-8000-000000000001.decision.0',
    type: 'writ.decision.permitted.v1',
    source: '/writ/decision',
    subject,
    time: '2026-11-21T00:00:00.000Z',
    datacontenttype: 'application/json',
    kid: key.kid,
    seen: 0,
    causationid: 'x',
    correlationid: 'x',
    ...place,
    data: {},
  };
  return signFrame(LEDGER_PAYLOAD_TYPE, document, key);
}

function judged(key: KeyPair, chain: typeof emptyChain, message: StoredMessage | undefined) {
  const opened = openFrame(message?.bytes ?? new Uint8Array(), LEDGER_PAYLOAD_TYPE, key);
  if (!opened.ok || message === undefined) throw new Error('the stored frame does not open');
  const record = {
    kid: key.kid,
    x: key.x,
    role: 'decision',
    holder: 'decision',
    scope: 'acme',
    certifiedAt: 0,
  } as const;
  const { digest, document } = opened;
  const rules = { keys: { find: () => record }, link, accepts: () => 'known' as const };
  return admit(chain, { seq: message.seq, subject: message.subject, document, digest }, rules);
}

async function stream(source: AsyncIterable<StoredMessage>): Promise<StoredMessage[]> {
  const messages: StoredMessage[] = [];
  for await (const message of source) messages.push(message);
  return messages;
}
