// Random interleavings of two writers, junk, halts and lost answers on the memory ledger, against a plain model.
import { setImmediate as tick } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type AppendFault,
  createMemoryLedger,
  type Ledger,
  recordFact,
  sealFact,
  systemClock,
} from '../src/index.js';
import {
  type Audited,
  audit,
  createWorld,
  draft,
  now,
  readAll,
  startProcess,
  type World,
} from './fixtures.js';

const ISSUED = 'writ.authority.receipt-issued.v1';
const WITHHELD = 'writ.authority.receipt-withheld.v1';

type Action =
  | { readonly kind: 'receipt'; readonly writer: 0 | 1; readonly id: number; readonly agent: number }
  | { readonly kind: 'halt' | 'release'; readonly id: number }
  | { readonly kind: 'junk' | 'replay' };

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('receipt' as const),
      writer: fc.constantFrom(0 as const, 1 as const),
      id: fc.nat(11),
      agent: fc.nat(2),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('halt' as const, 'release' as const), id: fc.nat(3) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('junk' as const, 'replay' as const) }) },
);

const fault: fc.Arbitrary<AppendFault> = fc.oneof(
  { weight: 8, arbitrary: fc.constant<AppendFault>('none') },
  { weight: 1, arbitrary: fc.constantFrom<AppendFault>('lose-ack', 'lose-request') },
  {
    weight: 1,
    arbitrary: fc.constantFrom<AppendFault>({ kind: 'again' }, { kind: 'conflict', retryAfterMs: 1 }),
  },
);

const scenario = fc.record({
  actions: fc.array(fc.record({ action, delay: fc.nat(6) }), { minLength: 4, maxLength: 30 }),
  faults: fc.array(fault, { maxLength: 30 }),
});

type Answered = { readonly id: string; readonly kind: string };

const halt = async (world: World, ledger: Ledger, id: string, released: boolean): Promise<void> => {
  const subject = world.subjects.authority;
  const type = `writ.authority.halt-${released ? 'released' : 'engaged'}.v1`;
  const key = world.keys['kill-switch'];
  const sealed = sealFact({ draft: draft(id, type), subject, seen: 0, key, service: 'kill-switch', now });
  const fact = { id, bytes: await sealed.bytes };
  const recorded = await recordFact({ ledger, subject, fact, deadline: Number.POSITIVE_INFINITY });
  expect(recorded.kind).toBe('done');
};

const disturb = async (world: World, ledger: Ledger, replay: boolean): Promise<void> => {
  const subject = world.subjects.authority;
  let bytes: Uint8Array = Buffer.from('{"kid":"');
  if (replay) for await (const message of ledger.load(subject, 0)) bytes = message.bytes;
  await ledger.append({ subject, expected: 'any', messages: [{ id: 'junk', bytes }] });
};

/** The model: every id once, halts in force where they stand, a receipt issued only where none is. */
const checkAgainstModel = (audited: readonly Audited[], answers: readonly Answered[]): void => {
  const effective = audited.filter(({ kind }) => kind === 'event');
  expect(new Set(effective.map(({ id }) => id)).size).toBe(effective.length);
  const versioned = effective.filter(({ ver }) => ver !== undefined);
  expect(versioned.map(({ ver }) => ver)).toEqual(versioned.map((_, index) => index + 1));
  expect(answers.every(({ kind }) => kind === 'done')).toBe(true);
  expect(new Set(versioned.map(({ id }) => id))).toEqual(new Set(answers.map(({ id }) => id)));
  let halted = false;
  for (const { type } of effective) {
    if (type.includes('halt-')) halted = type.includes('engaged');
    else expect(type).toBe(halted ? WITHHELD : ISSUED);
  }
};

test('whatever two writers, halts, junk and lost answers do, the subject is one chain of every event once', async () => {
  let disturbed = 0;
  await fc.assert(
    fc.asyncProperty(scenario, async ({ actions, faults }) => {
      const world = createWorld();
      const pending = [...faults];
      const ledger = createMemoryLedger({ fault: () => pending.shift() ?? 'none' });
      const processes = [await startProcess(world, ledger), await startProcess(world, ledger)];
      const writers = processes.map((process) => process.writer(world.subjects.authority, 'receipt-ledger'));
      const answers: Answered[] = [];
      const receipt = async (act: Action & { kind: 'receipt' }): Promise<void> => {
        const id = `r${act.id}.authority.1`;
        const answer = await writers[act.writer]?.submit({
          id,
          deadline: systemClock.now() + 20_000,
          decide: ({ state }) => {
            if (state.ids.includes(id)) return { result: 'known', events: [] };
            const agent = `${world.env}.agent-${act.agent}`;
            return { result: 'new', events: [draft(id, state.halted ? WITHHELD : ISSUED, {}, agent)] };
          },
        });
        answers.push({ id, kind: answer?.kind ?? 'none' });
      };
      const perform = async (act: Action): Promise<void> => {
        if (act.kind === 'receipt') return receipt(act);
        if (act.kind === 'halt' || act.kind === 'release') {
          return halt(world, ledger, `h${act.id}.authority.1`, act.kind === 'release');
        }
        return disturb(world, ledger, act.kind === 'replay');
      };
      await Promise.all(
        actions.map(async ({ action: act, delay }) => {
          for (let turn = 0; turn < delay; turn += 1) await tick();
          await perform(act);
        }),
      );
      const audited = audit(world, await readAll(ledger), world.subjects.authority);
      disturbed += audited.filter(({ kind }) => kind === 'junk').length + faults.length - pending.length;
      checkAgainstModel(audited, answers);
      const end = await ledger.end();
      for (const [index, process] of processes.entries()) {
        expect(await process.follower.reached(end, 5_000)).toBe(true);
        const ids = audited.filter(({ kind }) => kind === 'event').map(({ id }) => id);
        expect(writers[index]?.state().ids).toEqual(ids);
        await process.stop();
      }
    }),
    { numRuns: 200 },
  );
  expect(disturbed).toBeGreaterThan(200);
}, 60_000);
