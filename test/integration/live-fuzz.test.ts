// Hostile messages over the real bus to every service and to a connected agent: afterwards all processes are the same and all is served.
import type { NatsConnection } from '@nats-io/transport-node';
import { Codes, type LiveDocumentOf, type ServiceName, subjects } from '@writ/contracts';
import { type KeyPair, readKeyFile, sha256 } from '@writ/crypto';
import { connectBus, uuidv7 } from '@writ/runtime';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, readAnswer, type Signed } from '../harness/answer.js';
import { itLeavesAValidLedger } from '../harness/audit.js';
import { arrivals, type Keys } from '../harness/hostile.js';
import { logOf } from '../harness/plane.js';
import { ENV, Event, OPS, PROXY, READ, useShop } from '../harness/shop.js';
import { MARK, type Specimen, specimens } from '../harness/specimens.js';

// Everything that a service would ever write down.
process.env['WRIT_LOG_LEVEL'] = 'debug';

const EACH = 60;
const SERVICES: readonly ServiceName[] = [
  'registry',
  'decision',
  'approval',
  'receipt-ledger',
  'anomaly-detector',
  'kill-switch',
  'read-model',
];
const shop = useShop();
const answers: Answer[] = [];
let pids: readonly number[];
let owned: NatsConnection;

beforeAll(async () => {
  const { plane, ops, bob, alice } = shop();
  pids = [...plane.pids().values()];
  for (const [name, { bus }] of [
    [OPS, ops],
    ['bob', bob],
    ['alice', alice],
  ] as const)
    bus.subscribe(`_INBOX.${name}.1`, {
      callback: (_, message) => void answers.push(readAnswer(message.data)),
    });
  const seedFile = plane.paths.natsSeed('kill-switch');
  owned = await connectBus({
    url: plane.natsUrl,
    seedFile,
    inboxPrefix: '_INBOX.kill-switch',
    name: 'owned',
  });
});
afterAll(() => owned?.close());

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const busOf = (sender: string): NatsConnection => (sender === 'bob' ? shop().bob.bus : shop().ops.bus);
const keyOf = (name: string): KeyPair => {
  const { paths } = shop().plane;
  if (name.startsWith('svc:')) return readKeyFile(paths.keyFile(name.slice(4)));
  return readKeyFile(name.includes('.') ? paths.agentKey(name) : paths.personKey(name));
};
const keysFor = (sender: string): Keys => {
  const others = [OPS, PROXY, 'alice', 'bob', 'svc:kill-switch', 'svc:decision'].filter(
    (name) => name !== sender,
  );
  return { own: keyOf(sender), wrong: others.map(keyOf) };
};
const legitimate = async (): Promise<void> => {
  const { ops } = shop();
  const { first } = await ops.receiptInTime(await ops.decide(READ));
  expect(first.type).toBe(Event.issued);
  expect((await ops.report(first)).first.type).toBe('writ.outcome.succeeded.v1');
};

const count = async (service: ServiceName): Promise<number> =>
  Object.values(await shop().plane.refusals(service)).reduce((sum, n) => sum + n, 0);

describe('hundreds of hostile messages over the bus', () => {
  it('are refused with codes to their senders only, and every intake answers afterwards', async () => {
    const before = new Map<string, number>();
    for (const service of SERVICES) before.set(service, await count(service));
    for (const specimen of Object.values(specimens)) {
      const { sender } = specimen();
      const bus = busOf(sender);
      const elsewhere = (subject: string) => subject !== specimen().subject;
      for (const arrival of fc.sample(arrivals(specimen, keysFor(sender)), EACH)) {
        if (arrival.good || elsewhere(arrival.subject)) continue;
        bus.publish(
          arrival.subject,
          arrival.data,
          arrival.reply === undefined ? {} : { reply: arrival.reply },
        );
      }
      await bus.flush();
    }
    await pause(500);
    for (const { code } of answers) expect(Object.keys(Codes)).toContain(code);
    expect(answers.length).toBeGreaterThan(150);
    for (const service of SERVICES.filter((name) => name !== 'decision' && name !== 'read-model'))
      expect(await count(service), service).toBeGreaterThan(before.get(service) as number);
    await legitimate();
  });
});

const digest = sha256('nothing');
const reason = { _sd: [] };
const scope = 'acme.shop.prod.nobody';
const kid = sha256('no key');
const later = () => new Date(Date.now() + 60_000).toISOString();

type Action = LiveDocumentOf<'command'>['data']['action'];
const ACTIONS: readonly Action[] = [
  { do: 'create-environment', project: 'nowhere', environment: 'x' },
  { do: 'remove-person', person: 'alice' },
  { do: 'grant-role', person: 'nobody', grant: { role: 'admin', scope: 'other' } },
  { do: 'revoke-role', person: 'alice', grant: { role: 'admin', scope: 'acme' } },
  { do: 'retire-agent', agent: scope },
  { do: 'change-owner', agent: OPS, owner: 'nobody' },
  { do: 'retire-key', kid },
  { do: 'revoke-key', kid, reason: 'compromised' },
  { do: 'distrust-key', kid, from: 9_007_199_254_740_991, reason: 'unspecified' },
  { do: 'retire-boundary', name: 'none', scope: 'acme' },
  { do: 'retire-gate', name: 'none', scope: 'acme' },
  { do: 'revoke-delegation', event: `${uuidv7()}.registry.0` },
  { do: 'release', scope: 'other.org', halts: ['halt-1'], reason },
  { do: 'release', scope: 'acme', halts: ['halt-77', 'halt-own-x'], reason },
  { do: 'revoke-permit', agent: 'other.shop.prod.x', intentId: uuidv7() },
  { do: 'drill', environment: 'other.shop.prod' },
  { do: 'override', environment: ENV, intentId: uuidv7(), effect: 'force', until: later(), reason },
  { do: 'set-containment', agent: 'other.shop.prod.x', level: 'none', reason },
  { do: 'set-autonomy', agent: scope, step: 'autonomous', reason },
  { do: 'reconcile', environment: 'other.shop.prod', intentId: uuidv7(), status: 'failed', reason },
  { do: 'reconcile', environment: ENV, intentId: uuidv7(), status: 'succeeded', reason },
];

