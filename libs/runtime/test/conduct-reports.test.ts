// What a service tells of the floods that it sheds: one signed summary for each asker, and none of people.
import { subjects } from '@writ/contracts';
import { expect, test } from 'vitest';
import { documentOf } from '../../../test/harness/answer.js';
import { quietPlane } from '../../../test/harness/quiet-plane.js';
import { createIntake, systemClock } from '../src/index.js';

const OPS = 'acme.shop.prod.ops';
const TIDY = 'acme.shop.prod.tidy';
const members = { agents: [OPS, TIDY], points: [], people: ['bob'], revoked: [] };

/** What the bus was given once 40 messages of each sender had met a bucket of ten. */
const flooded = async (service: 'decision' | 'approval', senders: readonly string[]) => {
  const quiet = await quietPlane(service, members, systemClock);
  const intake = createIntake(quiet.plane, {
    kind: 'intent',
    subject: 'gov.>',
    rate: 0.001,
    burst: 10,
    mayHold: () => true,
    handle: async () => undefined,
  });
  for (const sender of senders)
    for (let n = 0; n < 40; n += 1) quiet.bus.deliver(sender, Buffer.from('junk'));
  await intake.stop();
  quiet.bus.taken();
  await quiet.stop();
  const said = quiet.bus.taken().map(({ subject, data }) => ({ subject, document: documentOf(data) }));
  return { said, logs: quiet.logs.filter((line) => line.includes('"shed"')) };
};

test('what is shed of agents is reported as one summary for each of them, signed by the service', async () => {
  const { said, logs } = await flooded('decision', [subjects.intent(OPS), subjects.intent(TIDY)]);
  expect(said.map(({ subject }) => subject)).toEqual(Array(2).fill('gov.report.acme.decision'));
  expect(said.map(({ document }) => document.data)).toMatchObject(
    [OPS, TIDY].map((asker) => ({ about: 'flood', kind: 'intent', asker, shed: 30 })),
  );
  expect(logs).toHaveLength(2);
});

test('a flood of a person, of a subject of another service, or at a service that reports none, is in the log alone', async () => {
  const people = [subjects.vote('acme', 'bob'), subjects.command('decision', 'acme', 'bob')];
  const decision = await flooded('decision', [...people, subjects.receipt(OPS)]);
  expect([decision.said, decision.logs.length]).toEqual([[], 3]);
  const approval = await flooded('approval', [subjects.vote('acme', 'bob'), subjects.intent(OPS)]);
  expect([approval.said, approval.logs.length]).toEqual([[], 2]);
});
