// Follow-up work waits for a halt's hold and then comes one at a time, after the sockets.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createFollowUp, HOLD_MS } from './follow-up.js';

const clock = { now: () => ({ mono: Date.now(), wall: Date.now() }) };
const rounds = async (n: number): Promise<void> => {
  for (let i = 0; i < n; i++) await new Promise((resolve) => setImmediate(resolve));
};

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] }));
afterEach(() => void vi.useRealTimers());

describe('follow-up work', () => {
  it('without a halt waits only until the sockets have been read', async () => {
    let ran = false;
    const done = createFollowUp(clock)
      .turn()
      .then(() => {
        ran = true;
      });
    await Promise.resolve();
    expect(ran).toBe(false);
    await done;
  });

  it.each([
    [0, HOLD_MS.least],
    [0.5, (HOLD_MS.least + HOLD_MS.most) / 2],
    [0.999, HOLD_MS.most - 1],
  ])(
    'after a halt waits for its part of the spread (%f: %i ms), in the order asked for',
    async (part, ms) => {
      const followUp = createFollowUp(clock, () => part);
      const ran: number[] = [];
      followUp.hold();
      const done = [1, 2, 3].map((n) => followUp.turn().then(() => ran.push(n)));
      vi.advanceTimersByTime(0);
      await rounds(5);
      await vi.advanceTimersByTimeAsync(ms - 1);
      await rounds(5);
      expect(ran).toEqual([]);
      await vi.advanceTimersByTimeAsync(2);
      await Promise.all(done);
      expect(ran).toEqual([1, 2, 3]);
    },
  );

  it('is not held for longer by more halts: never beyond the bound', async () => {
    const followUp = createFollowUp(clock, () => 1);
    let ran = false;
    followUp.hold();
    const done = followUp.turn().then(() => {
      ran = true;
    });
    for (let waited = 0; waited < HOLD_MS.most; waited += 10) {
      expect(ran).toBe(false);
      await vi.advanceTimersByTimeAsync(10);
      followUp.hold();
    }
    await done;
  });

  it('of one client does not overtake sockets for another: one turn for each round of the event loop', async () => {
    const ran: string[] = [];
    const done = ['a', 'b', 'c'].map((name) =>
      createFollowUp(clock)
        .turn()
        .then(() => ran.push(name)),
    );
    const seen: number[] = [];
    for (let n = 0; n < 6; n++) {
      await rounds(1);
      seen.push(ran.length);
    }
    await Promise.all(done);
    expect(ran).toEqual(['a', 'b', 'c']);
    expect(seen.every((count, n) => count - (seen[n - 1] ?? 0) <= 1)).toBe(true);
  });
});
