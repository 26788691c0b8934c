// What the judge refuses around the verdict: ids used twice, and a boundary that changed while private values were being kept.
import {
  authorityInitial,
  conductInitial,
  decideIntent,
  decisionInitial,
  evolveDecision,
  evolveRegistry,
} from '@writ/domain';
import type { WriteRefusal, Writer } from '@writ/ledger';
import { createIntake, createMemorySubjectNames, type Plane, systemClock } from '@writ/runtime';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { documentOf, type Signed } from '../../../test/harness/answer.js';
import { type IntentOptions, makeIntent, type Wanted } from '../../../test/harness/asker.js';
import { boundary } from '../../../test/harness/documents.js';
import { type QuietPlane, quietPlane } from '../../../test/harness/quiet-plane.js';
import { createJudge } from '../src/judge.js';
import type { Reuse } from '../src/reused-ids.js';

const OPS = 'acme.shop.prod.ops';
const READ = { operation: 'select', resource: 'db:shop/orders', args: { rows: 3 } };
const DROP = { operation: 'drop', resource: 'db:shop/orders', args: { rows: 3 } };
let quiet: QuietPlane;
let registry: ReturnType<Plane['registry']>;
let whileKeeping: () => void;
let refusal: WriteRefusal | undefined;
let reported: Reuse[];
let askWith: (bytes: Uint8Array) => Promise<Signed | undefined>;
let ask: (wanted: Wanted, options?: IntentOptions) => Promise<Signed | undefined>;

const refusing = <S>(writer: Writer<S>, answer: WriteRefusal): Writer<S> => ({
  ...writer,
  submit: async () => answer,
});

beforeAll(async () => {
  quiet = await quietPlane('decision', { agents: [OPS], points: [], people: [], revoked: [] }, systemClock);
  const plane: Plane = { ...quiet.plane, registry: () => registry };
  const writers = quiet.plane.writers('decision', decisionInitial, evolveDecision, { answer: 'stored' });
  const judge = createJudge({
    plane,
    vault: { put: async () => whileKeeping(), subjects: createMemorySubjectNames() },
    conduct: { of: () => conductInitial, scopes: () => [] },
    authority: { of: () => authorityInitial, scopes: () => [] },
    writers: {
      ...writers,
      of: (scope) => (refusal === undefined ? writers.of(scope) : refusing(writers.of(scope), refusal)),
    },
    frames: { of: async () => undefined },
    halts: { ask: () => undefined },
    reusedIds: { report: (reuse) => void reported.push(reuse) },
  });
  askWith = async (bytes) => {
    const intake = createIntake(plane, {
      kind: 'intent',
      subject: 'gov.intent.acme.*.*.*',
      mayHold: () => true,
      handle: (message) => judge(message, decideIntent),
    });
    quiet.bus.deliver(`gov.intent.${OPS}`, bytes, `_INBOX.${OPS}.1`);
    await intake.stop();
    const [answer] = quiet.bus.taken();
    return answer === undefined ? undefined : documentOf(answer.data);
  };
  ask = (wanted, options) => askWith(makeIntent(OPS, quiet.key(OPS), wanted, options).bytes);
});
afterAll(() => quiet?.stop());
beforeEach(() => {
  registry = quiet.plane.registry();
  whileKeeping = () => undefined;
  refusal = undefined;
  reported = [];
});

test('an id used for another intent is refused, flagged in the log and counted', async () => {
  const id = '01900000-0000-7000-8000-000000000001';
  const at = { id: uuidNow(id) };
  expect((await ask(READ, at))?.type).toBe('writ.decision.denied.v1');
  expect((await ask(DROP, at))?.data['code']).toBe('WRIT-DEC-002');
  const line = quiet.logs.find((text) => text.includes('intent.id-reused')) ?? '{}';
  expect(JSON.parse(line)).toMatchObject({ level: 'warn', agent: OPS, intentId: at.id });
  const metrics = await quiet.plane.metrics.registry.metrics();
  expect(metrics).toMatch(/writ_intent_ids_reused_total\{[^}]*\} 1/);
  expect(reported).toMatchObject([
    { agent: OPS, recorded: `${at.id}.decision.0`, intent: { signed: { id: at.id } } },
  ]);
});

test('an intent that is sent again is answered again, and reported to nobody', async () => {
  const again = makeIntent(OPS, quiet.key(OPS), READ);
  const send = () => askWith(again.bytes);
  const [first, second] = [await send(), await send()];
  expect(first?.type).toBe('writ.decision.denied.v1');
  expect(second?.data['code']).toBe('WRIT-DEC-009');
  expect(reported).toEqual([]);
});

test('a boundary that changes while private values are kept decides nothing: the asker comes again', async () => {
  const before = registry;
  whileKeeping = () => {
    const scope = 'acme.shop.prod';
    const data = { name: 'ops', scope, boundary: boundary('ops', scope), digest: 'A'.repeat(43) };
    const document = { type: 'writ.registry.boundary-published.v1', id: 'x', ver: before.ver + 1, data };
    const seq = before.seq + 1;
    registry = evolveRegistry(before, { seq, subject: '', time: '', digest: '', document } as never);
  };
  expect((await ask(READ))?.data).toMatchObject({ code: 'WRIT-DEC-009', retry: true });
});

test('what the ledger refuses is told as it said it; only what is not known to be stored is asked again', async () => {
  refusal = { kind: 'refused', code: 'WRIT-LED-012', reason: 'too large' };
  expect((await ask(READ))?.data).toMatchObject({ code: 'WRIT-LED-012', retry: false });
  refusal = { kind: 'indeterminate', code: 'WRIT-LED-007', reason: 'busy' };
  expect((await ask(READ))?.data).toMatchObject({ code: 'WRIT-LED-002', retry: true });
});

/** The same id with the time of now in it. */
const uuidNow = (id: string): string => {
  const time = Date.now().toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}${id.slice(13)}`;
};