describe('messages that are well formed, well signed and make no sense', () => {
  it('as commands of an administrator to every service that takes them get a refusal each and change nothing', async () => {
    const { alice, plane } = shop();
    const end = (await plane.ledger.all()).length;
    for (const service of ['registry', 'kill-switch', 'anomaly-detector', 'receipt-ledger'] as const) {
      for (const action of ACTIONS) {
        const { code } = await alice.command(service, action);
        expect(Object.keys(Codes), `${service} ${action.do}`).toContain(code);
        expect(code, `${service} ${action.do}`).not.toBe('WRIT-RUN-005');
      }
    }
    const written = (await plane.ledger.all()).slice(end).map((e) => e.document.type);
    expect(written).toEqual([]);
  });

  it('from an agent about intents, receipts, halts and states that do not exist get a refusal each', async () => {
    const { ops, bob } = shop();
    const nothing = ops.intent(READ);
    const receipt = {
      id: `${uuidv7()}.authority.0`,
      data: { intentId: uuidv7(), agent: OPS },
    } as unknown as Signed;
    const opened = {
      data: {
        agent: OPS,
        intentId: uuidv7(),
        intentDigest: digest,
        boundaryDigest: digest,
        obligedDigest: digest,
      },
    } as unknown as Signed;
    const foreign = { ...nothing, agent: 'other.shop.prod.x' };
    const asked = [
      ops.receipt(nothing),
      ops.receipt(foreign),
      ops.report(receipt),
      ops.report({ ...receipt, data: { ...receipt.data, agent: 'other.x.y.z' } }),
      ops.report(receipt, 'failed', 'verifier'),
      bob.vote(opened, 'approve'),
      bob.vote(opened, 'reject', { environment: 'other.shop.prod' }),
      bob.vote(opened, 'abstain', { environment: 'acme.no.where' }),
    ];
    for (const { code } of await Promise.all(asked)) {
      expect(Object.keys(Codes)).toContain(code);
      expect(code).not.toBe('WRIT-RUN-005');
    }
    await legitimate();
  });

  it('from an enforcement point for an agent of another environment or organisation are refused', async () => {
    const { proxy, ops } = shop();
    const intent = await ops.decide(READ);
    for (const agent of ['acme.shop.staging.x', 'other.shop.prod.x', `${ENV}.nobody`])
      expect((await proxy.receipt({ ...intent, agent })).code).toMatch(/^WRIT-/);
    expect((await proxy.state('other.shop.prod.x')).first.data['halts']).toEqual([]);
  });
});

describe('ten thousand hostile leases and notices each, from an identity that may publish there', () => {
  it('are believed by no agent and not by the receipt ledger, and both go on under the real ones', async () => {
    const { plane, ops } = shop();
    const client = await plane.agent(OPS);
    const keys = { own: ops.key, wrong: [keyOf('svc:decision'), keyOf(PROXY), keyOf('alice')] };
    const lease = (): Specimen => {
      const data = { environment: ENV, epoch: 2_000_000_000, haltPosition: 9_999_999, validMs: 60_000 };
      return { kind: 'lease', subject: subjects.lease(ENV), sender: OPS, data, rest: [] };
    };
    const fact = { kid: digest, sig: 'A'.repeat(86), signed: { note: MARK } };
    const notice = (): Specimen => {
      const data = { environment: ENV, about: 'halt-released', position: 9_999_999, fact };
      return { kind: 'notice', subject: subjects.notice(ENV), sender: OPS, data, rest: [] };
    };
    const refusedBefore = await count('receipt-ledger');
    for (const specimen of [lease, notice]) {
      const { subject } = specimen();
      const hostile = fc.sample(arrivals(specimen, keys), 10_000);
      for (let n = 0; n < hostile.length; n += 100) {
        for (const { data } of hostile.slice(n, n + 100)) owned.publish(subject, data);
        await owned.flush();
        await pause(1);
      }
    }
    await expect
      .poll(() => count('receipt-ledger'), { timeout: 20_000 })
      .toBeGreaterThanOrEqual(refusedBefore + 10_000);
    await expect.poll(() => client.status().gate.kind, { timeout: 5000 }).toBe('open');
    expect(client.status().halts).toEqual([]);
    const action = { tool: 'psql', operation: READ.operation, resource: READ.resource, args: READ.args };
    const authorised = await client.authorize({ action });
    if (authorised.kind !== 'permitted') throw new Error(authorised.kind);
    expect((await client.execute(authorised.handle, () => 'done')).kind).toBe('executed');
    await client.close();
  });
});

describe('after all this', () => {
  it('every process is the one that was there, none has failed on a message, and no log holds anything of one', async () => {
    const { plane } = shop();
    await legitimate();
    expect([...plane.pids().values()]).toEqual(pids);
    for (const service of SERVICES) {
      const log = logOf(plane, service);
      expect(log.includes(MARK), service).toBe(false);
      expect(log, service).not.toMatch(/intake\.failed|service\.failed|"level":"fatal"/);
    }
    expect(JSON.stringify(answers)).not.toContain(MARK);
  });
});

itLeavesAValidLedger(() => shop().plane);
