// Owned services against invariant 5: votes that do not count, results without their quorum.
import { expect, test } from 'vitest';
import { type Decided, decide, issue } from './story/actions.js';
import { altered, draftOf, expectViolation, revote, voteDrafts } from './story/forging.js';
import { AGENT, iso, type TestLedger } from './story/ledger.js';
import { certificate, change } from './story/organisation.js';
import { ballot, escalate, gateDrafts, timeOut, vote } from './story/people.js';
import { founded } from './story/story.js';
import { verify } from './story/verifying.js';

test('invariant 5: a vote of the excluded owner (self-approval) is a violation, and so is the receipt', async () => {
  const ledger = founded();
  const asked = escalate(ledger);
  vote(ledger, asked, 'ann');
  const honest = voteDrafts(ledger, asked, 'ben');
  const own = ballot(ledger, asked, 'olga');
  for (const draft of honest) {
    ledger.write(revote(draft, own, 'olga'));
  }
  issue(ledger, asked);
  const report = await verify(ledger);
  expectViolation(report, 'WRIT-VER-152');
  expect(report.authority.receipts).toEqual({ within: 0, violation: 1, undetermined: 0 });
});

test('invariant 5: the same person voting twice, also with a second key, is a violation', async () => {
  const ledger = founded();
  change(ledger, { do: 'certify-key', key: certificate(ledger, 'ann-2', 'person', 'ann', 'acme') }, 'olga');
  const asked = escalate(ledger);
  vote(ledger, asked, 'ann');
  const honest = voteDrafts(ledger, asked, 'ben');
  const again = ledger.live(
    'vote',
    ledger.keyOf('ann-2'),
    'gov.vote.acme.ann',
    ballot(ledger, asked, 'ann').document.data,
  );
  for (const draft of honest) ledger.write(revote(draft, again, 'ann'));
  const report = await verify(ledger);
  expectViolation(report, 'WRIT-VER-153', 'WRIT-VER-155');
});

test('invariant 5: a vote for another intent is a violation', async () => {
  const ledger = founded();
  const [asked, other] = [escalate(ledger), escalate(ledger, { amount: 9999, order: 'o-20' })];
  vote(ledger, asked, 'ann');
  const honest = voteDrafts(ledger, asked, 'ben');
  const elsewhere = ballot(ledger, other, 'ben');
  const [first] = honest;
  ledger.write({
    ...altered(first!, () => ({ vote: elsewhere.frame, voteDigest: elsewhere.digest })),
    id: `${elsewhere.document.id}.approval.0`,
  });
  expectViolation(await verify(ledger), 'WRIT-VER-154');
});

test('invariant 5: a vote that the person did not sign is a violation', async () => {
  const ledger = founded();
  const asked = escalate(ledger);
  const [first] = voteDrafts(ledger, asked, 'ben');
  const forged = ledger.live(
    'vote',
    ledger.keyOf('ann'),
    'gov.vote.acme.ben',
    ballot(ledger, asked, 'ben').document.data,
  );
  ledger.write({
    ...altered(first!, () => ({ vote: forged.frame, voteDigest: forged.digest })),
    id: `${forged.document.id}.approval.0`,
  });
  expectViolation(await verify(ledger), 'WRIT-VER-162');
});

test('invariant 5: a grant without the quorum is a violation, and so is the receipt', async () => {
  const ledger = founded();
  const asked = escalate(ledger);
  vote(ledger, asked, 'ann');
  const [, granted] = vote(ledger, asked, 'ben').map(({ document }) => draftOf(document));
  for (let n = 0; n < 3; n += 1) ledger.undo();
  vote(ledger, asked, 'ann');
  ledger.write(altered(granted!, () => ({ by: ['ann'], votes: [] })));
  issue(ledger, asked);
  const report = await verify(ledger);
  expectViolation(report, 'WRIT-VER-155');
  expect(report.authority.receipts.violation).toBe(1);
});

test('invariant 5: a lower quorum than the gate says is a violation', async () => {
  const ledger = founded();
  const [opened] = gateDrafts(ledger, decide(ledger, { args: { amount: 9000 } }));
  ledger.write(altered(opened!, () => ({ quorum: 1 })));
  expectViolation(await verify(ledger), 'WRIT-VER-151');
});

test('invariant 5: an approver whom the gate does not name is a violation', async () => {
  const ledger = founded();
  const [opened] = gateDrafts(ledger, decide(ledger, { args: { amount: 9000 } }));
  ledger.write(altered(opened!, () => ({ approvers: ['ann', 'ben', 'lee'] })));
  expectViolation(await verify(ledger), 'WRIT-VER-152');
});

test('invariant 5: a second result of one gate is a violation', async () => {
  const ledger = founded();
  const asked = escalate(ledger);
  vote(ledger, asked, 'ann', 'reject');
  expect(ledger.states.approval.gates.get(asked.document.id)?.result?.status).toBe('rejected');
  const { intentId, agent, intentDigest } = {
    intentId: asked.document.id,
    agent: AGENT,
    intentDigest: asked.digest,
  };
  ledger.write({
    ...{
      id: `${intentId}.approval.2`,
      type: 'writ.approval.timed-out.v1',
      agent,
      causationid: 'x',
      correlationid: 'x',
    },
    data: { agent, intentId, intentDigest, fallback: 'deny', deadline: ledger.now() },
  });
  expectViolation(await verify(ledger), 'WRIT-VER-156', 'WRIT-VER-157');
});

test('invariant 5: a gate that runs out early, or to another fallback than its own, is a violation', async () => {
  const ledger = founded();
  const asked = escalate(ledger);
  ledger.pass(601);
  const draft = draftOf(timeOut(ledger, asked).document);
  ledger.undo();
  ledger.write(altered(draft, () => ({ fallback: 'allow', until: iso(ledger.ms() + 60_000) })));
  expectViolation(await verify(ledger), 'WRIT-VER-157');
});

test('invariant 5: a vote after the gate had its result is a violation', async () => {
  const ledger = founded();
  const asked = escalate(ledger);
  const late = voteDrafts(ledger, asked, 'ben')[0]!;
  vote(ledger, asked, 'ann', 'reject');
  ledger.pass(601);
  timeOutIfOpen(ledger, asked);
  ledger.write(late);
  expectViolation(await verify(ledger), 'WRIT-VER-158');
});

const timeOutIfOpen = (ledger: TestLedger, asked: Decided): void => {
  if (ledger.states.approval.undecided.has(asked.document.id)) timeOut(ledger, asked);
};
