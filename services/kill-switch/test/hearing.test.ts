// Hearing halts: whatever a halt says and whatever fails meanwhile, it is recorded, and until then nothing is vouched for.
import { haltsInForce } from '@writ/domain';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Hearing, hear } from '../src/hearing.js';
import { renewLeases } from '../src/leases.js';
import { type Bench, bench, ENV, haltStream } from './bench.js';

const HALT = 'gov.halt.alice.acme';
let on: Bench;
let hearing: Hearing | undefined;
let halts: ReturnType<typeof haltStream>;
beforeEach(async () => {
  on = await bench();
  halts = haltStream();
});
afterEach(async () => {
  await hearing?.stop();
  await on.stop();
});

const inForce = () => haltsInForce(on.halts.authority.state(ENV)).map((halt) => halt.id);
const fail = (error: unknown): void => {
  throw error;
};

it('a halt whose reason has no canonical form is recorded all the same', async () => {
  await halts.publish(HALT, '{"reason":"\\ud800"}');
  hearing = await hear(on.halts, halts.stream, fail);
  await expect.poll(inForce).toEqual(['halt-1']);
});

it('a halt that could not be recorded is tried again, holds nobody up, and until then nothing is current', async () => {
  let refusing = true;
  const facts: Bench['halts']['facts'] = {
    ...on.halts.facts,
    append: (environment, draft) =>
      refusing && draft.id.startsWith('halt-1.')
        ? Promise.reject(new Error('not now'))
        : on.halts.facts.append(environment, draft),
  };
  await halts.publish(HALT, '{"reason":"one"}');
  await halts.publish(HALT, '{"reason":"two"}');
  hearing = await hear({ ...on.halts, facts }, halts.stream, fail);
  await expect.poll(inForce).toEqual(['halt-2']);
  expect(hearing.current()).toBe(false);
  refusing = false;
  await expect.poll(() => [...inForce()].sort()).toEqual(['halt-1', 'halt-2']);
  await expect.poll(() => hearing?.current()).toBe(true);
});

it('a halt of a stream that was made anew is recorded under a name of its own, and the old one keeps its name', async () => {
  await halts.publish(HALT, '{"reason":"old"}');
  hearing = await hear(on.halts, halts.stream, fail);
  await expect.poll(inForce).toEqual(['halt-1']);
  halts.anew();
  await expect.poll(() => on.quiet.logs.some((line) => line.includes('halts.begun-anew'))).toBe(true);
  await halts.publish(HALT, '{"reason":"new"}');
  await expect.poll(() => inForce().length).toBe(2);
  const [, second = ''] = inForce();
  expect(second).toMatch(/^halt-1-[0-9a-z]+$/);
  const time = on.halts.record.first(second)?.heardAt ?? '';
  expect(on.halts.record.nameOf(1, time)).toBe(second);
  expect(on.halts.record.nameOf(1, on.halts.record.first('halt-1')?.heardAt ?? '')).toBe('halt-1');
});

it('a halt that GOV_HALTS shows before it is heard live is one halt, and is answered', async () => {
  hearing = await hear(on.halts, halts.stream, fail);
  await halts.publish(HALT, '{"reason":"early"}');
  await expect.poll(inForce).toEqual(['halt-1']);
  on.quiet.bus.taken();
  on.quiet.bus.deliver(HALT, Buffer.from('{"reason":"early"}'), '_INBOX.alice.1');
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect(inForce()).toEqual(['halt-1']);
  expect(on.quiet.bus.taken().map(({ subject }) => subject)).toEqual(['_INBOX.alice.1']);
});

it('a stream that cannot be read any more fails the service', async () => {
  const broken: typeof halts.stream = {
    ...halts.stream,
    read: () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('gone')) }) }),
  };
  const failures: string[] = [];
  hearing = await hear(on.halts, broken, (error) => void failures.push((error as Error).message));
  await expect.poll(() => failures).toEqual(['gone']);
});

it('leases come only while every published halt is recorded and none is missing in the environment', async () => {
  const { plane, authority } = on.halts;
  const opened = { environment: ENV, event: 'e', seq: 1, seen: 0, halts: new Set() };
  const open = {
    ...authority,
    state: () => ({ ...authority.state(ENV), opened }),
  } as unknown as typeof authority;
  const during = async (current: boolean, settled: boolean): Promise<number> => {
    on.quiet.bus.taken();
    const leases = renewLeases(
      plane,
      open,
      1,
      { current: () => current, settled: () => settled },
      () => undefined,
    );
    await new Promise((resolve) => setTimeout(resolve, 700));
    leases.stop();
    return on.quiet.bus.taken().filter(({ subject }) => subject === `gov.lease.${ENV}`).length;
  };
  expect([await during(true, true), await during(false, true), await during(true, false)]).toEqual([1, 0, 0]);
});
