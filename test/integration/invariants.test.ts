// The invariants of ARCHITECTURE §7 about receipts, decisions, votes and commands, one by one, on real processes.
import { subjects } from '@writ/contracts';
import { uuidv7 } from '@writ/runtime';
import { describe, expect, it } from 'vitest';
import type { Answer, Signed } from '../harness/answer.js';
import type { MadeIntent } from '../harness/asker.js';
import { itLeavesAValidLedger } from '../harness/audit.js';
import { boundary, shopRules } from '../harness/documents.js';
import { DROP, ENV, Event, OPS, PURGE, READ, SECRET, shopBoundary, useShop } from '../harness/shop.js';

const shop = useShop();

const about = async (intent: MadeIntent, ...types: readonly string[]) =>
  (await shop().plane.ledger.of(...types)).filter((e) => e.document.data['intentId'] === intent.id);
const gateOf = async (intent: MadeIntent): Promise<Signed> => {
  const fits = (e: { document: Signed }) =>
    e.document.type === Event.opened && e.document.data['intentId'] === intent.id;
  return (await shop().plane.ledger.until(fits, 'the gate')).document;
};
const types = (answers: readonly Answer[]) => answers.map((a) => a.code ?? a.first.type);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('invariant 1: no receipt without a permit or a granted approval', () => {
  it('a denied intent gets none, and the ledger says that it was withheld', async () => {
    const { ops } = shop();
    const intent = await ops.decide(SECRET);
    expect(intent.answer.first.type).toBe(Event.denied);
    expect((await ops.receipt(intent)).code).toBe('WRIT-RCP-002');
    expect(await about(intent, Event.issued)).toEqual([]);
    expect(await about(intent, Event.withheld)).toHaveLength(1);
  });

  it('an escalated intent gets none while the gate is open, none after a rejection', async () => {
    const { ops, bob } = shop();
    const intent = await ops.decide(DROP);
    expect(intent.answer.first.type).toBe(Event.escalated);
    expect((await ops.receipt(intent)).code).toBe('WRIT-RCP-009');
    expect((await bob.vote(await gateOf(intent), 'reject')).first.type).toBe(Event.voted);
    expect((await ops.receiptInTime(intent)).code).toBe('WRIT-RCP-010');
    expect(await about(intent, Event.issued)).toEqual([]);
  });

  it('an approved intent gets one that names who approved it, for the arguments decided and no others', async () => {
    const { ops, bob } = shop();
    const intent = await ops.decide(DROP);
    await bob.vote(await gateOf(intent), 'approve');
    const other = ops.intent({ ...DROP, args: { rows: 1 } });
    expect((await ops.receiptInTime(intent, other.argsDigest)).code).toBe('WRIT-RCP-003');
    const { first } = await ops.receiptInTime(intent);
    expect(first.type).toBe(Event.issued);
    expect(first.data['who']).toMatchObject({ via: 'approval', approval: { people: ['bob'] } });
  });

  it('an intent that nobody decided gets none, nor does another identity for a permitted one of the agent', async () => {
    const { ops, plane } = shop();
    expect((await ops.receipt(ops.intent(READ))).code).toBe('WRIT-RCP-001');
    await plane.addAgent(`${ENV}.other`);
    const other = await plane.raw(`${ENV}.other`);
    expect((await other.receipt(await ops.decide(READ))).code).toBe('WRIT-FRM-007');
  });

  it('a permit is withheld when the boundary has been changed to deny in between', async () => {
    const { ops, plane } = shop();
    const intent = await ops.decide(READ);
    expect(intent.answer.first.type).toBe(Event.permitted);
    const closed = { ...shopBoundary.spec, rules: shopRules.filter(({ id }) => id !== 'read') };
    await plane.publish(boundary('shop', ENV, closed));
    await pause(300);
    expect((await ops.receiptInTime(intent)).code).toBe('WRIT-RCP-007');
    await plane.publish(shopBoundary);
    expect((await ops.receiptInTime(await ops.decide(READ))).first.type).toBe(Event.issued);
    expect(await about(intent, Event.issued)).toEqual([]);
  });
});

describe('invariant 2: no receipt after a halt until its release', () => {
  it('holds in ledger order while a hundred receipts are asked for at once', async () => {
    const { ops, oncall, alice, plane } = shop();
    const intents = await Promise.all(Array.from({ length: 100 }, () => ops.decide(READ)));
    const asking = intents.map(async (intent, n) => {
      await pause(n * 6);
      return ops.receipt(intent);
    });
    await pause(300);
    await oncall.halt(ENV);
    const answers = await Promise.all(asking);
    const halt = await plane.ledger.until((e) => e.document.type === Event.halted, 'the halt');
    const name = String(halt.document.data['halt']);
    expect((await ops.receipt(intents.at(-1) as MadeIntent)).code).toBe('WRIT-RCP-006');
    const { first: release } = await alice.release(ENV, [name]);
    expect(release.type).toBe(Event.released);
    expect((await ops.receiptInTime(intents.at(-1) as MadeIntent)).first.type).toBe(Event.issued);

    const order = (await plane.ledger.of(Event.issued, Event.released)).filter((e) => e.seq > halt.seq);
    expect(order[0]?.document.type).toBe(Event.released);
    const issued = types(answers).filter((type) => type === Event.issued).length;
    expect(issued).toBeGreaterThan(10);
    expect(issued).toBeLessThan(90);
    expect(new Set(types(answers))).toEqual(new Set([Event.issued, 'WRIT-RCP-006']));
  });
});

