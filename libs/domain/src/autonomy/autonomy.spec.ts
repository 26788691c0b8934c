// The autonomy matrix: total and monotone, whatever the action.
import { AutonomySteps, BlastRadius, Reversibility } from '@writ/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { autonomyRank, isConsequential, isHighStakes, requiresGate } from './index.js';

const step = fc.constantFrom(...AutonomySteps);
const reversibility = fc.constantFrom(...Reversibility.options);
const radius = fc.constantFrom(...BlastRadius.options);

describe('the autonomy matrix', () => {
  it('never asks a person more of a higher step than of a lower one', () => {
    fc.assert(
      fc.property(step, step, reversibility, radius, (a, b, r, reach) => {
        fc.pre(autonomyRank(a) <= autonomyRank(b));
        expect(requiresGate(a, r, reach) || !requiresGate(b, r, reach)).toBe(true);
      }),
    );
  });

  it('never asks a person less for what reaches further or is harder to undo', () => {
    fc.assert(
      fc.property(step, reversibility, reversibility, radius, radius, (s, r1, r2, b1, b2) => {
        const order = <T>(all: readonly T[], x: T, y: T) => all.indexOf(x) <= all.indexOf(y);
        fc.pre(order(Reversibility.options, r1, r2) && order(BlastRadius.options, b1, b2));
        expect(!requiresGate(s, r1, b1) || requiresGate(s, r2, b2)).toBe(true);
      }),
    );
  });

  it('asks for everything in shadow, for nothing when autonomous, and lets a supervised agent touch one record', () => {
    expect(requiresGate('shadow', 'reversible', 'single')).toBe(true);
    expect(requiresGate('autonomous', 'irreversible', 'external')).toBe(false);
    expect(requiresGate('supervised', 'reversible', 'single')).toBe(false);
    expect(requiresGate('supervised', 'reversible', 'many')).toBe(true);
    expect(requiresGate('bounded', 'partially', 'single')).toBe(false);
    expect(requiresGate('bounded', 'irreversible', 'single')).toBe(true);
  });

  it('calls every high-stakes action consequential', () => {
    fc.assert(
      fc.property(reversibility, radius, (r, b) => {
        expect(!isHighStakes(r, b) || isConsequential(r, b)).toBe(true);
      }),
    );
    expect(isHighStakes('irreversible', 'single')).toBe(false);
    expect(isConsequential('reversible', 'single')).toBe(false);
  });
});
