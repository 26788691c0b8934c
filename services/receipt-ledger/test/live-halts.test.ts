// A halt that was heard stops until the ledger shows this very halt.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { hearHalts, type LiveHalts } from '../src/live-halts.js';
import { AGENT, ENV } from './escalation.js';
import { type StandIns, standIns } from './stand-ins.js';

const ACTION = { resource: 'db:shop/orders', operation: 'drop' };

let beneath: StandIns;
let halts: LiveHalts;

beforeEach(() => {
  vi.useFakeTimers();
  beneath = standIns();
  halts = hearHalts(beneath.plane);
});
afterEach(() => {
  halts.stop();
  vi.useRealTimers();
});

const hear = (scope: string) => beneath.bus.deliver(`gov.halt.oncall.${scope}`, new Uint8Array());
const engaged = (scope: string, heardAt: number, more: object = {}) =>
  beneath.tell({
    document: {
      type: 'writ.authority.halt-engaged.v1',
      data: { person: 'oncall', scope, environment: ENV, heardAt: new Date(heardAt).toISOString() },
    } as never,
    ...more,
  });
const stopped = () => halts.stops(AGENT, ACTION);
/** Lets the clock run in steps of the event loop. */
const run = async (ms: number) => {
  for (let left = ms; left > 0; left -= 100) {
    beneath.time.now += 100;
    await vi.advanceTimersByTimeAsync(100);
  }
};

describe.each([AGENT, ENV, 'acme.shop', 'acme'])('a halt of %s', (scope) => {
  it('stops at once and is settled by its own fact', () => {
    expect(stopped()).toBe(false);
    hear(scope);
    expect(stopped()).toBe(true);
    engaged(scope, beneath.time.now - 5);
    expect(stopped()).toBe(false);
  });

  it('is settled neither by a void event nor by the fact of an earlier halt', async () => {
    await run(60_000);
    hear(scope);
    engaged(scope, beneath.time.now, { void: true });
    expect(stopped()).toBe(true);
    engaged(scope, beneath.time.now - 30_000);
    expect(stopped()).toBe(true);
    engaged(scope, beneath.time.now);
    expect(stopped()).toBe(false);
  });

  it('that waited for us while we were paused is settled by its fact all the same', async () => {
    await run(1_000);
    const sent = beneath.time.now + 1_000;
    beneath.time.now += 60_000;
    hear(scope);
    engaged(scope, sent);
    expect(stopped()).toBe(false);
    await run(1_000);
    hear(scope);
    engaged(scope, sent);
    expect(stopped()).toBe(true);
  });

  it('is counted where it concerns, once each time it is heard', () => {
    hear(scope);
    hear(scope);
    expect(halts.heardIn(ENV)).toBe(2);
    const elsewhere = scope.startsWith(ENV) ? 0 : 2;
    expect(halts.heardIn('acme.shop.test')).toBe(elsewhere);
  });
});

it('an environment opened by a void event settles nothing', () => {
  hear('acme');
  engaged('acme', beneath.time.now, {
    document: {
      type: 'writ.authority.halt-engaged.v1',
      data: {
        ...{ person: 'oncall', scope: 'acme', environment: 'acme.shop.test' },
        heardAt: new Date(beneath.time.now).toISOString(),
      },
    },
  });
  const opened = { type: 'writ.authority.environment-opened.v1', data: { environment: ENV } } as never;
  beneath.tell({ document: opened, void: true });
  expect(stopped()).toBe(true);
  beneath.tell({ document: opened });
  expect(stopped()).toBe(false);
});
