// Owned services against invariants 3 and 4: second receipts, outcomes nobody reported, second decisions.
import type { Draft } from '@writ/domain';
import { expect, test } from 'vitest';
import {
  act,
  decide,
  decisionDraft,
  intend,
  issue,
  report as reportOutcome,
  request,
} from './story/actions.js';
import { altered, draftOf, expectViolation, fieldsOf, outcomeDraft, receiptOf } from './story/forging.js';
import { AGENT, OTHER, POINT } from './story/ledger.js';
import { founded } from './story/story.js';
import { verify } from './story/verifying.js';

test('invariant 3: two receipts for one intent are a violation', async () => {
  const ledger = founded();
  const asked = decide(ledger);
  const [first, second] = [receiptOf(ledger, asked), receiptOf(ledger, asked, POINT)];
  ledger.write(first);
  ledger.write(second);
  const report = await verify(ledger);
  expectViolation(report, 'WRIT-VER-131');
  expect(report.authority.receipts).toEqual({ within: 1, violation: 1, undetermined: 0 });
  expect(report.authority.notWithin).toMatchObject([{ id: second.id, code: 'WRIT-VER-131' }]);
});

test('invariant 3: a receipt for an audience that did not sign the request is a violation', async () => {
  const ledger = founded();
  const draft = receiptOf(ledger, decide(ledger));
  ledger.write(altered(draft, () => ({ audience: { name: POINT, kid: ledger.keyOf(POINT).kid } })));
  expectViolation(await verify(ledger), 'WRIT-VER-162');
});

test('invariant 3: a receipt for another agent than the one that asks is a violation', async () => {
  const ledger = founded();
  const asked = decide(ledger);
  const signed = request(ledger, asked, OTHER);
  const audience = { name: OTHER, kid: ledger.keyOf(OTHER).kid };
  ledger.write({
    ...altered(receiptOf(ledger, asked), () => ({ request: signed.frame, audience })),
    id: `${signed.document.id}.authority.0`,
  });
  expectViolation(await verify(ledger), 'WRIT-VER-132');
});

test('invariant 3: an outcome that nobody reported like this is a violation', async () => {
  const ledger = founded();
  const asked = decide(ledger);
  issue(ledger, asked);
  const said = outcomeDraft(ledger, asked);
  ledger.write({ ...said, type: 'writ.outcome.failed.v1' });
  expectViolation(await verify(ledger), 'WRIT-VER-136');
});

test('invariant 3: an execution that began after its receipt had expired is a violation, by its own report', async () => {
  const ledger = founded();
  const asked = decide(ledger);
  issue(ledger, asked);
  ledger.pass(600);
  reportOutcome(ledger, asked);
  expectViolation(await verify(ledger), 'WRIT-VER-137');
});

test('invariant 3: a second outcome of one receipt is a violation', async () => {
  const ledger = founded();
  const asked = act(ledger);
  const before = ledger.states.outcome;
  ledger.states.outcome = { ...before, outcomes: before.outcomes.clear() };
  reportOutcome(ledger, asked);
  expectViolation(await verify(ledger), 'WRIT-VER-134');
});

test('invariant 3: an outcome for an intent without a receipt is a violation', async () => {
  const ledger = founded();
  const asked = decide(ledger);
  issue(ledger, asked);
  const draft = outcomeDraft(ledger, asked);
  const other = decide(ledger);
  ledger.write(altered(draft, () => ({ intentId: other.document.id })));
  expectViolation(await verify(ledger), 'WRIT-VER-133');
});

test('invariant 3: who executed cannot verify', async () => {
  const ledger = founded();
  const asked = act(ledger);
  const draft = ((): Draft => {
    const { document } = reportOutcome(ledger, asked, OTHER, 'verifier');
    ledger.undo();
    return draftOf(document);
  })();
  const receipt = ledger.states.authority.receipts.get(asked.document.id)!.eventId;
  const signed = ledger.live('outcome-report', ledger.keyOf(AGENT), `gov.outcome.${AGENT}`, {
    ...{ intentId: asked.document.id, agent: AGENT, receipt, as: 'verifier', status: 'succeeded' },
    ...{
      startedAt: ledger.now(),
      finishedAt: ledger.now(),
      effects: fieldsOf(draft.data)['effects'],
      result: { _sd: [] },
    },
  });
  const verifiedBy = { name: AGENT, kid: ledger.keyOf(AGENT).kid };
  ledger.write({
    ...altered(draft, () => ({ report: signed.frame, verifiedBy })),
    id: `${signed.document.id}.outcome.0`,
  });
  expectViolation(await verify(ledger), 'WRIT-VER-135');
});

test('invariant 4: a second decision on one intent is a violation', async () => {
  const ledger = founded();
  const sent = intend(ledger, { operation: 'drop' });
  const draft = decisionDraft(ledger, sent);
  ledger.write(draft);
  ledger.write(draft);
  expectViolation(await verify(ledger), 'WRIT-VER-141');
});

test('invariant 4: a decision under the name of another intent or agent is a violation', async () => {
  const ledger = founded();
  const draft = decisionDraft(ledger, intend(ledger, { operation: 'drop' }));
  ledger.write({ ...draft, id: `${ledger.nextId()}.decision.0` });
  expectViolation(await verify(ledger), 'WRIT-VER-142');
});
