// The follower: it never skips an event, never folds junk, and stops for good rather than guess.
import { emptyChain } from '@writ/domain';
import { afterEach, expect, test } from 'vitest';
import {
  createFollower,
  createMemoryLedger,
  type Follower,
  type Ledger,
  type LedgerEvent,
} from '../src/index.js';
import { createDirectory, createWorld, draft, sealer, startProcess, type World, write } from './fixtures.js';

const PERMITTED = 'writ.decision.permitted.v1';
const followers: Follower[] = [];

const follow = (world: World, ledger: Ledger, more: Partial<Parameters<typeof createFollower>[0]> = {}) => {
  const follower = createFollower({
    ledger,
    keys: createDirectory(world),
    accepts: () => 'known',
    pollMs: 10,
    ...more,
  });
  followers.push(follower);
  return follower;
};

afterEach(async () => {
  for (const follower of followers.splice(0)) await follower.stop();
});

const fill = async (world: World, ledger: Ledger, count: number, name = 'e'): Promise<void> => {
  const process = await startProcess(world, ledger);
  const writer = process.writer(world.subjects.decision, 'decision');
  for (let index = 0; index < count; index += 1) {
    expect((await write(writer, draft(`${name}${index}.decision.1`, PERMITTED))).kind).toBe('done');
  }
  await process.stop();
};

test('a fold that throws stops the follower at that event, once and for good', async () => {
  const world = createWorld();
  const ledger = createMemoryLedger();
  await fill(world, ledger, 5);
  const failures: unknown[] = [];
  const folded: number[] = [];
  const follower = follow(world, ledger, { onFailure: (error) => failures.push(error) });
  follower.fold(({ seq }) => {
    if (seq === 3) throw new Error('cannot fold');
    folded.push(seq);
  });
  await expect(follower.start()).rejects.toThrow('cannot fold');
  expect(folded).toEqual([1, 2]);
  expect(follower.position()).toBe(2);
  expect(failures).toHaveLength(1);
  expect(await follower.reached(3, 50)).toBe(false);
});

test('a ledger that goes backwards stops the follower with WRIT-LED-006', async () => {
  const world = createWorld();
  const ledger = createMemoryLedger();
  await fill(world, ledger, 3);
  let truncated = false;
  const end: Ledger['end'] = async () => (truncated ? 1 : ledger.end());
  const failed = new Promise((resolve) => {
    const follower = follow(world, { ...ledger, end }, { onFailure: resolve });
    void follower.start().then(() => {
      truncated = true;
    });
  });
  expect(await failed).toMatchObject({ code: 'WRIT-LED-006' });
});

test('families that are not wanted only advance the position', async () => {
  const world = createWorld();
  const ledger = createMemoryLedger();
  await fill(world, ledger, 3);
  await ledger.append({
    subject: world.subjects.decision,
    expected: 'any',
    messages: [{ id: 'junk', bytes: new Uint8Array(3) }],
  });
  const folded: LedgerEvent[] = [];
  const follower = follow(world, ledger, { wants: (family) => family !== 'decision' });
  follower.fold((event) => folded.push(event));
  await follower.start();
  expect([follower.position(), folded.length, follower.junkCount()]).toEqual([4, 0, 0]);
});

test('from a snapshot the follower goes on as if it had read everything, and so does a writer', async () => {
  const world = createWorld();
  const ledger = createMemoryLedger();
  await fill(world, ledger, 4);
  const whole = follow(world, ledger);
  await whole.start();
  const snapshot = { position: whole.position(), chains: whole.chains() };
  await fill(world, ledger, 2, 'more');
  const folded: number[] = [];
  const resumed = follow(world, ledger, { snapshot });
  resumed.fold(({ seq }) => folded.push(seq));
  await resumed.start();
  expect(folded).toEqual([5, 6]);
  expect(await whole.reached(6, 1_000)).toBe(true);
  expect(resumed.tip(world.subjects.decision).chain.head).toBe(whole.tip(world.subjects.decision).chain.head);
});

test('a key that is certified by the event just before the one it signs is known in time', async () => {
  const world = createWorld();
  const ledger = createMemoryLedger();
  const registry = await startProcess(world, ledger);
  const { kid, x } = world.keys.root;
  const founded = draft('f.registry.1', 'writ.registry.organisation-founded.v1', { roots: [{ kid, x }] });
  await write(registry.writer(world.subjects.registry, 'root'), founded);
  const certified = draft('k.registry.1', 'writ.registry.key-certified.v1');
  await write(registry.writer(world.subjects.registry, 'registrar'), certified);
  await registry.stop();
  await fill(world, ledger, 2);
  const full = createDirectory(world);
  let certifiedAt: number | undefined;
  const follower = follow(world, ledger, {
    keys: {
      find: (wanted) => {
        const record = full.find(wanted);
        if (record === undefined || wanted !== world.keys.decision.kid) return record;
        return certifiedAt === undefined ? undefined : { ...record, certifiedAt };
      },
    },
  });
  const folded: number[] = [];
  follower.fold(({ seq, document }) => {
    folded.push(seq);
    if (document.type === 'writ.registry.key-certified.v1') certifiedAt = seq;
  });
  await follower.start();
  expect([folded, follower.junkCount()]).toEqual([[1, 2, 3, 4], 0]);
});

test('vouching for a frame does not let another signature or another frame through', async () => {
  const world = createWorld();
  const ledger = createMemoryLedger();
  await fill(world, ledger, 1);
  const bytes: Uint8Array[] = [];
  for await (const message of ledger.load(world.subjects.decision, 0)) bytes.push(message.bytes);
  const forged = Uint8Array.from(bytes[0] ?? []);
  forged[70] = forged[70] === 65 ? 66 : 65;
  const fresh = createMemoryLedger();
  const messages = [forged, bytes[0] as Uint8Array].map((item) => ({ id: 'x', bytes: item }));
  await fresh.append({ subject: world.subjects.decision, expected: 0, messages });
  const codes: string[] = [];
  const folded: number[] = [];
  const follower = follow(world, fresh, { onJunk: ({ code }) => codes.push(code) });
  follower.vouch(bytes[0] as Uint8Array);
  follower.fold(({ seq }) => folded.push(seq));
  await follower.start();
  expect(codes).toEqual(['WRIT-FRM-003']);
  expect(folded).toEqual([2]);
});

test('unless told otherwise the schemas of the contracts decide: data that does not fit its type is junk', async () => {
  const world = createWorld();
  const ledger = createMemoryLedger();
  const subject = world.subjects.authority;
  const opened = { environment: world.env, registryEvent: 'e.registry.1', haltsInForce: [] };
  const type = 'writ.authority.environment-opened.v1';
  const good = sealer(world, 'kill-switch')(draft('o.authority.1', type, opened), {
    subject,
    chain: emptyChain,
    seen: 0,
  });
  const bad = sealer(world, 'kill-switch')(draft('o.authority.1', type, { ...opened, more: 1 }), {
    subject,
    chain: emptyChain,
    seen: 0,
  });
  for (const sealed of [bad, good]) {
    await ledger.append({ subject, expected: 'any', messages: [{ id: 'x', bytes: await sealed.bytes }] });
  }
  const codes: string[] = [];
  const folded: number[] = [];
  const follower = createFollower({
    ledger,
    keys: createDirectory(world),
    onJunk: ({ code }) => codes.push(code),
  });
  followers.push(follower);
  follower.fold(({ seq }) => folded.push(seq));
  await follower.start();
  expect([codes, folded]).toEqual([['WRIT-FRM-009'], [2]]);
});
