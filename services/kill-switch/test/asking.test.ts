// What people and agents ask of the kill switch: who may, and what must not look done.
import { type KillSwitchAction, subjects } from '@writ/contracts';
import { disclose } from '@writ/crypto';
import {
  authorityInitial,
  conductInitial,
  environments,
  haltsInForce,
  type StopState,
  stopInitial,
} from '@writ/domain';
import type { WriterPool } from '@writ/runtime';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { answerAck, answerPreserve, type StopDeps } from '../src/acks.js';
import { recordHalt } from '../src/halts.js';
import { answerCommand } from '../src/releases.js';
import { answerState, type StateDeps } from '../src/state.js';
import { createUnconfirmed } from '../src/unconfirmed.js';
import { type Bench, bench, command, ENV, OPS, OTHER, received } from './bench.js';

let on: Bench;
beforeAll(async () => {
  on = await bench();
});
afterAll(() => on?.stop());

const untouched = { ...stopInitial };
const stopPool = (state: StopState = untouched): WriterPool<StopState> => ({
  of: () => {
    throw new Error('a writer was made');
  },
  state: () => state,
  scopes: () => [],
  close: async () => undefined,
});
const stopDeps = (): StopDeps => ({
  ...on.release,
  stop: stopPool(),
  knownHalts: () => new Set(['halt-1']),
});
const code = (answer: unknown): unknown => (answer as { code?: unknown } | undefined)?.code;

it('an acknowledgement for another agent or another environment makes no writer', async () => {
  for (const agent of [OTHER, 'acme.shop.nowhere.ops']) {
    const data = { agent, halts: ['halt-1'], state: 'idle', aborted: 0, heardAt: new Date().toISOString() };
    const ack = received<'ack'>(on, OPS, subjects.ack(OPS), data);
    expect(code(await answerAck(stopDeps(), ack))).toBe('WRIT-FRM-007');
  }
});

it('a state handed over for another agent does not come into the vault', async () => {
  const { disclosure, digest } = disclose('state', { step: 1 });
  const data = { agent: OTHER, op: 'put', digest, bytes: disclosure.length, halts: [] };
  const request = received<'preserve-request'>(on, OPS, subjects.preserve(OPS), data, [disclosure]);
  expect(code(await answerPreserve(stopDeps(), request))).toBe('WRIT-FRM-007');
  expect(on.kept).toEqual([]);
});

const stateDeps = (more: Partial<StateDeps> = {}): StateDeps => ({
  ...on.release,
  stop: stopPool(),
  conduct: { of: () => conductInitial, scopes: () => [] },
  registryFrames: { keyPath: () => [], documentsFor: () => [], revokedKeys: () => new Set() },
  haltFacts: { take: () => undefined, of: () => [] },
  epoch: 1,
  current: () => true,
  ...more,
});
const asking = (want: readonly string[] = ['keys', 'halts']) =>
  received<'state-request'>(on, OPS, subjects.state(OPS), {
    agent: OPS,
    nonce: 'AAAAAAAAAAAAAAAAAAAAAA',
    want,
  });

it('a state is not answered while halts may be missing from the view', async () => {
  expect((await answerState(stateDeps(), asking()))?.kind).toBe('frames');
  expect(code(await answerState(stateDeps({ current: () => false }), asking()))).toBe('WRIT-HLT-003');
});

it('a state stays below what the bus carries, and the key path comes before the halts', async () => {
  const frame = (letter: string) => Buffer.from(letter.repeat(100 * 1024));
  const keyPath = () => Array.from({ length: 5 }, () => frame('k'));
  const answer = await answerState(
    stateDeps({
      registryFrames: { keyPath, documentsFor: () => [], revokedKeys: () => new Set() },
      haltFacts: { take: () => undefined, of: () => Array.from({ length: 9 }, () => frame('h')) },
    }),
    asking(),
  );
  if (answer?.kind !== 'frames') throw new Error('refused');
  const letters = answer.frames.slice(1).map((bytes) => String.fromCharCode(bytes[0] as number));
  expect(letters.join('')).toBe('kkkkkhhh');
  expect(answer.frames.reduce((sum, bytes) => sum + bytes.length, 0)).toBeLessThan(900 * 1024);
});

