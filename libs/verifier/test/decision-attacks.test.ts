// Owned services against invariants 6 and 8: forged frames, changes nobody asked for, decisions the boundary does not give.
import type { Draft } from '@writ/domain';
import { expect, test } from 'vitest';
import { exitCodeOf, type Report } from '../src/index.js';
import { act, decide, decisionDraft, intend, request } from './story/actions.js';
import { altered, expectViolation, fieldsOf, receiptOf } from './story/forging.js';
import { AGENT, ENV, iso, OTHER, type TestLedger } from './story/ledger.js';
import { boundary, change, command, registryDraft } from './story/organisation.js';
import { contain, halt } from './story/people.js';
import { founded } from './story/story.js';
import { codesOf, verify } from './story/verifying.js';

test('invariant 6: an intent that its agent did not sign is a violation', async () => {
  const ledger = founded();
  const sent = intend(ledger, { operation: 'drop' });
  const forged = { ...sent.frame, sig: sent.frame.sig.replace(/^.{4}/, 'AAAA') };
  expect(forged).not.toEqual(sent.frame);
  ledger.write(altered(decisionDraft(ledger, sent), () => ({ intent: forged })));
  expectViolation(await verify(ledger), 'WRIT-VER-161');
});

test('invariant 6: an intent of another agent is a violation', async () => {
  const ledger = founded();
  const draft = decisionDraft(ledger, intend(ledger, { operation: 'drop', agent: OTHER }));
  ledger.write({ ...altered(draft, () => ({ agent: AGENT })), agent: AGENT });
  expectViolation(await verify(ledger), 'WRIT-VER-162');
});

test('invariant 6: an intent signed with a key that had been revoked is a violation', async () => {
  const ledger = founded();
  change(ledger, { do: 'revoke-key', kid: ledger.keyOf(AGENT).kid, reason: 'compromised' }, 'olga');
  ledger.pass(60);
  decide(ledger, { operation: 'drop' });
  expectViolation(await verify(ledger), 'WRIT-VER-163');
});

test('invariant 6: an intent digest that is not that of the intent is a violation', async () => {
  const ledger = founded();
  const draft = decisionDraft(ledger, intend(ledger, { operation: 'drop' }));
  ledger.write(altered(draft, () => ({ intentDigest: intend(ledger).digest })));
  expectViolation(await verify(ledger), 'WRIT-VER-164');
});

test('invariant 6: a registry change that its command does not ask for is a violation', async () => {
  const ledger = founded();
  const signed = command(ledger, 'olga', 'registry', {
    do: 'grant-role',
    person: 'lee',
    grant: { role: 'auditor', scope: ENV },
  });
  const draft = registryDraft(ledger, signed, { kind: 'person', person: 'olga' });
  ledger.write(altered(draft, () => ({ grant: { role: 'admin', scope: 'acme' } })));
  expectViolation(await verify(ledger), 'WRIT-VER-166');
});

test('invariant 6: a boundary under a digest that is not its own is a violation', async () => {
  const ledger = founded();
  const looser = { ...boundary, spec: { ...boundary.spec, permitSeconds: 9 } };
  const signed = command(ledger, 'olga', 'registry', { do: 'publish-boundary', boundary: looser });
  const draft = registryDraft(ledger, signed, { kind: 'person', person: 'olga' });
  ledger.write(altered(draft, () => ({ digest: intend(ledger).digest })));
  expectViolation(await verify(ledger), 'WRIT-VER-166');
});

test('invariant 8: a decision that the boundary does not give is a violation, and so is its receipt', async () => {
  const ledger = founded();
  const sent = intend(ledger, { operation: 'drop', resource: 'db:shop' });
  const honest = decisionDraft(ledger, sent);
  const forged: Draft = {
    ...altered(honest, () => ({ rule: 'read', codes: ['rule-permit'], expires: iso(ledger.ms() + 200_000) })),
    type: 'writ.decision.permitted.v1',
  };
  const asked = { ...sent, decision: ledger.write(forged) };
  const signed = request(ledger, asked);
  const model = receiptOf(ledger, decide(ledger));
  const data = fieldsOf(asked.decision.document.data);
  const { tool, operation, resource } = sent.document.data.action;
  ledger.write({
    ...altered(model, (old) => ({
      ...{ intentId: sent.document.id, intentDigest: sent.digest, request: signed.frame },
      who: { ...old['who'], decision: { id: forged.id, digest: asked.decision.digest } },
      what: { tool, operation, resource, argsDigest: data['obligedDigest'], obligations: [] },
      why: { ...old['why'], rule: 'read', codes: ['rule-permit'] },
    })),
    id: `${signed.document.id}.authority.0`,
  });
  const report = await verify(ledger);
  expectViolation(report, 'WRIT-VER-181');
  expect(report.authority.notWithin).toMatchObject([{ intentId: sent.document.id, code: 'WRIT-VER-181' }]);
});

test('invariant 8: a decision with other counters than the ledger gives is a violation', async () => {
  const ledger = founded();
  act(ledger);
  const draft = decisionDraft(ledger, intend(ledger));
  ledger.write(
    altered(draft, (data) => ({
      inputs: { ...data['inputs'], counters: { 'refunds-per-hour': 0 } },
    })),
  );
  expectViolation(await verify(ledger), 'WRIT-VER-182');
});

const read = { operation: 'read', resource: 'db:shop/orders/1' };

