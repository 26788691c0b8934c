// When a receipt is issued, and every way in which it is not (invariants 1, 2, 3).
import { describe, expect, it } from 'vitest';
import {
  ask,
  asking,
  BOUNDARY,
  decision,
  decisionRef,
  environment,
  gated,
  gateView,
  haltOver,
  INTENT,
  permitted,
  proxy,
  self,
} from '../../test/asking.js';
import { AGENT, at, digest, ENV, intentData, nothing, OTHER, PROXY, uuid } from '../../test/recording.js';
import { authorityInitial, decideReceipt, type ReceiptInput, receiptOf, revokeDraft } from './index.js';

describe('an objection of the caller', () => {
  const objection = { code: 'WRIT-RCP-002', reason: 'the verdict does not follow' } as const;

  it('withholds, whatever else would permit, and is recorded once', () => {
    const ledger = environment();
    for (const input of [permitted({ objection }), gated({ objection })]) {
      const { result, events } = ask(input, ledger);
      expect(result).toMatchObject({ kind: 'withheld', ...objection });
      ledger.tell(events);
    }
    expect(ledger.state.withheld.get(INTENT)?.size).toBe(1);
  });

  it('gives out no receipt that was issued before, and writes nothing', () => {
    const ledger = environment();
    ledger.tell(ask(permitted(), ledger).events);
    expect(ask(permitted(), ledger).result).toMatchObject({ kind: 'known' });
    const { result, events } = ask(permitted({ objection }), ledger);
    expect([result, events]).toEqual([{ kind: 'refused', ...objection }, []]);
  });
});

describe('issuing', () => {
  it('issues for a permit, short-lived, to one audience, saying who, what, when and why', () => {
    const { result, events } = ask(permitted());
    expect(result).toEqual({ kind: 'issued', eventId: `${uuid(50)}.authority.0`, expires: at(61_000) });
    expect(events[0]?.data).toMatchObject({
      audience: { name: AGENT, kid: self.kid },
      who: { via: 'policy', decision: decisionRef, approval: null },
      what: { operation: 'delete', argsDigest: digest('obliged1') },
      why: { boundary: { digest: BOUNDARY }, rule: 'deletes', codes: ['rule-gate'] },
    });
  });

  it('issues for a grant and names the people', () => {
    expect(ask(gated()).events[0]?.data).toMatchObject({
      who: { via: 'approval', approval: { id: `${uuid(9)}.approval.1`, people: ['ada', 'ben'] } },
    });
  });

  it('issues for a fallback of allow', () => {
    const gate = gateView({ status: 'timed-out-allow', via: 'timeout-fallback', people: [] });
    expect(ask(gated({ gate })).events[0]?.data).toMatchObject({ who: { via: 'timeout-fallback' } });
  });

  it('never lets a receipt outlive its permit, its grant or the deadline of the intent', () => {
    const data = { ...decision('permit').data, expires: at(5000) };
    const permit = { ...decision('permit'), data };
    const brief = decision('permit', intentData({ deadline: at(3000) }));
    expect(ask(permitted({ decision: permit })).result).toMatchObject({ expires: at(5000) });
    expect(ask(gated({ gate: gateView({ until: at(4000) }) })).result).toMatchObject({ expires: at(4000) });
    expect(ask(permitted({ decision: brief })).result).toMatchObject({ expires: at(3000) });
  });

  it('issues to an enforcement point of the environment that acts for the agent', () => {
    expect(ask(permitted({ asker: proxy })).events[0]?.data).toMatchObject({ audience: { name: PROXY } });
  });

  it('lets an override pass the boundary in force', () => {
    const verdictCurrent = { effect: 'deny' as const, boundaryDigest: null };
    expect(ask(gated({ gate: gateView({ via: 'override' }), verdictCurrent })).result.kind).toBe('issued');
  });
});

