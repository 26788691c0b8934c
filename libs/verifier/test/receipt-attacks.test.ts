// Owned services against invariants 1 and 2: receipts without grounds, receipts under a halt. Every frame is really signed.
import { expect, test } from 'vitest';
import { act, decide, request } from './story/actions.js';
import { altered, approved, expectViolation, fieldsOf, receiptOf } from './story/forging.js';
import { AGENT, ENV, iso, OTHER } from './story/ledger.js';
import { boundary, change, command } from './story/organisation.js';
import { escalate, halt, release, releaseDraft, releaseOrder } from './story/people.js';
import { founded } from './story/story.js';
import { verify } from './story/verifying.js';

test('invariant 1: a receipt without a permit is a violation', async () => {
  const ledger = founded();
  const asked = decide(ledger);
  const draft = receiptOf(ledger, asked);
  const intentId = ledger.nextId();
  const signed = ledger.live('receipt-request', ledger.keyOf(AGENT), `gov.receipt.${AGENT}`, {
    ...{ intentId, agent: AGENT, argsDigest: fieldsOf(fieldsOf(draft.data)['what'])['argsDigest'] },
    expires: iso(ledger.ms() + 30_000),
  });
  ledger.write({
    ...altered(draft, () => ({ intentId, request: signed.frame })),
    id: `${signed.document.id}.authority.0`,
  });
  const report = await verify(ledger);
  expectViolation(report, 'WRIT-VER-111');
  expect(report.authority.receipts).toEqual({ within: 0, violation: 1, undetermined: 0 });
});

test('invariant 1: a receipt for a denied intent is a violation', async () => {
  const ledger = founded();
  const asked = decide(ledger);
  const draft = receiptOf(ledger, asked);
  const denied = decide(ledger, { operation: 'drop' });
  const signed = request(ledger, denied);
  const { id, digest } = { id: denied.decision.document.id, digest: denied.decision.digest };
  ledger.write({
    ...altered(draft, (data) => ({
      intentId: denied.document.id,
      intentDigest: denied.digest,
      request: signed.frame,
      who: { ...data['who'], decision: { id, digest } },
      what: { ...data['what'], argsDigest: fieldsOf(denied.decision.document.data)['obligedDigest'] },
    })),
    id: `${signed.document.id}.authority.0`,
  });
  const report = await verify(ledger);
  expectViolation(report, 'WRIT-VER-111');
  expect(report.authority.receipts.violation).toBe(1);
});

test('invariant 1: a receipt for other arguments than were decided is a violation', async () => {
  const ledger = founded();
  const asked = decide(ledger);
  const other = decide(ledger, { args: { amount: 3999, order: 'o-99' } });
  const argsDigest = fieldsOf(other.decision.document.data)['obligedDigest']!;
  const signed = request(ledger, asked, AGENT, argsDigest);
  const draft = receiptOf(ledger, asked);
  ledger.write({
    ...altered(draft, (data) => ({
      request: signed.frame,
      what: { ...data['what'], argsDigest },
    })),
    id: `${signed.document.id}.authority.0`,
  });
  expectViolation(await verify(ledger), 'WRIT-VER-112');
});

test('invariant 1: a receipt after the permit has expired is a violation', async () => {
  const ledger = founded();
  const asked = decide(ledger);
  const draft = receiptOf(ledger, asked);
  ledger.pass(310);
  const signed = request(ledger, asked);
  const { expires } = asked.decision.document.data as unknown as { readonly expires: string };
  ledger.write({
    ...altered(draft, () => ({ request: signed.frame, when: { issued: ledger.now(), expires } })),
    id: `${signed.document.id}.authority.0`,
  });
  expectViolation(await verify(ledger), 'WRIT-VER-113');
});

test('invariant 1: a receipt for an expired permit is found long after it, when the decision is no longer held', async () => {
  const ledger = founded();
  const asked = decide(ledger);
  ledger.pass(290);
  const draft = receiptOf(ledger, asked);
  ledger.pass(3_600);
  for (let n = 0; n < 1_100; n += 1) ledger.store(`gov.ledger.stop.${ENV}`, new Uint8Array(4));
  ledger.write(draft);
  expectViolation(await verify(ledger), 'WRIT-VER-113', 'WRIT-VER-119');
});

test('invariant 1: a receipt on a view of the boundary that is over 2 s old is a violation', async () => {
  const ledger = founded();
  const asked = decide(ledger, { operation: 'read', resource: 'db:shop/orders/1' });
  const seen = ledger.messages.length;
  const draft = receiptOf(ledger, asked);
  const none = { ...boundary, spec: { ...boundary.spec, rules: [], limits: [] } };
  change(ledger, { do: 'publish-boundary', boundary: none }, 'olga');
  ledger.pass(10);
  ledger.write(draft, { seen });
  expectViolation(await verify(ledger), 'WRIT-VER-114');
});

test('invariant 1: a receipt that the boundary in force does not permit is a violation', async () => {
  const ledger = founded();
  const asked = decide(ledger, { operation: 'read', resource: 'db:shop/orders/1' });
  const draft = receiptOf(ledger, asked);
  const none = { ...boundary, spec: { ...boundary.spec, rules: [], limits: [] } };
  const published = change(ledger, { do: 'publish-boundary', boundary: none }, 'olga').document.data;
  const { digest } = published as unknown as { readonly digest: string };
  ledger.write(altered(draft, (data) => ({ why: { ...data['why'], currentBoundaryDigest: digest } })));
  expectViolation(await verify(ledger), 'WRIT-VER-115');
});

