// Recording an unversioned fact of the kill-switch: no expectation, the same bytes until they are acknowledged.
import type { LedgerSeq } from '@writ/contracts';
import { type MonotonicClock, systemClock } from './clock.js';
import type { WriteRefusal } from './event.js';
import type { AppendOutcome, Ledger, NewMessage } from './ledger.js';

export type RecordFactRequest = {
  readonly ledger: Ledger;
  /** `gov.ledger.authority.<org>.<project>.<env>` */
  readonly subject: string;
  readonly fact: NewMessage;
  /** Monotonic ms; Infinity to go on until it is acknowledged. */
  readonly deadline: number;
  readonly clock?: MonotonicClock;
};

const PAUSES_MS = [5, 20, 50, 100, 250];

const pauseAfter = (outcome: AppendOutcome, tries: number): number =>
  outcome.kind === 'conflict'
    ? outcome.retryAfterMs
    : (PAUSES_MS[Math.min(tries, PAUSES_MS.length - 1)] ?? 250);

/**
 * Appends until the server acknowledges. It cannot lose a race, and landing twice does no harm: whoever folds counts a fact
 * once by its id. `indeterminate` (WRIT-LED-002) at the deadline; `refused` when the server refuses outright (full).
 */
export const recordFact = async (
  request: RecordFactRequest,
): Promise<{ readonly kind: 'done'; readonly seq: LedgerSeq } | WriteRefusal> => {
  const clock = request.clock ?? systemClock;
  const { ledger, subject, fact, deadline } = request;
  for (let tries = 0; clock.now() < deadline; tries += 1) {
    const outcome = await ledger.append({ subject, expected: 'any', messages: [fact] });
    if (outcome.kind === 'stored') return { kind: 'done', seq: outcome.seqs[0] ?? 0 };
    if (outcome.kind === 'refused') return outcome;
    await clock.sleep(pauseAfter(outcome, tries));
  }
  return { kind: 'indeterminate', code: 'WRIT-LED-002', reason: 'not acknowledged in time' };
};