describe('invariant 3: one receipt per intent, one audience, one outcome chain', () => {
  it('twenty requests of two askers at once give one receipt, and only its audience gets it', async () => {
    const { ops, proxy } = shop();
    const intent = await ops.decide(READ);
    const asked = Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? ops : proxy).receipt(intent));
    const answers = await Promise.all(asked);
    const receipts = await about(intent, Event.issued);
    expect(receipts).toHaveLength(1);
    const got = answers.filter((a) => a.first.type === Event.issued);
    expect(got).toHaveLength(10);
    expect(new Set(got.map((a) => a.text.split('\n')[0]))).toEqual(new Set([receipts[0]?.text]));
    expect(types(answers).filter((type) => type === 'WRIT-RCP-005')).toHaveLength(10);
  });

  it('the audience reports once; the same report again is the same event, another report is refused', async () => {
    const { ops, proxy } = shop();
    const intent = await ops.decide(READ);
    const receipt = (await ops.receiptInTime(intent)).first;
    expect((await proxy.report(receipt)).code).toBe('WRIT-RCP-005');
    const report = ops.reportOf(receipt);
    const send = () => ops.send(subjects.outcome(OPS), report);
    const [one, two] = await Promise.all([send(), send()]);
    const other = await ops.report(receipt, 'failed');
    expect(two.text).toBe(one.text);
    expect(one.first.type).toBe('writ.outcome.succeeded.v1');
    expect(other.code).toBe('WRIT-RCP-012');
    const chain = ['writ.outcome.succeeded.v1', 'writ.outcome.failed.v1'];
    expect(await about(intent, ...chain)).toHaveLength(1);
  });

  it('who executed cannot verify, another enforcement point can, once', async () => {
    const { ops, proxy } = shop();
    const receipt = (await ops.receiptInTime(await ops.decide(READ))).first;
    expect((await proxy.report(receipt, 'succeeded', 'verifier')).code).toBe('WRIT-RCP-011');
    await ops.report(receipt);
    expect((await ops.report(receipt, 'succeeded', 'verifier')).code).toBe('WRIT-FRM-007');
    expect((await proxy.report(receipt, 'failed', 'verifier')).first.type).toBe(
      'writ.outcome.contradicted.v1',
    );
    expect((await proxy.report(receipt, 'succeeded', 'verifier')).code).toBe('WRIT-RCP-012');
  });
});

describe('invariant 4: one decision per intent id', () => {
  it('however often it is sent, also after the service was killed, the answer is the same stored event', async () => {
    const { ops, plane } = shop();
    const intent = ops.intent(READ);
    const answers = await Promise.all(Array.from({ length: 20 }, () => ops.sendIntent(intent)));
    await plane.kill('decision');
    answers.push(await ops.sendIntent(intent));
    expect(new Set(answers.map((a) => a.text)).size).toBe(1);
    const decided = (await plane.ledger.all()).filter((e) =>
      e.document.id.startsWith(`${intent.id}.decision.`),
    );
    expect(decided.map((e) => e.text)).toEqual([answers[0]?.text]);
  });

  it('the same id with other content is refused and counted', async () => {
    const { ops, plane } = shop();
    const intent = await ops.decide(READ);
    const before = (await plane.refusals('decision'))['WRIT-DEC-002'] ?? 0;
    const other = await ops.decide({ ...READ, args: { rows: 4 } }, { id: intent.id });
    expect(other.answer.code).toBe('WRIT-DEC-002');
    expect((await plane.refusals('decision'))['WRIT-DEC-002']).toBe(before + 1);
    expect((await ops.receipt(other)).code).toBe('WRIT-RCP-003');
  });

  it('a stale one is refused and never decided', async () => {
    const { ops } = shop();
    const old = { time: Date.now() - 121_000 };
    expect((await ops.decide(READ, old)).answer.code).toBe('WRIT-DEC-001');
    const replay = ops.intent(READ, { ...old, id: uuidv7() });
    expect((await ops.sendIntent(replay)).code).toBe('WRIT-DEC-001');
  });
});

