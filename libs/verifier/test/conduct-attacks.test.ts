// An owned detector against invariant 6: floods that no service reported, and flags for intents that the agent never signed.
import { type ConductReportData, subjects } from '@writ/contracts';
import { decideFlood, decideIdReuse } from '@writ/domain';
import { expect, test } from 'vitest';
import { type Decided, decide, intend, only, type Sent } from './story/actions.js';
import { altered, expectViolation, type Loose } from './story/forging.js';
import { AGENT, OTHER, type TestLedger } from './story/ledger.js';
import { founded } from './story/story.js';
import { verify } from './story/verifying.js';

const reported = (ledger: TestLedger, data: ConductReportData, signer = 'decision') =>
  ledger.live('conduct-report', ledger.keyOf(signer), subjects.report('acme', 'decision'), data);

/** The event of a flood, as the detector would record it. */
const flooded = (ledger: TestLedger, signer = 'decision') => {
  const at = ledger.now();
  const flood = { about: 'flood', kind: 'intent', asker: AGENT, shed: 7, from: at, to: at } as const;
  const report = reported(ledger, flood, signer);
  const given = { ...report, service: 'decision', flood, known: true, now: ledger.now() } as const;
  return only(decideFlood(given, ledger.states.conduct));
};

/** An intent under the id of another one. */
const second = (ledger: TestLedger, first: Decided, agent = AGENT): Sent => {
  const sent = intend(ledger, { agent, args: { amount: 9999 } });
  const { document } = sent;
  const same = ledger.live('intent', ledger.keyOf(agent), document.subject, document.data, first.document.id);
  return { ...sent, ...same };
};

const reused = (ledger: TestLedger, first: Decided, again: Sent) => {
  const reuse = {
    about: 'intent-id-reused',
    intent: again.frame,
    recorded: first.decision.document.id,
  } as const;
  const input = {
    ...{ ...reported(ledger, reuse), service: 'decision' as const, reuse, history: 1, now: ledger.now() },
    intent: { id: first.document.id, agent: AGENT, digest: 'B'.repeat(43) },
    recorded: { event: reuse.recorded, agent: AGENT, intentDigest: first.digest },
  };
  return only(decideIdReuse(input, ledger.states.conduct));
};

test('a flood that its service reported, and an id that its agent used twice, hold', async () => {
  const ledger = founded();
  const first = decide(ledger);
  for (const draft of [...flooded(ledger), ...reused(ledger, first, second(ledger, first))])
    ledger.write(draft);
  const report = await verify(ledger);
  expect(report.findings).toEqual([]);
});

test('a flood that no service signed, or that says more than its report, is a violation', async () => {
  const unsigned = founded();
  for (const draft of flooded(unsigned, 'approval')) unsigned.write(draft);
  expectViolation(await verify(unsigned), 'WRIT-VER-162');
  const more = founded();
  for (const draft of flooded(more)) more.write(altered(draft, () => ({ shed: 700 })));
  expectViolation(await verify(more), 'WRIT-VER-164');
  const foreign = founded();
  for (const draft of flooded(foreign)) foreign.write(altered(draft, () => ({ kind: 'ack' })));
  expectViolation(await verify(foreign), 'WRIT-VER-164');
});

test('a flag for an id that somebody else used, that was used once, or with no intent to show, is a violation', async () => {
  const other = founded();
  const first = decide(other);
  for (const draft of reused(other, first, second(other, first, OTHER))) other.write(draft);
  expectViolation(await verify(other), 'WRIT-VER-162');
  const once = founded();
  const only = decide(once);
  for (const draft of reused(once, only, only)) once.write(draft);
  expectViolation(await verify(once), 'WRIT-VER-164');
  const bare = founded();
  const decided = decide(bare);
  for (const draft of reused(bare, decided, second(bare, decided))) {
    const { intent: _, ...data } = draft.data as Loose;
    bare.write({ ...draft, data });
  }
  expectViolation(await verify(bare), 'WRIT-VER-161');
});