describe('invariant 3: one receipt per intent, one audience', () => {
  it('answers the same receipt to the same asker, whatever request it comes with', () => {
    const ledger = environment();
    ledger.tell(ask(permitted(), ledger).events, 1000);
    const again = ask(permitted({ ...asking(51), now: at(30_000) }), ledger);
    expect(again).toMatchObject({
      result: { kind: 'known', eventId: `${uuid(50)}.authority.0` },
      events: [],
    });
  });

  it.each([
    ['another enforcement point', proxy],
    ['another key', { ...self, kid: digest('new-key') }],
  ])('refuses %s after that', (_, asker) => {
    const ledger = environment();
    ledger.tell(ask(permitted(), ledger).events, 1000);
    expect(ask(permitted({ asker }), ledger)).toMatchObject({ result: { code: 'WRIT-RCP-005' }, events: [] });
  });

  it('keeps the first receipt even if a second one were recorded', () => {
    const ledger = environment();
    const [first] = ledger.tell(ask(permitted(), ledger).events, 1000);
    ledger.tell(ask(permitted({ asker: proxy, ...asking(52) })).events, 1000);
    expect(receiptOf(ledger.state, INTENT)?.eventId).toBe(first?.document.id);
  });
});

describe('invariant 2: no receipt under a halt', () => {
  it.each([['acme'], ['acme.shop'], [ENV], [AGENT]])(
    'refuses under a halt of %s, writing nothing',
    (scope) => {
      const ledger = environment();
      ledger.tell([haltOver(scope)]);
      expect(ask(permitted(), ledger)).toMatchObject({ result: { code: 'WRIT-RCP-006' }, events: [] });
    },
  );

  it('refuses an enforcement point that is halted itself', () => {
    const ledger = environment();
    ledger.tell([haltOver(PROXY)]);
    expect(ask(permitted({ asker: proxy }), ledger).result).toMatchObject({ code: 'WRIT-RCP-006' });
    expect(ask(permitted(), ledger).result.kind).toBe('issued');
  });

  it('refuses what a halt of a tool matches, and only that', () => {
    const ledger = environment();
    ledger.tell([haltOver(ENV, { resource: 'db:shop/**', operation: 'delete' })]);
    expect(ask(permitted(), ledger).result).toMatchObject({ code: 'WRIT-RCP-006' });
    const action = { tool: 'sql', operation: 'select', resource: 'db:shop/orders/17', args: nothing };
    expect(ask(permitted({ decision: decision('permit', intentData({ action })) }), ledger).result.kind).toBe(
      'issued',
    );
  });

  it('does not hand out an earlier receipt again while halted', () => {
    const ledger = environment();
    ledger.tell(ask(permitted(), ledger).events, 1000);
    ledger.tell([haltOver(ENV)]);
    expect(ask(permitted(), ledger).result).toMatchObject({ code: 'WRIT-RCP-006' });
  });

  it('does not let an override pass a halt', () => {
    const ledger = environment();
    ledger.tell([haltOver(ENV)]);
    const overridden = gated({ gate: gateView({ via: 'override' }) });
    expect(ask(overridden, ledger).result).toMatchObject({ code: 'WRIT-RCP-006' });
  });
});

describe('refused without a trace, because asking again can help', () => {
  const foreign = { name: 'acme.shop.test.db-proxy', kid: digest('k'), role: 'enforcement-point' as const };
  it.each<[string, string, Partial<ReceiptInput>]>([
    ['another agent asks', 'WRIT-FRM-007', { asker: { ...self, name: OTHER } }],
    ['an enforcement point of another environment asks', 'WRIT-FRM-007', { asker: foreign }],
    ['the request expired', 'WRIT-REG-005', asking(50, { expires: at(1000) })],
    ['the lease is not fresh', 'WRIT-RCP-008', { leaseFresh: false }],
    ['the view is not fresh', 'WRIT-RCP-015', { viewFresh: false }],
    ['there is no decision', 'WRIT-RCP-001', { decision: undefined }],
    ['the decision is about another intent', 'WRIT-RCP-001', asking(50, { intentId: uuid(2) })],
    ['an earlier attempt is unknown', 'WRIT-RCP-014', { idempotencyUnknown: true }],
  ])('%s: %s', (_, code, more) => {
    expect(ask(permitted(more))).toMatchObject({ result: { kind: 'refused', code }, events: [] });
  });

  it('the environment is not open, or it is another one', () => {
    expect(decideReceipt(permitted(), authorityInitial).result).toMatchObject({ code: 'WRIT-RCP-013' });
    const opened = { environment: 'acme.shop.test', event: 'e', seq: 1, seen: 0 };
    const elsewhere = {
      ...authorityInitial,
      opened: { ...opened, halts: environment().state.opened!.halts },
    };
    expect(decideReceipt(permitted(), elsewhere).result).toMatchObject({ code: 'WRIT-RCP-013' });
  });

  it.each([[undefined], [gateView({ status: 'open' })], [gateView({ status: 'frozen' })]])(
    'the approval is pending',
    (gate) => {
      expect(ask(gated({ gate }))).toMatchObject({ result: { code: 'WRIT-RCP-009' }, events: [] });
    },
  );
});