it('the halts and releases of the past are behind a state only for who asks for them', async () => {
  const haltFacts = { take: () => undefined, of: () => [Buffer.from('fact')] };
  const frames = async (want: readonly string[]) => {
    const answer = await answerState(stateDeps({ haltFacts }), asking(want));
    return answer?.kind === 'frames' ? answer.frames.length : 0;
  };
  expect(await frames([])).toBe(1);
  expect(await frames(['halts'])).toBe(2);
});

it('a command against a registry version that does not exist yet is refused', async () => {
  const intentId = '01900000-0000-7000-8000-000000000001';
  const revoking = command(on, { do: 'revoke-permit', agent: OPS, intentId }, 999);
  expect(code(await answerCommand(on.release, revoking))).toBe('WRIT-REG-004');
  const releasing: KillSwitchAction = {
    do: 'release',
    scope: 'acme',
    halts: ['halt-1'],
    reason: { _sd: [] },
  };
  expect(code(await answerCommand(on.release, command(on, releasing, 999)))).toBe('WRIT-REG-004');
});

it('a release that is known in one environment is refused while another, where it is no longer good, stays halted', async () => {
  const staging = 'acme.shop.staging';
  const halt = { id: 'halt-5', scope: 'acme', person: 'alice', engagedAt: '', event: 'e', position: 1 };
  const action: KillSwitchAction = { do: 'release', scope: 'acme', halts: ['halt-5'], reason: { _sd: [] } };
  const message = command(on, action);
  const expired = { ...message.document.data, expires: '2026-01-01T00:00:00.000Z' };
  const document = { ...message.document, data: expired };
  const known = `${document.id}.authority.0.shop.prod`;
  const done = { ...authorityInitial, facts: authorityInitial.facts.add(known) };
  const halted = { ...authorityInitial, halts: authorityInitial.halts.set('halt-5', halt) };
  const registry = on.halts.plane.registry();
  const both = registry.environments.set(staging, { ...environments(registry)[0], scope: staging } as never);
  const plane = { ...on.halts.plane, registry: () => ({ ...registry, environments: both }) };
  const authority = {
    ...on.release.authority,
    state: (scope: string) => (scope === staging ? halted : done),
  };
  const frames = { of: async () => Buffer.from('stored') };
  const deps = { ...on.release, plane, authority, frames };
  expect(code(await answerCommand(deps, { ...message, document }))).toBe('WRIT-REG-005');
});

it('a revocation counts once, and not in an environment that does not exist', async () => {
  const intentId = '01900000-0000-7000-8000-000000000002';
  const message = command(on, { do: 'revoke-permit', agent: OPS, intentId });
  const first = await answerCommand(on.release, message);
  if (first?.kind !== 'frames') throw new Error('refused');
  const end = await on.halts.plane.ledger.end();
  const facts = { ...on.release.facts, append: () => Promise.reject(new Error('appended again')) };
  const again = await answerCommand({ ...on.release, facts }, message);
  expect(again?.kind === 'frames' && again.frames.map(String)).toEqual(first.frames.map(String));
  expect(await on.halts.plane.ledger.end()).toBe(end);
  const nowhere = command(on, { do: 'revoke-permit', agent: 'acme.shop.nowhere.ops', intentId });
  expect(code(await answerCommand(on.release, nowhere))).toBe('WRIT-HLT-002');
});

it('an agent that was recorded as silent stays so over a restart, and an unchanged halt is looked at once', async () => {
  const heardAt = new Date().toISOString();
  await recordHalt(on.halts, { id: 'halt-7', subject: 'gov.halt.alice.acme', body: '', heardAt });
  await expect.poll(() => haltsInForce(on.halts.authority.state(ENV)).length).toBe(1);
  const state = {
    ...stopInitial,
    halts: stopInitial.halts.set('halt-7', {
      acks: stopInitial.halts.clear() as never,
      unconfirmed: new Set([OPS]) as never,
      rounds: 1,
    }),
  };
  const written: number[] = [];
  const submit = async ({ decide }: { decide: (view: object) => { events: readonly object[] } }) => {
    written.push(decide({ state }).events.length);
    return { kind: 'done' };
  };
  const stop = { ...stopPool(state), of: () => ({ submit }) } as unknown as WriterPool<StopState>;
  const plane = { ...on.halts.plane, clock: { now: () => Date.now() + 60_000, mono: () => 0 } };
  const round = createUnconfirmed({ plane, authority: on.halts.authority, stop, seen: new Set() });
  await round();
  await round();
  expect(written).toEqual([0]);
});
