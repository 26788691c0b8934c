// When a reused intent id is reported: at once, again until the ledger shows the flag, and never about somebody else's id.
import { type AgentScope, LEDGER_PAYLOAD_TYPE } from '@writ/contracts';
import { signFrame } from '@writ/crypto';
import { conductInitial, conductOf, reuseFlagId } from '@writ/domain';
import { systemClock } from '@writ/runtime';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { documentOf } from '../../../test/harness/answer.js';
import { makeIntent } from '../../../test/harness/asker.js';
import { type QuietPlane, quietPlane } from '../../../test/harness/quiet-plane.js';
import { keepReusedIds, type ReusedIds } from '../src/reused-ids.js';

const OPS = 'acme.shop.prod.ops';
const OTHER = 'acme.shop.prod.other';
let quiet: QuietPlane;
let conduct: typeof conductInitial;
let reusedIds: ReusedIds;
let decidedFor: AgentScope;

beforeAll(async () => {
  const members = { agents: [OPS, OTHER], points: [], people: [], revoked: [] };
  quiet = await quietPlane('decision', members, systemClock);
});
afterAll(() => quiet?.stop());
beforeEach(() => {
  conduct = conductInitial;
  decidedFor = OPS;
  const { plane } = quiet;
  const stored = async () =>
    signFrame(
      LEDGER_PAYLOAD_TYPE,
      { kid: plane.key.kid, data: { agent: decidedFor } },
      quiet.key('svc:decision'),
    );
  reusedIds = keepReusedIds({
    plane,
    conduct: { of: () => conduct, scopes: () => [] },
    frames: { of: stored },
  });
});

const reuse = () => {
  const { id, bytes } = makeIntent(OPS, quiet.key(OPS), { operation: 'select', resource: 'db:x' });
  const [frame = ''] = Buffer.from(bytes).toString('utf8').split('\n');
  return { id, agent: OPS, intent: JSON.parse(frame), recorded: `${id}.decision.0` };
};
/** The intents that were reported since the last look. */
const reported = async () => {
  await new Promise((resolve) => setTimeout(resolve, 20));
  return quiet.bus.taken().map(({ subject, data }) => {
    expect(subject).toBe('gov.report.acme.decision');
    return (documentOf(data).data['intent'] as { signed: { id: string } }).signed.id;
  });
};
const flag = (id: string) => {
  const event = { detector: 'intent-id-reused', event: reuseFlagId(id), at: '', covers: 1 } as const;
  conduct = { ...conduct, agents: conduct.agents.set(OPS, { ...conductOf(conduct, OPS), flags: [event] }) };
};

test('it is reported at once, and again until the ledger shows the flag', async () => {
  const first = reuse();
  reusedIds.report(first);
  expect(await reported()).toEqual([first.id]);
  reusedIds.reportMissing();
  expect(await reported()).toEqual([first.id]);
  flag(first.id);
  reusedIds.reportMissing();
  reusedIds.report(first);
  expect(await reported()).toEqual([]);
});

test('an agent that reuses many ids has one report waiting, and the next after its flag', async () => {
  const [first, second] = [reuse(), reuse()];
  for (const each of [first, second, first]) reusedIds.report(each);
  expect(await reported()).toEqual([first.id]);
  flag(first.id);
  reusedIds.report(second);
  expect(await reported()).toEqual([second.id]);
});

test('an id that another agent used is reported to nobody', async () => {
  decidedFor = OTHER;
  reusedIds.report(reuse());
  reusedIds.reportMissing();
  expect(await reported()).toEqual([]);
});