describe('invariant 1: withheld without grounds, recorded once per intent and code', () => {
  it.each<[string, string, ReceiptInput]>([
    ['denied', 'WRIT-RCP-002', permitted({ decision: decision('deny') })],
    ['other arguments', 'WRIT-RCP-003', permitted(asking(50, { argsDigest: digest('raw') }))],
    [
      'the permit ran out',
      'WRIT-RCP-004',
      permitted({ now: at(3_600_000), ...asking(50, { expires: at(9e6) }) }),
    ],
    ['the grant ran out', 'WRIT-RCP-004', gated({ gate: gateView({ until: at(1000) }) })],
    ['derived again, it denies', 'WRIT-RCP-002', permitted({ verdictNow: { effect: 'deny' } })],
    ['derived again, it gates', 'WRIT-RCP-002', permitted({ verdictNow: { effect: 'gate' } })],
    [
      'the boundary in force gates what was permitted',
      'WRIT-RCP-007',
      permitted({ verdictCurrent: { effect: 'gate', boundaryDigest: digest('new') } }),
    ],
    [
      'the grant was for another boundary than the one in force',
      'WRIT-RCP-007',
      gated({ verdictCurrent: { effect: 'gate', boundaryDigest: digest('new') } }),
    ],
    ['rejected', 'WRIT-RCP-010', gated({ gate: gateView({ status: 'rejected' }) })],
    ['timed out', 'WRIT-RCP-010', gated({ gate: gateView({ status: 'timed-out-deny' }) })],
    ['granted for another intent', 'WRIT-RCP-010', gated({ gate: gateView({ intentDigest: digest('x') }) })],
    [
      'granted for another decision',
      'WRIT-RCP-010',
      gated({ gate: gateView({ decision: { ...decisionRef, digest: digest('x') } }) }),
    ],
    [
      'granted for other arguments',
      'WRIT-RCP-010',
      gated({ gate: gateView({ obligedDigest: digest('x') }) }),
    ],
    [
      'granted under another version',
      'WRIT-RCP-010',
      gated({ gate: gateView({ boundaryDigest: digest('x') }) }),
    ],
  ])('%s: %s', (_, code, input) => {
    const ledger = environment();
    const { result, events } = ask(input, ledger);
    expect(result).toMatchObject({ kind: 'withheld', code });
    expect(events.map((e) => e.type)).toEqual(['writ.authority.receipt-withheld.v1']);
    ledger.tell(events);
    const again = ask({ ...input, ...asking(77, input.request.data) }, ledger);
    expect(again).toMatchObject({ result: { kind: 'withheld', code, eventId: events[0]?.id }, events: [] });
  });

  it('a revoked permit gives no receipt, and none that was issued is handed out again', () => {
    const ledger = environment();
    const revoke = revokeDraft({ agent: AGENT, intentId: INTENT, codes: ['revoked'] });
    const issued = ask(permitted(), ledger).events;
    ledger.tell([revoke]);
    expect(ask(permitted(), ledger).result).toMatchObject({ kind: 'withheld', code: 'WRIT-RCP-016' });
    ledger.tell(issued);
    expect(ask(permitted(), ledger)).toMatchObject({ result: { code: 'WRIT-RCP-016' }, events: [] });
  });

  it('withholding is not the end: the right arguments still get their receipt', () => {
    const ledger = environment();
    ledger.tell(ask(permitted(asking(50, { argsDigest: digest('raw') })), ledger).events);
    expect(ask(permitted(asking(51)), ledger).result.kind).toBe('issued');
  });
});
