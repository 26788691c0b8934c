// Leads the messages of a part to the checkpoint's root: one proof after the other, in step with the messages.
import {
  appendLeaves,
  type CompactRange,
  isCompactRange,
  rootOf,
  type TreeHash,
  verifyConsistency,
  verifyInclusion,
} from '@writ/crypto';
import type { Prepared } from '../frames/prepare.js';
import { type Proof, readProof } from './proof-lines.js';

/** What the proofs must lead to, and the range that they show without a gap, if any. */
export type ProofGoal = {
  readonly size: number;
  readonly root: TreeHash;
  readonly range: { readonly from: number; readonly to: number } | undefined;
};

/** Checks proofs in step with messages. A text says what does not hold; after the first one nothing more is checked. */
export interface ProofCheck {
  begin(): Promise<void>;
  take(prepared: Prepared): Promise<void> | undefined;
  end(): Promise<string | undefined>;
}

type Reading = {
  readonly lines: AsyncIterator<string>;
  frontier: CompactRange | undefined;
  consistency: Extract<Proof, { kind: 'consistency' }> | undefined;
  fault: string | undefined;
};

const next = async (reading: Reading): Promise<Proof | undefined> => {
  const line = await reading.lines.next();
  return line.done === true ? undefined : readProof(line.value);
};

const begin = async (reading: Reading, { range, size }: ProofGoal): Promise<void> => {
  if (range === undefined) return;
  const frontier = await next(reading);
  const consistency = await next(reading);
  if (frontier?.kind !== 'frontier' || consistency?.kind !== 'consistency') {
    reading.fault = 'the proofs do not begin with those of the range';
    return;
  }
  const fits = consistency.from === range.to && consistency.to === size && frontier.size === range.from - 1;
  if (!fits || !isCompactRange(frontier)) reading.fault = 'the proofs are of another range';
  reading.frontier = frontier;
  reading.consistency = consistency;
};

const takeInclusion = async (
  reading: Reading,
  { size, root }: ProofGoal,
  { message, leaf }: Prepared,
): Promise<void> => {
  const proof = await next(reading);
  const named = proof?.kind === 'inclusion' && proof.seq === message.seq ? proof : undefined;
  const place = { leaf, index: message.seq - 1, size, root };
  if (named === undefined || !verifyInclusion(place, named.hashes)) {
    reading.fault = `message ${message.seq} is not shown to be in the tree`;
  }
};

const takeInRange = (reading: Reading, { message, leaf }: Prepared): void => {
  const { frontier } = reading;
  if (frontier === undefined || frontier.size !== message.seq - 1) {
    reading.fault = `message ${message.seq} does not follow on ${frontier?.size ?? 0}`;
    return;
  }
  reading.frontier = appendLeaves(frontier, [leaf]);
};

const rangeFault = ({ frontier, consistency }: Reading, goal: ProofGoal): string | undefined => {
  const { range, size: to, root: toRoot } = goal;
  if (range === undefined) return undefined;
  if (frontier === undefined || consistency === undefined || frontier.size !== range.to) {
    return `the range ends at ${frontier?.size ?? 0}, not at ${range.to}`;
  }
  const trees = { from: frontier.size, fromRoot: rootOf(frontier), to, toRoot };
  return verifyConsistency(trees, consistency.hashes) ? undefined : 'the range is not part of the tree';
};

const isIn = (range: ProofGoal['range'], seq: number): boolean =>
  range !== undefined && seq >= range.from && seq <= range.to;

/** Creates the check over the lines of proofs.ndjson. */
export const checkProofs = (lines: AsyncIterable<string>, goal: ProofGoal): ProofCheck => {
  const reading: Reading = {
    lines: lines[Symbol.asyncIterator](),
    frontier: undefined,
    consistency: undefined,
    fault: undefined,
  };
  const drain = async (): Promise<boolean> => {
    let more = false;
    for (let at = await reading.lines.next(); at.done !== true; at = await reading.lines.next()) more = true;
    return more;
  };
  return {
    begin: () => begin(reading, goal),
    take: (prepared) => {
      if (reading.fault !== undefined) return undefined;
      if (!isIn(goal.range, prepared.message.seq)) return takeInclusion(reading, goal, prepared);
      takeInRange(reading, prepared);
      return undefined;
    },
    end: async () => {
      const more = await drain();
      reading.fault ??= more ? 'there are more proofs than messages' : rangeFault(reading, goal);
      return reading.fault;
    },
  };
};
