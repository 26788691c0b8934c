// What is recorded about the outcome of a receipt, and by whom.
import type { Command, OutcomeReport } from '@writ/contracts';
import { describe, expect, it } from 'vitest';
import {
  AGENT,
  at,
  command,
  digest,
  ENV,
  following,
  frameOf,
  live,
  nothing,
  OTHER,
  PROXY,
  uuid,
} from '../../test/recording.js';
import type { ReceiptView } from '../authority/index.js';
import {
  decideReconcile,
  decideReport,
  decideUnknown,
  dueUnknown,
  evolveOpenReceipts,
  evolveOutcome,
  openReceiptsInitial,
  outcomeInitial,
  outcomeOf,
  unknownByIdempotencyKey,
} from './index.js';

const INTENT = uuid(1);
const proxy = { name: PROXY, kid: digest('proxy') };
const probe = { name: 'acme.shop.prod.probe', kid: digest('probe') };

const receipt: ReceiptView = {
  ...{ eventId: `${uuid(50)}.authority.0`, digest: digest('receipt'), intentId: INTENT, agent: AGENT },
  ...{ audience: proxy, argsDigest: digest('obliged1'), issued: at(0), expires: at(60_000), seq: 1 },
};

const reporting = (n: number, more: Partial<OutcomeReport['data']> = {}, now = 1000, asker = proxy) => {
  const data = {
    ...{ intentId: INTENT, agent: AGENT, receipt: receipt.eventId, as: 'executor', status: 'succeeded' },
    ...{ startedAt: at(0), finishedAt: at(500), effects: [], result: nothing, ...more },
  };
  const report = live('outcome-report', uuid(n), data) as OutcomeReport;
  return { report, frame: frameOf(report), asker, receipt: receipt as ReceiptView | undefined, now: at(now) };
};

const ledgerAfter = (...reports: ReturnType<typeof reporting>[]) => {
  const ledger = following(outcomeInitial, evolveOutcome);
  for (const input of reports) ledger.tell(decideReport(input, ledger.state).events);
  return ledger;
};

const unknown = () => {
  const ledger = ledgerAfter();
  ledger.tell(decideUnknown({ receipt, now: at(120_000) }, ledger.state).events);
  return ledger;
};

const deleted = (count: number, resource = 'db:shop/orders/17') => ({ resource, operation: 'delete', count });

describe('the report of the executor', () => {
  it('is recorded once; the same report again is known, another is refused', () => {
    const { state } = ledgerAfter(reporting(60));
    expect(outcomeOf(state, INTENT)).toMatchObject({
      status: 'succeeded',
      report: { by: proxy, late: false },
    });
    expect(decideReport(reporting(60), state)).toMatchObject({ result: { kind: 'known' }, events: [] });
    const other = decideReport(reporting(61, { status: 'failed' }), state);
    expect(other).toMatchObject({ result: { code: 'WRIT-RCP-012' }, events: [] });
  });

  it('comes from the audience of the receipt and from nobody else', () => {
    const input = reporting(60, {}, 1000, { name: AGENT, kid: digest('agent') });
    expect(decideReport(input, outcomeInitial).result).toMatchObject({ code: 'WRIT-RCP-005' });
  });

  it.each([
    ['no receipt', { ...reporting(60), receipt: undefined }],
    ['another receipt', reporting(60, { receipt: `${uuid(51)}.authority.0` })],
    ['another agent', reporting(60, { agent: OTHER })],
    ['another intent', reporting(60, { intentId: uuid(2) })],
  ])('is refused for %s', (_, input) => {
    expect(decideReport(input, outcomeInitial).result).toMatchObject({ code: 'WRIT-RCP-011' });
  });

  it('is marked late when it comes after the end of the receipt', () => {
    const { state } = ledgerAfter(reporting(60, { status: 'failed' }, 60_001));
    expect(outcomeOf(state, INTENT)).toMatchObject({ status: 'failed', report: { late: true } });
  });
});

describe('unknown', () => {
  it('is recorded once for a receipt without a report, after its end and the grace time', () => {
    expect(dueUnknown([receipt], outcomeInitial, at(119_999))).toEqual([]);
    expect(dueUnknown([receipt], outcomeInitial, at(120_000))).toEqual([receipt]);
    const early = decideUnknown({ receipt, now: at(119_999) }, outcomeInitial);
    expect(early).toEqual({ result: { kind: 'not-due' }, events: [] });
    const { state } = unknown();
    expect(outcomeOf(state, INTENT)?.status).toBe('unknown');
    expect(dueUnknown([receipt], state, at(130_000))).toEqual([]);
    expect(decideUnknown({ receipt, now: at(130_000) }, state).events).toEqual([]);
  });

  it('is not recorded where there is a report', () => {
    const { state } = ledgerAfter(reporting(60));
    expect(decideUnknown({ receipt, now: at(130_000) }, state).events).toEqual([]);
  });

  it('stays until it is reconciled: a report that comes later is kept as evidence only', () => {
    const ledger = unknown();
    ledger.tell(decideReport(reporting(60, {}, 200_000), ledger.state).events);
    expect(outcomeOf(ledger.state, INTENT)).toMatchObject({
      ...{ status: 'unknown', report: { status: 'succeeded', late: true } },
    });
  });

  it('holds its idempotency key, of that agent alone, until it is reconciled', () => {
    const ledger = unknown();
    const keyOf = (id: string) => (id === INTENT ? 'refund-17' : undefined);
    const held = (agent: string, key: string) => unknownByIdempotencyKey(ledger.state, agent, key, keyOf);
    expect(held(AGENT, 'refund-17')).toEqual([INTENT]);
    expect([held(OTHER, 'refund-17'), held(AGENT, 'refund-18')]).toEqual([[], []]);
    ledger.tell(decideReconcile(reconciling(70), ledger.state).events);
    expect(held(AGENT, 'refund-17')).toEqual([]);
  });
});

