// What an agent may do without a person, by autonomy step. Total and monotone; it never knows rules or boundaries.
import { type AutonomyStep, AutonomySteps, type BlastRadius, type Reversibility } from '@writ/contracts';

const HARM: { readonly [R in Reversibility]: number } = { reversible: 0, partially: 1, irreversible: 2 };
const REACH: { readonly [B in BlastRadius]: number } = { single: 0, many: 1, system: 2, external: 3 };

/** The most reach that a step allows without a person, by how far the effect can be undone; -1: none at all. */
const FREE: {
  readonly [S in AutonomyStep]: readonly [reversible: number, partially: number, irreversible: number];
} = {
  shadow: [-1, -1, -1],
  supervised: [0, -1, -1],
  bounded: [1, 0, -1],
  autonomous: [3, 3, 3],
};

/**
 * Whether an action that the boundary permits still needs a person at this autonomy step. Guarantees: total, and monotone:
 * a higher step never needs a gate that a lower one does not, and less reversible or further reaching never needs less.
 *
 * | free without a person | reversible | partially | irreversible |
 * |---|---|---|---|
 * | `shadow` | nothing | nothing | nothing |
 * | `supervised` | single | nothing | nothing |
 * | `bounded` | single, many | single | nothing |
 * | `autonomous` | all | all | all |
 *
 * `autonomous` leaves everything to the rules and, from level 2, to the high-stakes gate (ARCHITECTURE §5, Levels).
 */
export const requiresGate = (
  step: AutonomyStep,
  reversibility: Reversibility,
  blastRadius: BlastRadius,
): boolean => REACH[blastRadius] > FREE[step][HARM[reversibility] as 0 | 1 | 2];

/** Whether an action has consequences that containment wants a person for: anything but a reversible touch of one record. */
export const isConsequential = (reversibility: Reversibility, blastRadius: BlastRadius): boolean =>
  reversibility !== 'reversible' || blastRadius !== 'single';

/** Whether an action is high stakes: it cannot be undone and reaches beyond one record (gated from level 2). */
export const isHighStakes = (reversibility: Reversibility, blastRadius: BlastRadius): boolean =>
  reversibility === 'irreversible' && blastRadius !== 'single';

/** Where a step stands on the ladder: 0 is the lowest. */
export const autonomyRank = (step: AutonomyStep): number => AutonomySteps.indexOf(step);
