// What an intake does with answers and failures that nobody foresaw: the asker is told, nothing leaks, and the service lives.
import { subjects } from '@writ/contracts';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { documentOf } from '../../../test/harness/answer.js';
import { makeIntent } from '../../../test/harness/asker.js';
import { type QuietPlane, quietPlane } from '../../../test/harness/quiet-plane.js';
import { type Answer, createIntake, type Plane, systemClock } from '../src/index.js';

const OPS = 'acme.shop.prod.ops';
let quiet: QuietPlane;
let plane: Plane;

beforeAll(async () => {
  quiet = await quietPlane('decision', { agents: [OPS], points: [], people: [], revoked: [] }, systemClock);
});
afterAll(() => quiet?.stop());
beforeEach(() => {
  plane = { ...quiet.plane, bus: { ...quiet.plane.bus, info: { max_payload: 2_000 } } as Plane['bus'] };
  quiet.bus.taken();
});

/** Delivers one intent to an intake that answers with `handle`; what it publishes within 5 s. */
const answered = async (
  handle: () => Promise<Answer>,
  reply = `_INBOX.${OPS}.1`,
  subject = subjects.intent(OPS),
) => {
  const intake = createIntake(plane, {
    kind: 'intent',
    subject: subjects.intent('acme.*.*.*'),
    mayHold: () => true,
    handle,
  });
  const { bytes } = makeIntent(OPS, quiet.key(OPS), { operation: 'select', resource: 'db:x' });
  quiet.bus.deliver(subject, bytes, reply);
  await intake.stop();
  return quiet.bus.taken();
};

const frame = (size: number) => async (): Promise<Answer> => ({
  kind: 'frames',
  frames: [Buffer.alloc(size, 97)],
});
const codesOf = (published: Awaited<ReturnType<typeof answered>>) =>
  published.map(({ data }) => documentOf(data).data['code']);

test('an answer that the bus would not carry becomes a refusal', async () => {
  expect((await answered(frame(1_000)))[0]?.data.length).toBe(1_000);
  expect(codesOf(await answered(frame(3_000)))).toEqual(['WRIT-RUN-005']);
});

test('a bus that takes no answer ends nothing: it is logged, and the next asker is served', async () => {
  const { bus } = plane;
  const deaf = () => {
    throw new Error('closed');
  };
  plane = { ...plane, bus: { ...bus, publish: deaf } as Plane['bus'] };
  await answered(frame(100));
  expect(quiet.logs.some((line) => line.includes('intake.unanswered'))).toBe(true);
  plane = { ...plane, bus };
  expect(await answered(frame(100))).toHaveLength(1);
});

test('a reason that is cut within a character is answered all the same', async () => {
  const reason = `${'x'.repeat(299)}😀`;
  const refusing = async (): Promise<Answer> => ({ kind: 'refused', code: 'WRIT-DEC-006', reason });
  expect(codesOf(await answered(refusing))).toEqual(['WRIT-DEC-006']);
});

test('a sender named like a service has no inbox but its own', async () => {
  let handled = false;
  const handle = async (): Promise<Answer> => {
    handled = true;
    return { kind: 'refused', code: 'WRIT-DEC-006', reason: '' };
  };
  const sender = subjects.intent('acme.shop.prod.svc-approval');
  expect(await answered(handle, '_INBOX.approval.1', sender)).toEqual([]);
  expect(handled).toBe(false);
});

test('a failure is logged with its place and never with its message', async () => {
  const failing = async (): Promise<Answer> => {
    throw new Error('first\nprivate-7731 of a row');
  };
  expect(codesOf(await answered(failing))).toEqual(['WRIT-RUN-005']);
  const line = quiet.logs.findLast((text) => text.includes('intake.failed')) ?? '';
  expect(line).toMatch(/"at":"at .*intake\.test/);
  expect(line).not.toContain('private-7731');
});
