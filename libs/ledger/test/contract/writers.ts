// The contract of writers over a ledger: one chain, whatever races, gets lost, floods or halts.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { type AppendOutcome, type Ledger, recordFact, sealFact, systemClock } from '../../src/index.js';
import { audit, createWorld, draft, now, readAll, type World, write } from '../fixtures.js';
import type { Harness } from './harness.js';
import { run, stopRunning } from './running.js';

const PERMITTED = 'writ.decision.permitted.v1';
const ISSUED = 'writ.authority.receipt-issued.v1';
const WITHHELD = 'writ.authority.receipt-withheld.v1';

const counting = (ledger: Ledger): { readonly ledger: Ledger; readonly outcomes: AppendOutcome[] } => {
  const outcomes: AppendOutcome[] = [];
  const append: Ledger['append'] = async (request) => {
    const outcome = await ledger.append(request);
    outcomes.push(outcome);
    return outcome;
  };
  return { ledger: { ...ledger, append }, outcomes };
};

const haltFact = (world: World, id: string, released: boolean, agent?: string) =>
  sealFact({
    draft: draft(id, `writ.authority.halt-${released ? 'released' : 'engaged'}.v1`, {}, agent),
    subject: world.subjects.authority,
    seen: 0,
    key: world.keys['kill-switch'],
    service: 'kill-switch',
    now,
  });

const record = async (world: World, ledger: Ledger, id: string, released: boolean) => {
  const fact = haltFact(world, id, released);
  const deadline = systemClock.now() + 10_000;
  const request = { subject: world.subjects.authority, fact: { id, bytes: await fact.bytes }, deadline };
  return recordFact({ ledger, ...request });
};

const numbered = (count: number, name: string): string[] =>
  Array.from({ length: count }, (_, index) => `${name}-${index}.decision.1`);

