// What the detector makes of reports: it records what is borne out, once, and refuses the rest by a code. It answers nobody.
import { type ConductReportData, LEDGER_PAYLOAD_TYPE, subjects } from '@writ/contracts';
import { type KeyPair, sha256, signFrame } from '@writ/crypto';
import { conductInitial, containmentOf, evolveConduct, historyInitial } from '@writ/domain';
import { createIntake, signLive, systemClock, type WriterPool } from '@writ/runtime';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeIntent } from '../../../test/harness/asker.js';
import { type QuietPlane, quietPlane } from '../../../test/harness/quiet-plane.js';
import { mayReport, takeReport } from '../src/reports.js';
import { createSubmit } from '../src/submit.js';

const ENV = 'acme.shop.prod';
const OPS = `${ENV}.ops`;
const OTHER = `${ENV}.other`;
const SUBJECT = subjects.report('acme', 'decision');
const READ = { operation: 'select', resource: 'db:shop/orders' };
let quiet: QuietPlane;
let conduct: WriterPool<typeof conductInitial>;
let stored: ReadonlyMap<string, Uint8Array> = new Map();

beforeAll(async () => {
  const members = { agents: [OPS, OTHER], points: [], people: [], revoked: [] };
  quiet = await quietPlane('anomaly-detector', members, systemClock);
  conduct = quiet.plane.writers('conduct', conductInitial, evolveConduct, { answer: 'stored' });
});
afterAll(() => quiet?.stop());

/** Delivers a report; the codes with which it was refused. */
const deliver = async (bytes: Uint8Array, subject = SUBJECT): Promise<readonly string[]> => {
  const { plane } = quiet;
  const frames = { of: async (id: string) => stored.get(id) };
  const deps = { plane, frames, submit: createSubmit(conduct), historyIn: () => historyInitial };
  const intake = createIntake(plane, {
    kind: 'conduct-report',
    subject: subjects.report('acme', '*'),
    mayHold: mayReport,
    handle: (message) => takeReport(deps, message),
  });
  const before = quiet.logs.length;
  quiet.bus.deliver(subject, bytes, `_INBOX.${subject.split('.')[3]}.1`);
  await intake.stop();
  expect(quiet.bus.taken()).toEqual([]);
  const lines = quiet.logs.slice(before).map((line) => JSON.parse(line) as Record<string, string>);
  return lines.flatMap(({ event, code }) => (event === 'refused' ? [code ?? ''] : []));
};
const ago = (ms: number): string => new Date(Date.now() - ms).toISOString();
const flood = (asker = OPS): ConductReportData => ({
  ...({ about: 'flood', kind: 'intent', asker, shed: 99 } as const),
  ...{ from: ago(5000), to: ago(10) },
});
const signed = (data: ConductReportData, key: KeyPair = quiet.key('svc:decision'), subject = SUBJECT) =>
  signLive('conduct-report', subject, data, key).bytes;
const floods = () => conduct.state(ENV).floods.size;
/** Two intents under one id: the report, and the decision on the first as the ledger would hold it. */
const reuse = (second: string, key: string, first = second, firstDigest = sha256('another')) => {
  const intent = makeIntent(second, quiet.key(key), READ);
  const [frame = ''] = Buffer.from(intent.bytes).toString('utf8').split('\n');
  const recorded = `${intent.id}.decision.0`;
  const decision = { kid: quiet.key('svc:decision').kid, data: { agent: first, intentDigest: firstDigest } };
  stored = new Map([[recorded, signFrame(LEDGER_PAYLOAD_TYPE, decision, quiet.key('svc:decision'))]]);
  return signed({ about: 'intent-id-reused', intent: JSON.parse(frame), recorded });
};

test('a flood is recorded once; the same report again, and one more at once, are refused', async () => {
  const report = signed(flood());
  expect(await deliver(report)).toEqual([]);
  expect(floods()).toBe(1);
  expect(await deliver(report)).toEqual(['WRIT-CON-005']);
  expect(await deliver(signed(flood()))).toEqual(['WRIT-FRM-011']);
});

test('a report that another key signed, that is for another subject, or that was altered, is refused', async () => {
  for (const holder of [OPS, 'alice', 'svc:approval', 'svc:kill-switch'])
    expect(await deliver(signed(flood(OTHER), quiet.key(holder)))).toEqual(['WRIT-FRM-007']);
  const own = subjects.report('acme', 'kill-switch');
  expect(await deliver(signed(flood(OTHER)), own)).toEqual(['WRIT-FRM-008']);
  const text = Buffer.from(signed(flood(OTHER))).toString('utf8');
  expect(await deliver(Buffer.from(text.replace('"shed":99', '"shed":98')))).toEqual(['WRIT-FRM-003']);
  expect(floods()).toBe(1);
});

test('a report that is old, of somebody unknown, or of what the service does not answer, is refused', async () => {
  const old = { time: ago(61_000) };
  const stale = signLive('conduct-report', SUBJECT, flood(OTHER), quiet.key('svc:decision'), old);
  expect(await deliver(stale.bytes)).toEqual(['WRIT-CON-004']);
  expect(await deliver(signed(flood(`${ENV}.nobody`)))).toEqual(['WRIT-CON-006']);
  expect(await deliver(signed(flood('acme.nowhere.dev.ops')))).toEqual(['WRIT-CON-006']);
  const other = { ...flood(OTHER), kind: 'receipt' } as ConductReportData;
  expect(await deliver(signed(other))).toEqual(['WRIT-CON-006']);
  expect(conduct.scopes()).toEqual([ENV]);
});

test('an id is not flagged as used twice unless one agent signed both intents', async () => {
  expect(await deliver(reuse(OPS, OTHER))).toEqual(['WRIT-FRM-007']);
  expect(await deliver(reuse(OPS, OPS, OTHER))).toEqual(['WRIT-CON-006']);
  const unknown = reuse(OPS, OPS);
  stored = new Map();
  expect(await deliver(unknown)).toEqual(['WRIT-CON-006']);
  expect(containmentOf(conduct.state(ENV), OPS)).toBe('none');
  expect(await deliver(reuse(OPS, OPS))).toEqual([]);
  expect(containmentOf(conduct.state(ENV), OPS)).toBe('gate');
  expect(containmentOf(conduct.state(ENV), OTHER)).toBe('none');
});