describe('invariant 5: votes of distinct people, never the requester, bound, one decisive result', () => {
  it('counts each eligible person once and only for the very action that is shown', async () => {
    const { ops, alice, bob, carol, dave } = shop();
    const intent = await ops.decide(PURGE);
    const opened = await gateOf(intent);
    expect((await alice.vote(opened, 'approve')).code).toBe('WRIT-APR-002');
    expect((await dave.vote(opened, 'approve')).code).toBe('WRIT-APR-002');
    const digest = String(opened.data['intentDigest']);
    for (const field of ['intentDigest', 'boundaryDigest', 'obligedDigest'] as const) {
      const other = opened.data[field] === digest ? String(opened.data['boundaryDigest']) : digest;
      expect((await bob.vote(opened, 'approve', { [field]: other })).code, field).toBe('WRIT-APR-006');
    }
    const past = new Date(Date.now() - 1000).toISOString();
    expect((await bob.vote(opened, 'approve', { expires: past })).code).toBe('WRIT-APR-008');
    expect((await bob.vote(opened, 'approve')).first.type).toBe(Event.voted);
    expect((await bob.vote(opened, 'approve')).code).toBe('WRIT-APR-003');
    expect((await ops.receipt(intent)).code).toBe('WRIT-RCP-009');
    expect((await carol.vote(opened, 'approve')).documents.map((d) => d.type)).toEqual([
      Event.voted,
      Event.granted,
    ]);
    for (const person of [alice, bob, dave])
      expect((await person.vote(opened, 'reject')).code).toMatch(/^WRIT-APR-00[234]$/);
    expect(await about(intent, Event.granted, Event.rejected)).toHaveLength(1);
    const { first } = await ops.receiptInTime(intent);
    expect(first.data['who']).toMatchObject({ approval: { people: ['bob', 'carol'] } });
  });

  it('opposite votes at the same moment give exactly one decisive result', async () => {
    const { ops, alice, bob, carol } = shop();
    const intent = await ops.decide(DROP);
    const opened = await gateOf(intent);
    const answers = await Promise.all([
      alice.vote(opened, 'approve'),
      bob.vote(opened, 'reject'),
      carol.vote(opened, 'approve'),
    ]);
    expect(types(answers).filter((type) => type === 'WRIT-APR-004')).toHaveLength(2);
    expect(await about(intent, Event.granted, Event.rejected)).toHaveLength(1);
  });
});

describe('invariant 11: no signed command works twice, late, or against another version', () => {
  const grant = (person: string) =>
    ({ do: 'grant-role', person, grant: { role: 'auditor', scope: 'acme' } }) as const;

  it('a registry command sent again is the same one event; after its effect was undone it stays undone', async () => {
    const { alice, plane } = shop();
    const command = await alice.signCommand('registry', grant('bob'));
    const send = () => alice.send(subjects.command('registry', 'acme', 'alice'), command);
    const [one, two] = [await send(), await send()];
    expect(two.text).toBe(one.text);
    await plane.change({ ...grant('bob'), do: 'revoke-role' });
    expect((await send()).text).toBe(one.text);
    const events = await plane.ledger.of('writ.registry.role-granted.v1');
    expect(events.filter((e) => e.document.id === one.first.id)).toHaveLength(1);
  });

  it('an expired one, one made before a change of its thing, and one for another service are refused', async () => {
    const { alice, plane } = shop();
    const version = await plane.ledger.registryVersion();
    expect((await alice.command('registry', grant('carol'), { expiresMs: -1 })).code).toBe('WRIT-REG-005');
    expect((await alice.command('registry', grant('carol'), { version: version + 5 })).code).toBe(
      'WRIT-REG-004',
    );
    await plane.change(grant('carol'));
    const stale = await alice.command('registry', { ...grant('carol'), do: 'revoke-role' }, { version });
    expect(stale.code).toBe('WRIT-REG-004');
    const command = await alice.signCommand('registry', { do: 'create-project', project: 'new' });
    const elsewhere = await alice.send(subjects.command('kill-switch', 'acme', 'alice'), command);
    expect(elsewhere.code).toBe('WRIT-FRM-008');
  });

  it('an old release releases no later halt, an old containment command moves nobody', async () => {
    const { alice, plane } = shop();
    const halt = async () => String((await alice.haltRequest(OPS))[0]?.data['halt']);
    const release = { do: 'release' as const, scope: OPS, halts: [await halt()], reason: { _sd: [] } };
    const command = await alice.signCommand('kill-switch', release);
    const send = () => alice.send(subjects.command('kill-switch', 'acme', 'alice'), command);
    expect((await send()).first.type).toBe(Event.released);
    const second = await halt();
    expect((await send()).first.data['halts']).not.toContain(second);
    await expect
      .poll(async () => (await shop().ops.decide(READ)).answer.first.type, { interval: 20 })
      .toBe(Event.denied);
    expect((await alice.release(OPS, [second], { expiresMs: -1 })).code).toBe('WRIT-REG-005');
    expect((await alice.release(OPS, [second])).code).toBeUndefined();
    expect(await plane.ledger.of(Event.released)).toHaveLength(3);

    const contain = (level: 'watch' | 'none') => ({
      do: 'set-containment' as const,
      agent: OPS,
      level,
      reason: { _sd: [] },
    });
    // An id that was used twice has flagged this agent before.
    await alice.command('anomaly-detector', contain('none'));
    const up = await alice.signCommand('anomaly-detector', contain('watch'));
    const move = () => alice.send(subjects.command('anomaly-detector', 'acme', 'alice'), up);
    expect((await move()).code).toBeUndefined();
    await alice.command('anomaly-detector', contain('none'));
    expect((await move()).code).toBe('WRIT-REG-008');
  });
});

itLeavesAValidLedger(() => shop().plane);