const reconciling = (n: number, more: { expires?: string; environment?: string } = {}) => {
  const { expires = at(900_000), environment = ENV } = more;
  const action = { do: 'reconcile', environment, intentId: INTENT, status: 'failed', reason: nothing };
  const doc = command(n, action, expires) as Command;
  return { command: doc, frame: frameOf(doc), authorised: true, now: at(300_000) };
};

describe('reconciliation', () => {
  it('turns unknown into what the person found, once', () => {
    const ledger = unknown();
    ledger.tell(decideReconcile(reconciling(70), ledger.state).events);
    expect(outcomeOf(ledger.state, INTENT)).toMatchObject({
      status: 'failed',
      unknown: `${INTENT}.outcome.0`,
    });
    expect(decideReconcile(reconciling(70), ledger.state)).toMatchObject({
      result: { kind: 'known' },
      events: [],
    });
    expect(decideReconcile(reconciling(71), ledger.state).result).toMatchObject({ code: 'WRIT-RCP-012' });
    expect(decideReport(reporting(60), ledger.state).result).toMatchObject({ code: 'WRIT-RCP-012' });
  });

  it('refuses what was reported, what is not recorded, the expired, the unauthorised, another environment', () => {
    const { state } = unknown();
    const code = (input: ReturnType<typeof reconciling>, on = state) => decideReconcile(input, on).result;
    expect(code(reconciling(70), ledgerAfter(reporting(60)).state)).toMatchObject({ code: 'WRIT-RCP-012' });
    expect(code(reconciling(70), outcomeInitial)).toMatchObject({ code: 'WRIT-RCP-011' });
    expect(code(reconciling(70, { expires: at(300_000) }))).toMatchObject({ code: 'WRIT-REG-005' });
    expect(code({ ...reconciling(70), authorised: false })).toMatchObject({ code: 'WRIT-REG-001' });
    expect(code(reconciling(70, { environment: 'acme.shop.test' }))).toMatchObject({ code: 'WRIT-RCP-011' });
  });
});

describe('verification', () => {
  const verify = (n: number, more: Partial<OutcomeReport['data']> = {}, asker = probe) =>
    reporting(n, { as: 'verifier', ...more }, 2000, asker);

  it('records who verified apart from who reported', () => {
    const { state } = ledgerAfter(reporting(60), verify(61));
    expect(outcomeOf(state, INTENT)).toMatchObject({
      report: { by: proxy },
      verifications: [{ verdict: 'verified', by: probe }],
    });
  });

  it.each([
    ['another status', { status: 'failed' as const }, [deleted(1)]],
    ['another count', { effects: [deleted(2)] }, [deleted(1)]],
    ['an effect that was not reported', { effects: [deleted(1, 'db:shop/users/3')] }, [deleted(1)]],
  ])('contradicts on %s', (_, seen, effects) => {
    const { state } = ledgerAfter(reporting(60, { effects }), verify(61, seen));
    expect(outcomeOf(state, INTENT)?.verifications[0]?.verdict).toBe('contradicted');
    expect(outcomeOf(state, INTENT)?.status).toBe('succeeded');
  });

  it('never comes from the executor, and once from each verifier', () => {
    const { state } = ledgerAfter(reporting(60), verify(61));
    expect(decideReport(verify(62, {}, proxy), state).result).toMatchObject({ code: 'WRIT-FRM-007' });
    expect(decideReport(verify(61), state).result).toMatchObject({ kind: 'known', status: 'verified' });
    expect(decideReport(verify(63), state).result).toMatchObject({ code: 'WRIT-RCP-012' });
  });

  it('needs something to verify', () => {
    expect(decideReport(verify(61), outcomeInitial).result).toMatchObject({ code: 'WRIT-RCP-011' });
    expect(decideReport(verify(61), unknown().state).result).toMatchObject({ code: 'WRIT-RCP-011' });
  });
});

describe('open receipts', () => {
  it('are those issued without any outcome event', () => {
    const ledger = following(openReceiptsInitial, evolveOpenReceipts);
    const issued = {
      ...{
        agent: AGENT,
        intentId: INTENT,
        intentDigest: digest('intent1'),
        audience: proxy,
        request: frameOf({}),
      },
      who: { via: 'policy', decision: { id: `${INTENT}.decision.0`, digest: digest('d') }, approval: null },
      what: {
        ...{ tool: 'sql', operation: 'delete', resource: 'db:x' },
        argsDigest: digest('a'),
        obligations: [],
      },
      when: { issued: at(0), expires: at(60_000) },
      why: {
        boundary: { name: 'b', digest: digest('b') },
        currentBoundaryDigest: digest('b'),
        rule: null,
        codes: [],
      },
    };
    const causes = { id: receipt.eventId, agent: AGENT, causationid: INTENT, correlationid: INTENT };
    ledger.tell([{ ...causes, type: 'writ.authority.receipt-issued.v1', data: issued }]);
    expect(ledger.state.get(INTENT)).toMatchObject({ eventId: receipt.eventId, expires: at(60_000) });
    ledger.tell(decideReport(reporting(60), outcomeInitial).events);
    expect(ledger.state.size).toBe(0);
  });
});