/** What comes of a decision that was drafted before something happened, and recorded after it. */
const overlooking = async (
  happens: (ledger: TestLedger) => void,
  seconds = 0,
  stale = false,
): Promise<Report> => {
  const ledger = founded();
  const draft = decisionDraft(ledger, intend(ledger, read));
  const seen = ledger.messages.length;
  happens(ledger);
  ledger.pass(seconds);
  ledger.write(draft, stale ? { seen } : {});
  return verify(ledger);
};

const demote = (ledger: TestLedger): void => {
  const action = { do: 'set-autonomy', agent: AGENT, step: 'shadow' } as const;
  const order = command(ledger, 'kim', 'anomaly-detector', { ...action, reason: { _sd: [] } });
  ledger.write({
    ...{ id: `${order.document.id}.conduct.0`, type: 'writ.conduct.autonomy-demoted.v1', agent: AGENT },
    ...{ causationid: order.document.id, correlationid: order.document.id },
    data: { agent: AGENT, from: 'autonomous', to: 'shadow', evidence: [], command: order.frame, codes: [] },
  });
};

test('invariant 8: a decision that overlooks what its service had read is a violation', async () => {
  const retire = (ledger: TestLedger) => change(ledger, { do: 'retire-agent', agent: AGENT }, 'olga');
  expectViolation(await overlooking((ledger) => contain(ledger, 'isolate')), 'WRIT-VER-183');
  expectViolation(await overlooking((ledger) => halt(ledger, 'halt-1')), 'WRIT-VER-183');
  expectViolation(await overlooking(retire), 'WRIT-VER-183');
  expectViolation(await overlooking(demote), 'WRIT-VER-183');
});

test('invariant 8: a decision on a view over 2 s old that lacks what happened is a violation', async () => {
  const report = await overlooking((ledger) => contain(ledger, 'isolate'), 20, true);
  expectViolation(report, 'WRIT-VER-189');
});

test('invariant 8: an input that was true a moment before, at a view fresh enough, is no violation', async () => {
  const ledger = founded();
  const draft = decisionDraft(ledger, intend(ledger, { operation: 'read', resource: 'db:shop/orders/1' }));
  const seen = ledger.messages.length;
  contain(ledger, 'isolate');
  ledger.pass(1);
  ledger.write(draft, { seen });
  expect((await verify(ledger)).findings).toEqual([]);
});

test('invariant 8: a decision under a boundary that was not in force is a violation', async () => {
  const ledger = founded();
  const draft = decisionDraft(ledger, intend(ledger, { operation: 'read', resource: 'db:shop/orders/1' }));
  const stricter = { ...boundary, spec: { ...boundary.spec, rules: boundary.spec.rules.slice(1) } };
  change(ledger, { do: 'publish-boundary', boundary: stricter }, 'olga');
  ledger.pass(20);
  ledger.write(draft);
  const report = await verify(ledger);
  expectViolation(report, 'WRIT-VER-183', 'WRIT-VER-184');
});

test('invariant 8: a disclosure that the intent does not commit to is a violation', async () => {
  const ledger = founded();
  const draft = decisionDraft(ledger, intend(ledger));
  const foreign = intend(ledger, { args: { amount: 1 } }).disclosures;
  ledger.write(altered(draft, () => ({ disclosed: [...foreign] })));
  const codes = codesOf((await verify(ledger)).findings);
  expect(codes).toEqual(['WRIT-VER-185', 'WRIT-VER-186']);
});

test('invariant 8: obligations that do not give the recorded digest are a violation', async () => {
  const ledger = founded();
  const draft = decisionDraft(ledger, intend(ledger, { args: { amount: 4500, order: 'o-1' } }));
  ledger.write(altered(draft, () => ({ obligedDigest: intend(ledger).digest })));
  expectViolation(await verify(ledger), 'WRIT-VER-186');
});

test('invariant 8: an obligation on a private argument is undetermined, not a violation', async () => {
  const ledger = founded();
  const [read, ...others] = boundary.spec.rules;
  const set = { kind: 'set' as const, field: 'args.dry_run', value: true };
  const rules = [{ ...read!, obligations: [set] }, ...others];
  change(
    ledger,
    { do: 'publish-boundary', boundary: { ...boundary, spec: { ...boundary.spec, rules } } },
    'olga',
  );
  act(ledger, { operation: 'read', resource: 'db:shop/orders/1' });
  const report = await verify(ledger);
  expect(codesOf(report.findings)).toEqual(['WRIT-VER-186']);
  expect(report.authority.receipts).toEqual({ within: 0, violation: 0, undetermined: 1 });
  expect(exitCodeOf(report)).toBe(3);
});

test('invariant 8: a decision that states a time far from the server is a violation', async () => {
  const ledger = founded();
  const draft = decisionDraft(ledger, intend(ledger, { operation: 'drop', deadline: 3_600 }));
  ledger.pass(100);
  ledger.write(draft);
  expectViolation(await verify(ledger), 'WRIT-VER-187');
});

test('invariant 8: a permit that lives longer than the boundary says is a violation', async () => {
  const ledger = founded();
  const draft = decisionDraft(ledger, intend(ledger, { deadline: 7_200 }));
  ledger.write(altered(draft, () => ({ expires: iso(ledger.ms() + 3_600_000) })));
  expectViolation(await verify(ledger), 'WRIT-VER-188');
});
