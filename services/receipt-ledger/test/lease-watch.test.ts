// A lease is as old as its signature says, and nothing that was on its way before a pause counts after it.
import { setTimeout as sleep } from 'node:timers/promises';
import { subjects } from '@writ/contracts';
import { generateKeyPair } from '@writ/crypto';
import { signLive } from '@writ/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LeaseWatch, watchLeases } from '../src/lease-watch.js';
import { ENV, registry } from './escalation.js';
import { certified, type StandIns, standIns } from './stand-ins.js';

const key = generateKeyPair();
let beneath: StandIns;
let leases: LeaseWatch;

beforeEach(() => {
  beneath = standIns();
  beneath.setRegistry(certified(registry(), key, 'kill-switch'));
  leases = watchLeases(beneath.plane);
});
afterEach(() => leases.stop());

const send = (ageMs: number) => {
  const data = { environment: ENV, epoch: 1, haltPosition: 0, validMs: 1_500 };
  const time = new Date(beneath.time.now - ageMs).toISOString();
  const subject = subjects.lease(ENV);
  beneath.bus.deliver(subject, signLive('lease', subject, data, key, { time }).bytes);
};
const pass = (ms: number) => {
  beneath.time.now += ms;
  beneath.time.mono += ms;
};
/** Blocks the event loop, as a paused process is. */
const pause = (ms: number) => {
  const end = performance.now() + ms;
  while (performance.now() < end);
};

describe('a lease', () => {
  it('counts from when it was signed', async () => {
    send(1_000);
    await expect.poll(() => leases.fresh(ENV)).toBe(true);
    pass(499);
    expect(leases.fresh(ENV)).toBe(true);
    pass(2);
    expect(leases.fresh(ENV)).toBe(false);
  });

  it('that is older than it is good for opens nothing, within the skew of clocks too', async () => {
    send(2_000);
    await sleep(50);
    expect([leases.fresh(ENV), beneath.refused]).toEqual([false, []]);
    send(2_501);
    await expect.poll(() => beneath.refused).toEqual(['WRIT-DEC-001']);
  });

  it('from a clock ahead of ours is no longer good than it says', async () => {
    send(-900);
    await expect.poll(() => leases.fresh(ENV)).toBe(true);
    pass(1_501);
    expect(leases.fresh(ENV)).toBe(false);
  });
});

describe('after a pause', () => {
  it('neither a lease in verification nor one that comes before we know of the pause counts', async () => {
    send(0);
    pause(800);
    send(0);
    send(60_000);
    expect(leases.fresh(ENV)).toBe(false);
    await sleep(300);
    expect(leases.fresh(ENV)).toBe(false);
    // What came while we were late was counted as shed, and not even looked at.
    expect(beneath.refused).toEqual(['WRIT-FRM-011', 'WRIT-FRM-011']);
    send(0);
    await expect.poll(() => leases.fresh(ENV)).toBe(true);
  });
});