export const writerContract = (harness: () => Harness): void => {
  afterEach(async () => {
    await stopRunning();
  });

  test('two writers on one subject make one chain without gap, and every command lands once', async () => {
    const world = createWorld();
    const { decision } = world.subjects;
    const opened = await Promise.all([harness().open(), harness().open()]);
    const ledgers = opened.map(counting);
    const processes = await Promise.all(ledgers.map(({ ledger }) => run(world, ledger)));
    const writers = processes.map((process) => process.writer(decision, 'decision'));
    const answers = await Promise.all(
      writers.flatMap((writer, index) =>
        numbered(40, `w${index}`).map(async (id, at) => {
          await sleep(at % 8);
          return write(writer, draft(id, PERMITTED, {}, `${world.env}.agent-${at % 3}`));
        }),
      ),
    );
    expect(answers.map(({ kind }) => kind)).toEqual(Array(80).fill('done'));
    const audited = audit(world, await readAll(opened[0] as Ledger), decision);
    expect(audited.map(({ kind }) => kind)).toEqual(Array(80).fill('event'));
    expect(audited.map(({ ver }) => ver)).toEqual(Array.from({ length: 80 }, (_, index) => index + 1));
    expect(new Set(audited.map(({ id }) => id)).size).toBe(80);
    const conflicts = ledgers.flatMap(({ outcomes }) => outcomes).filter(({ kind }) => kind === 'conflict');
    expect(conflicts.length).toBeGreaterThan(0);
  });

  test('the same command again, at once and later and at another writer, is the same event once', async () => {
    const world = createWorld();
    const { decision } = world.subjects;
    const ledger = await harness().open();
    const one = (await run(world, ledger)).writer(decision, 'decision');
    const event = draft('same.decision.1', PERMITTED);
    const first = await Promise.all([write(one, event), write(one, event), write(one, event)]);
    expect(first.map((answer) => answer.kind === 'done' && answer.result)).toEqual([
      'written',
      'known',
      'known',
    ]);
    const other = (await run(world, await harness().open())).writer(decision, 'decision');
    expect(await write(other, event)).toMatchObject({ kind: 'done', result: 'known', frames: [] });
    expect(audit(world, await readAll(ledger), decision)).toHaveLength(1);
  });

  test('two writers that are given the same commands write each once', async () => {
    const world = createWorld();
    const { decision } = world.subjects;
    const ledgers = [await harness().open(), await harness().open()];
    const writers = await Promise.all(
      ledgers.map(async (ledger) => (await run(world, ledger)).writer(decision, 'decision')),
    );
    const ids = numbered(30, 'twice');
    const answers = await Promise.all(
      writers.flatMap((writer) => ids.map((id) => write(writer, draft(id, PERMITTED)))),
    );
    expect(answers.every(({ kind }) => kind === 'done')).toBe(true);
    const audited = audit(world, await readAll(ledgers[0] as Ledger), decision);
    expect(audited.map(({ id }) => id).sort()).toEqual([...ids].sort());
  });

  test('after a lost acknowledgement the writer finds its own event and answers with the stored bytes', async () => {
    const world = createWorld();
    const { decision } = world.subjects;
    const lossy = await harness().openLossy();
    const writer = (await run(world, lossy.ledger)).writer(decision, 'decision');
    await write(writer, draft('before.decision.1', PERMITTED));
    const lost = lossy.lost();
    for (const round of [1, 2, 3]) {
      lossy.loseNextAck(decision);
      const commands = numbered(round, `lost${round}`).map((id) => write(writer, draft(id, PERMITTED)));
      const answers = await Promise.all(commands);
      const all = await readAll(lossy.ledger);
      for (const answer of answers) {
        if (answer.kind !== 'done') throw new Error(JSON.stringify(answer));
        expect(answer.result).toBe('written');
        const bytes = all.find(({ seq }) => seq === answer.seqs[0])?.bytes;
        expect(Buffer.from(answer.frames[0] ?? []).equals(Buffer.from(bytes ?? []))).toBe(true);
      }
    }
    expect(lossy.lost()).toBe(lost + 3);
    const audited = audit(world, await readAll(lossy.ledger), decision);
    expect(audited.map(({ ver }) => ver)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  test('a flood of junk delays a writer and never wedges it', async () => {
    const world = createWorld();
    const { decision } = world.subjects;
    const process = await run(world, await harness().open());
    const writer = process.writer(decision, 'decision');
    const flooder = await harness().open();
    const replayed = await write(writer, draft('first.decision.1', PERMITTED));
    const frame = replayed.kind === 'done' ? replayed.frames[0] : undefined;
    let flooding = true;
    let flooded = 0;
    const flood = (async () => {
      while (flooding && flooded < 20_000) {
        const bytes = flooded % 2 === 0 ? Buffer.from('junk') : (frame as Uint8Array);
        await flooder.append({ subject: decision, expected: 'any', messages: [{ id: 'x', bytes }] });
        flooded += 1;
        if (flooded % 4 === 0) await sleep(1);
      }
    })();
    const answers: string[] = [];
    for (const id of numbered(12, 'flooded')) {
      answers.push((await write(writer, draft(id, PERMITTED))).kind);
      await sleep(3);
    }
    flooding = false;
    await flood;
    expect(answers).toEqual(Array(12).fill('done'));
    const audited = audit(world, await readAll(flooder), decision);
    expect(audited.filter(({ kind }) => kind === 'event')).toHaveLength(13);
    expect(flooded).toBeGreaterThan(12);
    expect(await process.follower.reached(await flooder.end(), 5_000)).toBe(true);
    expect(process.junk).toHaveLength(flooded);
    expect(process.junk.map(({ code }) => code)).toContain('WRIT-ADM-003');
  });

  test('junk on an empty subject does not keep the first event out', async () => {
    const world = createWorld();
    const { decision } = world.subjects;
    const ledger = await harness().open();
    const messages = ['x', 'y'].map((id) => ({ id, bytes: Buffer.from(id) }));
    await ledger.append({ subject: decision, expected: 'any', messages });
    const writer = (await run(world, ledger)).writer(decision, 'decision');
    expect((await write(writer, draft('first.decision.1', PERMITTED))).kind).toBe('done');
    expect(audit(world, await readAll(ledger), decision).at(-1)).toMatchObject({ kind: 'event', ver: 1 });
  });

  test('halts and receipts share one subject: no receipt lands after a halt that its writer had not seen', async () => {
    const world = createWorld();
    const { authority } = world.subjects;
    const counted = counting(await harness().open());
    const process = await run(world, counted.ledger);
    const writer = process.writer(authority, 'receipt-ledger');
    const killSwitch = await harness().open();
    let halting = true;
    let attempts = 0;
    // One before the first halt and one after the last release, so that a slow server has both kinds too.
    const submit = (id: string) =>
      writer
        .submit({
          id,
          deadline: systemClock.now() + 20_000,
          decide: ({ state }) => ({
            result: state.halted,
            events: [draft(id, state.halted ? WITHHELD : ISSUED)],
          }),
        })
        .then(({ kind }) => kind);
    expect(await submit('receipt-first.authority.1')).toBe('done');
    const halts = (async () => {
      for (let round = 0; halting; round += 1) {
        const halt = await record(world, killSwitch, `halt-${round}.authority.1`, round % 2 === 1);
        expect(halt.kind).toBe('done');
        attempts += 1;
        await sleep(Math.random() * 12);
      }
    })();
    const submitted: Promise<string>[] = [];
    for (let round = 0; round < 250; round += 1) {
      submitted.push(submit(`receipt-${round}.authority.1`));
      if (round % 5 === 0) await sleep(Math.random() * 6);
    }
    const answers = await Promise.all(submitted);
    halting = false;
    await halts;
    expect((await record(world, killSwitch, 'halt-last.authority.1', false)).kind).toBe('done');
    expect(await submit('receipt-last.authority.1')).toBe('done');
    expect(answers).toEqual(Array(250).fill('done'));
    let halted = false;
    const audited = audit(world, await readAll(killSwitch), authority);
    for (const { type, kind } of audited) {
      expect(kind).toBe('event');
      if (type.includes('halt-')) halted = type.includes('engaged');
      else expect(type).toBe(halted ? WITHHELD : ISSUED);
    }
    expect(attempts).toBeGreaterThan(5);
    expect(audited.filter(({ type }) => type === ISSUED).length).toBeGreaterThan(0);
    expect(audited.filter(({ type }) => type === WITHHELD).length).toBeGreaterThan(0);
    expect(counted.outcomes.some(({ kind }) => kind === 'conflict')).toBe(true);
  });

  test('a halt lands at the first try beside a busy writer, and a doubled one counts once', async () => {
    const world = createWorld();
    const { authority } = world.subjects;
    const process = await run(world, await harness().open());
    const writer = process.writer(authority, 'receipt-ledger');
    const killSwitch = counting(await harness().open());
    const busy = Promise.all(
      numbered(120, 'busy').map(async (id, at) => {
        await sleep(at);
        return write(writer, draft(id, WITHHELD, {}, `${world.env}.agent`));
      }),
    );
    const about = `${world.env}.agent`;
    const facts = await Promise.all(
      Array.from({ length: 10 }, async (_, index) => {
        const id = `halt-${index % 5}.authority.1`;
        return { id, bytes: await haltFact(world, id, false, about).bytes };
      }),
    );
    for (const fact of facts) {
      const deadline = systemClock.now() + 10_000;
      const recorded = await recordFact({ ledger: killSwitch.ledger, subject: authority, fact, deadline });
      expect(recorded.kind).toBe('done');
      await sleep(8);
    }
    expect(killSwitch.outcomes.map(({ kind }) => kind)).toEqual(Array(10).fill('stored'));
    expect((await busy).every(({ kind }) => kind === 'done')).toBe(true);
    const audited = audit(world, await readAll(killSwitch.ledger), authority);
    expect(audited.filter(({ id, kind }) => id.startsWith('halt-') && kind === 'event')).toHaveLength(5);
    expect(audited.filter(({ id, kind }) => id.startsWith('halt-') && kind === 'junk')).toHaveLength(5);
    expect(audited.filter(({ kind }) => kind === 'event')).toHaveLength(125);
    await process.follower.reached(await killSwitch.ledger.end(), 5_000);
    expect(process.junk.map(({ code }) => code)).toEqual(Array(5).fill('WRIT-ADM-006'));
  });
};
