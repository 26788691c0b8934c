// The contract of writers where a command does not end well: a revoked key, a deadline, a refusal.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import type { AppendOutcome, Ledger } from '../../src/index.js';
import { audit, createWorld, draft, readAll, write } from '../fixtures.js';
import type { Harness } from './harness.js';
import { run, stopRunning } from './running.js';

const PERMITTED = 'writ.decision.permitted.v1';

export const writerEndingsContract = (harness: () => Harness): void => {
  afterEach(stopRunning);

  test('what lands after the revocation of its key is void: it keeps its place and the asker is refused', async () => {
    const world = createWorld();
    const { decision, registry } = world.subjects;
    const ledger = await harness().open();
    const process = await run(world, ledger);
    const founding = process.writer(registry, 'root');
    const { kid, x } = world.keys.root;
    const genesis = draft('genesis.registry.1', 'writ.registry.organisation-founded.v1', {
      roots: [{ kid, x }],
    });
    expect((await write(founding, genesis)).kind).toBe('done');
    const writer = process.writer(decision, 'decision');
    expect((await write(writer, draft('good.decision.1', PERMITTED))).kind).toBe('done');
    const revocation = draft('revoke.registry.1', 'writ.registry.key-revoked.v1', {
      kid: world.keys.decision.kid,
    });
    const registrar = process.writer(registry, 'registrar');
    expect((await write(registrar, revocation)).kind).toBe('done');
    const late = await write(writer, draft('late.decision.1', PERMITTED));
    expect(late).toMatchObject({ kind: 'refused', code: 'WRIT-LED-008' });
    expect(writer.state().ids).toEqual(['good.decision.1']);
    const audited = audit(world, await readAll(ledger), decision);
    expect(audited).toMatchObject([
      { kind: 'event', ver: 1 },
      { kind: 'void', ver: 2 },
    ]);
    expect(process.events.filter((event) => event.void)).toHaveLength(1);
  });

  test('a command whose deadline passes ends as indeterminate, and the writer goes on', async () => {
    const world = createWorld();
    const { decision } = world.subjects;
    const ledger = await harness().open();
    const silent: { on: boolean } = { on: true };
    const append: Ledger['append'] = async (request) =>
      silent.on ? sleep(30).then(() => ({ kind: 'ambiguous' as const })) : ledger.append(request);
    const writer = (await run(world, { ...ledger, append })).writer(decision, 'decision');
    const answer = await write(writer, draft('lost.decision.1', PERMITTED), 600);
    expect(answer).toMatchObject({ kind: 'indeterminate', code: 'WRIT-LED-002' });
    silent.on = false;
    const [again, next] = await Promise.all([
      write(writer, draft('lost.decision.1', PERMITTED)),
      write(writer, draft('next.decision.1', PERMITTED)),
    ]);
    expect([again.kind, next.kind]).toEqual(['done', 'done']);
    expect(audit(world, await readAll(ledger), decision)).toHaveLength(2);
  });

  test('a refused append refuses its commands with the reason, raises an alarm and stops nothing', async () => {
    const world = createWorld();
    const { decision } = world.subjects;
    const ledger = await harness().open();
    let full = true;
    const refusal: AppendOutcome = { kind: 'refused', code: 'WRIT-LED-001', reason: '10077: full' };
    const append: Ledger['append'] = async (request) => (full ? refusal : ledger.append(request));
    const alarms: string[] = [];
    const process = await run(world, { ...ledger, append });
    const writer = process.writer(decision, 'decision', { onAlarm: ({ code }) => alarms.push(code) });
    expect(await write(writer, draft('one.decision.1', PERMITTED))).toEqual(refusal);
    full = false;
    expect((await write(writer, draft('two.decision.1', PERMITTED))).kind).toBe('done');
    expect(alarms).toEqual(['WRIT-LED-001']);
  });
};
