// A whole, honest story: every family, every invariant. Attacks begin from it.
import { act, decide, issue, report } from './actions.js';
import { AGENT, createLedger, OTHER, POINT, type TestLedger } from './ledger.js';
import { boundary, change, found } from './organisation.js';
import { acknowledge, contain, escalate, halt, release, timeOut, vote } from './people.js';

/** A founded organisation and nothing else. */
export const founded = (): TestLedger => {
  const ledger = createLedger();
  found(ledger);
  return ledger;
};

/** A day: permits, denials, approvals, a timeout, halts and releases, containment, a new boundary, junk in between. */
export const day = (): TestLedger => {
  const ledger = founded();
  act(ledger);
  act(ledger, { operation: 'read', resource: 'db:shop/orders/17' });
  decide(ledger, { operation: 'drop', resource: 'db:shop' });
  const approved = escalate(ledger);
  vote(ledger, approved, 'ann');
  vote(ledger, approved, 'ben');
  issue(ledger, approved, POINT);
  report(ledger, approved, POINT);
  report(ledger, approved, OTHER, 'verifier');
  ledger.store('gov.ledger.decision.acme.shop.prod', new TextEncoder().encode('{"not":"a frame"}'));
  halt(ledger, 'halt-1');
  acknowledge(ledger, ['halt-1']);
  decide(ledger, { operation: 'read', resource: 'db:shop/orders/18' });
  release(ledger, ['halt-1']);
  halt(ledger, 'halt-2', AGENT, { resource: 'psp:*', operation: 'create' });
  act(ledger, { operation: 'read', resource: 'db:shop/orders/19' });
  release(ledger, ['halt-2']);
  contain(ledger, 'isolate');
  decide(ledger, { operation: 'read', resource: 'db:shop/orders/20' });
  contain(ledger, 'none');
  const rejected = escalate(ledger);
  vote(ledger, rejected, 'ann', 'reject');
  ledger.pass(601);
  const late = escalate(ledger);
  ledger.pass(601);
  timeOut(ledger, late);
  const before = decide(ledger, { operation: 'read', resource: 'db:shop/orders/21' });
  const stricter = { ...boundary, spec: { ...boundary.spec, receiptSeconds: 30 } };
  change(ledger, { do: 'publish-boundary', boundary: stricter }, 'olga');
  issue(ledger, before);
  act(ledger, { agent: OTHER, operation: 'read', resource: 'db:shop/orders/22' });
  return ledger;
};
