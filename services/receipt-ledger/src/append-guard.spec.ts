// Nothing is appended that was decided before a halt was heard, without a fresh lease, or on an old view.
import { describe, expect, it } from 'vitest';
import { createAppendGuard } from './append-guard.js';

const ENV = 'acme.shop.prod';

const guarded = () => {
  const now = { lease: true, view: true, halts: 0, named: 7, folded: 7 };
  const guard = createAppendGuard({
    plane: { fresh: () => now.view, follower: { position: () => now.folded } },
    leases: { fresh: () => now.lease, haltPosition: () => now.named },
    halts: { heardIn: () => now.halts },
  });
  return { now, guard };
};

describe('what was decided', () => {
  it('may be appended while nothing has changed, and not before anything was decided', () => {
    const { guard } = guarded();
    expect(guard.allows(ENV)).toBe(false);
    guard.decided(ENV);
    expect([guard.allows(ENV), guard.allows('acme.shop.test')]).toEqual([true, false]);
  });

  it('is held back after a halt was heard until it is decided again', () => {
    const { now, guard } = guarded();
    guard.decided(ENV);
    now.halts += 1;
    expect(guard.allows(ENV)).toBe(false);
    guard.decided(ENV);
    expect(guard.allows(ENV)).toBe(true);
  });

  it.each([{ lease: false }, { view: false }, { named: 8 }])('is held back with %o', (change) => {
    const { now, guard } = guarded();
    guard.decided(ENV);
    Object.assign(now, change);
    expect(guard.allows(ENV)).toBe(false);
  });
});