test('invariant 1: a receipt for an escalation that nobody granted is a violation', async () => {
  const ledger = founded();
  const asked = approved(ledger);
  const draft = receiptOf(ledger, asked);
  const waiting = escalate(ledger);
  const signed = request(ledger, waiting);
  const { id } = waiting.decision.document;
  ledger.write({
    ...altered(draft, (data) => ({
      intentId: waiting.document.id,
      intentDigest: waiting.digest,
      request: signed.frame,
      who: { ...data['who'], decision: { id, digest: waiting.decision.digest } },
      what: {
        ...data['what'],
        argsDigest: fieldsOf(waiting.decision.document.data)['obligedDigest'],
      },
    })),
    id: `${signed.document.id}.authority.0`,
  });
  expectViolation(await verify(ledger), 'WRIT-VER-116');
});

test('invariant 1: a receipt after the permit was revoked is a violation', async () => {
  const ledger = founded();
  const asked = decide(ledger);
  const draft = receiptOf(ledger, asked);
  const intentId = asked.document.id;
  const order = command(ledger, 'kim', 'kill-switch', { do: 'revoke-permit', agent: AGENT, intentId });
  const revoked = { agent: AGENT, intentId, command: order.frame, codes: ['revoked-by-operator'] };
  ledger.write({
    ...{ id: `${order.document.id}.authority.9`, type: 'writ.authority.permit-revoked.v1', agent: AGENT },
    ...{ causationid: order.document.id, correlationid: intentId, data: revoked },
  });
  ledger.write(draft);
  expectViolation(await verify(ledger), 'WRIT-VER-117');
});

test('invariant 1: a receipt that outlives its permit is a violation', async () => {
  const ledger = founded();
  const draft = receiptOf(ledger, decide(ledger));
  ledger.write(
    altered(draft, () => ({ when: { issued: ledger.now(), expires: iso(ledger.ms() + 3_600_000) } })),
  );
  expectViolation(await verify(ledger), 'WRIT-VER-118');
});

test('invariant 2: a receipt after a halt is a violation, at every scope of the halt', async () => {
  for (const scope of ['acme', 'acme.shop', ENV, AGENT]) {
    const ledger = founded();
    const draft = receiptOf(ledger, decide(ledger));
    halt(ledger, 'halt-1', scope);
    ledger.write(draft);
    expectViolation(await verify(ledger), 'WRIT-VER-121');
  }
});

test('invariant 2: a halt of one tool or of another agent stops no other action', async () => {
  const ledger = founded();
  halt(ledger, 'halt-1', ENV, { resource: 'psp:*', operation: '*' });
  halt(ledger, 'halt-2', OTHER);
  act(ledger, { operation: 'read', resource: 'db:shop/orders/1' });
  expect((await verify(ledger)).findings).toEqual([]);
});

test('invariant 2: a receipt after a halt of its tool is a violation', async () => {
  const ledger = founded();
  const draft = receiptOf(ledger, decide(ledger));
  halt(ledger, 'halt-1', ENV, { resource: 'psp:*', operation: 'create' });
  ledger.write(draft);
  expectViolation(await verify(ledger), 'WRIT-VER-121');
});

test('invariant 2: a release that the person did not sign is a violation, and the halt stays in force for receipts', async () => {
  const ledger = founded();
  const draft = receiptOf(ledger, decide(ledger));
  halt(ledger, 'halt-1');
  const order = releaseOrder(ledger, ['halt-1']);
  const forged = {
    ...order,
    frame: { ...order.frame, sig: `${order.frame.sig.slice(0, 20)}AAAA${order.frame.sig.slice(24)}` },
  };
  expect(forged.frame.sig).not.toBe(order.frame.sig);
  ledger.write(releaseDraft(ledger, forged));
  ledger.write(draft);
  const report = await verify(ledger);
  expectViolation(report, 'WRIT-VER-121', 'WRIT-VER-123', 'WRIT-VER-161');
  expect(report.authority.receipts.violation).toBe(1);
});

test('invariant 2: a release signed by somebody who is no operator is a violation', async () => {
  const ledger = founded();
  halt(ledger, 'halt-1');
  const honest = releaseDraft(ledger, releaseOrder(ledger, ['halt-1']));
  const order = releaseOrder(ledger, ['halt-1'], 'lee');
  ledger.write({
    ...altered(honest, () => ({ by: ['lee'], commands: [order.frame] })),
    id: `${order.document.id}.authority.0.shop.prod`,
  });
  expectViolation(await verify(ledger), 'WRIT-VER-123', 'WRIT-VER-194');
});

test('invariant 2: a release signed with a key of the kill-switch itself is a violation', async () => {
  const ledger = founded();
  halt(ledger, 'halt-1');
  const own = command(
    ledger,
    'kim',
    'kill-switch',
    { do: 'release', scope: ENV, halts: ['halt-1'], reason: { _sd: [] } },
    { key: ledger.keyOf('kill-switch') },
  );
  ledger.write(releaseDraft(ledger, own));
  const report = await verify(ledger);
  expectViolation(report, 'WRIT-VER-123', 'WRIT-VER-162');
});

test('invariant 2: a lawful release after an unlawful one lets receipts through again', async () => {
  const ledger = founded();
  halt(ledger, 'halt-1');
  const honest = releaseDraft(ledger, releaseOrder(ledger, ['halt-1']));
  const order = releaseOrder(ledger, ['halt-1'], 'lee');
  ledger.write({
    ...altered(honest, () => ({ by: ['lee'], commands: [order.frame] })),
    id: `${order.document.id}.authority.0.shop.prod`,
  });
  halt(ledger, 'halt-2');
  release(ledger, ['halt-2']);
  act(ledger);
  expect((await verify(ledger)).authority.receipts).toEqual({ within: 1, violation: 0, undetermined: 0 });
});
