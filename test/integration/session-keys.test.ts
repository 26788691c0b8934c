// Session keys through a whole plane: an agent works on one from intent to outcome; stolen, lent and orphaned ones get nowhere.
import { connectWrit, readCredentials, type WritClient } from '@writ/client';
import { type Frame, subjects } from '@writ/contracts';
import { type KeyPair, readKeyFile, type Signer, signBytes } from '@writ/crypto';
import { uuidv7 } from '@writ/runtime';
import { afterEach, describe, expect, it } from 'vitest';
import type { Signed } from '../harness/answer.js';
import { makeIntent } from '../harness/asker.js';
import { auditOf, itLeavesAValidLedger } from '../harness/audit.js';
import { sessionOf, type TestSession, underSession } from '../harness/sessions.js';
import { DROP, ENV, Event, OPS, PROXY, READ, useShop } from '../harness/shop.js';

const OTHER = `${ENV}.other`;
const LOST = `${ENV}.lost`;
const REUSER = `${ENV}.reuser`;
const SUCCEEDED = 'writ.outcome.succeeded.v1';
const shop = useShop({ agents: [OPS, OTHER, LOST, REUSER] });

const clients: WritClient[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

const identityOf = (agent: string): KeyPair => readKeyFile(shop().plane.paths.agentKey(agent));
const asked = (wanted: { readonly operation: string; readonly resource: string }) => ({
  action: { tool: 'psql', operation: wanted.operation, resource: wanted.resource, args: { rows: 3 } },
});
const agentOn = async (agent: string): Promise<WritClient> => {
  const client = await shop().plane.agent(agent, { session: true });
  clients.push(client);
  return client;
};

/** The event of that type about an agent that names an intent or halt. */
const about = async (named: string, type: string, agent = OPS): Promise<Signed> => {
  const { ledger } = shop().plane;
  const { document } = await ledger.until(
    (e) => e.document.type === type && e.document.data['agent'] === agent && e.text.includes(named),
    type,
  );
  return document;
};

/** The frame of an event is a session key's, and its certificate is the identity key's. */
const expectSession = ({ data }: Signed, field: string, agent: string): void => {
  const [frame, session] = [data[field] as Frame, data['session'] as Frame];
  const { kid } = identityOf(agent);
  expect(session.kid).toBe(kid);
  expect(frame.kid).not.toBe(kid);
  const { session: named } = session.signed['data'] as { readonly session: { readonly kid: string } };
  expect(named.kid).toBe(frame.kid);
};

describe('an agent on a session key', () => {
  it('acts from intent to outcome; the plane knows it by its identity', async () => {
    const client = await agentOn(OPS);
    const decided = await client.authorize(asked(READ));
    if (decided.kind !== 'permitted') throw new Error(decided.kind);
    const done = await client.execute(decided.handle, () => 'done');
    expect(done).toMatchObject({ kind: 'executed', value: 'done' });
    const { id } = decided.handle;
    expectSession(await about(id, Event.permitted), 'intent', OPS);
    const receipt = await about(id, Event.issued);
    expectSession(receipt, 'request', OPS);
    expect(receipt.data['audience']).toEqual({ name: OPS, kid: identityOf(OPS).kid });
    const outcome = await about(id, SUCCEEDED);
    expectSession(outcome, 'report', OPS);
    expect(outcome.data['reportedBy']).toEqual({ name: OPS, kid: identityOf(OPS).kid });
  });

  it('waits for an approval, goes on from its stored handle, and lets a tool act for it on its own session key', async () => {
    const { plane, alice } = shop();
    const first = await agentOn(OPS);
    const waiting = await first.authorize(asked(DROP));
    if (waiting.kind !== 'escalated') throw new Error(waiting.kind);
    const stored = JSON.parse(JSON.stringify(waiting.handle.toJSON()));
    await first.close();
    const opened = await about(waiting.handle.id, Event.opened);
    expect((await alice.vote(opened, 'approve')).code).toBeUndefined();
    const second = await agentOn(OPS);
    const resumed = await second.resume(stored);
    if (resumed.kind !== 'escalated') throw new Error(resumed.kind);
    const point = await plane.point(PROXY, { session: { ttlSeconds: 60 } });
    const { resource, operation } = DROP;
    const call = { ...second.handOver(resumed.handle), resource, operation };
    const done = await point.enforce(call, () => 'dropped', { wait: 'approval' });
    expect(done).toMatchObject({ kind: 'executed', value: 'dropped' });
    expectSession(await about(waiting.handle.id, Event.issued), 'request', PROXY);
  });

  it('acknowledges a halt and hands its state over', async () => {
    const { plane, oncall, alice } = shop();
    clients.push(await plane.agent(OPS, { session: true, preserveState: () => ({ step: 7 }) }));
    const [fact] = (await oncall.haltRequest(OPS)) as readonly Signed[];
    const halt = String(fact?.data['halt']);
    expectSession(await about(halt, 'writ.stop.acknowledged.v1'), 'ack', OPS);
    expectSession(await about(halt, 'writ.stop.state-preserved.v1'), 'request', OPS);
    await alice.release(OPS, [halt]);
    await expect.poll(() => clients[0]?.status().gate.kind, { timeout: 5000 }).toBe('open');
  });

  it('has its identity key, wherever that is held, sign once and not for every intent', async () => {
    const { paths, natsUrl } = shop().plane;
    const identity = identityOf(OTHER);
    let signed = 0;
    const kms: Signer = {
      ...{ kid: identity.kid, x: identity.x },
      sign: (bytes) => {
        signed += 1;
        return signBytes(identity, bytes);
      },
    };
    const credentials = { ...readCredentials(paths.agentDir(OTHER)), natsUrl, key: kms };
    const client = await connectWrit(credentials, { session: true });
    clients.push(client);
    for (let n = 0; n < 5; n += 1) expect((await client.authorize(asked(READ))).kind).toBe('permitted');
    expect(signed).toBe(1);
  });

  it('renews it in time, and at once when it is over', async () => {
    const events: string[] = [];
    const client = await shop().plane.agent(OTHER, {
      session: { ttlSeconds: 1 },
      log: ({ event }) => void events.push(event),
    });
    clients.push(client);
    const ids: string[] = [];
    for (let n = 0; n < 2; n += 1) {
      const decided = await client.authorize(asked(READ));
      if (decided.kind !== 'permitted') throw new Error(decided.kind);
      ids.push(decided.handle.id);
      await new Promise((resolve) => setTimeout(resolve, 1300));
    }
    const decisions = await Promise.all(ids.map((id) => about(id, Event.permitted, OTHER)));
    expect(new Set(decisions.map(({ data }) => (data['intent'] as Frame).kid)).size).toBe(2);
    expect(events.filter((event) => event === 'session-key-certified').length).toBeGreaterThan(2);
  });

  it('may not ask for more than 24 hours', async () => {
    const options = { session: { ttlSeconds: 86_400 } };
    await expect(shop().plane.agent(OTHER, options)).rejects.toMatchObject({ code: 'WRIT-CFG-001' });
  });
});

describe('a session key', () => {
  const sent = async (agent: string, by: TestSession, time = Date.now(), as = agent): Promise<string> => {
    const raw = await shop().plane.raw(agent);
    const { bytes } = makeIntent(as, by.key, READ, { id: uuidv7({ now: () => time, mono: () => 0 }), time });
    const { code, first } = await raw.send(subjects.intent(agent), underSession(bytes, by));
    return code ?? first.type;
  };

  it('that was stolen is of no use after its end, whatever time its messages state', async () => {
    const ended = sessionOf(OTHER, identityOf(OTHER), { from: -7200, to: -180 });
    expect(await sent(OTHER, ended)).toBe('WRIT-KEY-032');
    expect(await sent(OTHER, ended, Date.now() - 200_000)).toBe('WRIT-DEC-001');
    const honest = sessionOf(OTHER, identityOf(OTHER));
    expect(await sent(OTHER, honest)).toBe(Event.permitted);
  });

  it('of one agent does not speak on the connection of another', async () => {
    const lent = sessionOf(OPS, identityOf(OPS));
    expect(await sent(OTHER, lent)).toBe('WRIT-FRM-007');
    expect(await sent(OTHER, lent, Date.now(), OPS)).toBe('WRIT-FRM-008');
    expect(await sent(OTHER, sessionOf(OTHER, identityOf(OPS)))).toBe('WRIT-KEY-031');
  });

  it('is its agent’s own: two intents under one id are flagged', async () => {
    const { plane } = shop();
    const raw = await plane.raw(REUSER);
    const by = sessionOf(REUSER, identityOf(REUSER));
    const id = uuidv7();
    const send = (rows: number) => {
      const { bytes } = makeIntent(REUSER, by.key, { ...READ, args: { rows } }, { id });
      return raw.send(subjects.intent(REUSER), underSession(bytes, by));
    };
    expect((await send(1)).code).toBeUndefined();
    expect((await send(2)).code).toBe('WRIT-DEC-002');
    expectSession(await about(id, 'writ.conduct.flagged.v1', REUSER), 'intent', REUSER);
  });

  it('ends with its identity key: no intent, and no receipt for one that was permitted', async () => {
    const { plane } = shop();
    const client = await agentOn(LOST);
    const before = await client.authorize(asked(READ));
    if (before.kind !== 'permitted') throw new Error(before.kind);
    await plane.change({ do: 'revoke-key', kid: identityOf(LOST).kid, reason: 'compromised' });
    await expect
      .poll(async () => ((await client.authorize(asked(READ))) as { code?: string }).code, { timeout: 5000 })
      .toMatch(/^WRIT-(FRM-006|ENF-00\d)$/);
    expect(await sent(LOST, sessionOf(LOST, identityOf(LOST)))).toBe('WRIT-FRM-006');
    const executed = await client.execute(before.handle, () => 'never', { timeoutMs: 1500 });
    expect(executed.kind).toBe('refused');
  });
});

itLeavesAValidLedger(() => shop().plane);

it('and every decision in it was made on an intent that verifies', async () => {
  expect((await auditOf(shop().plane)).counts.decisions).toBeGreaterThan(8);
});
