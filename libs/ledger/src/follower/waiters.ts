// Who waits for a position. No timer per waiter beyond its own timeout; no polling.
import type { LedgerSeq } from '@writ/contracts';

export type Waiters = {
  wait(seq: LedgerSeq, timeoutMs: number): Promise<boolean>;
  /** Wakes those whose position has been reached. */
  advance(position: LedgerSeq): void;
  /** Wakes everybody with false: nothing will come any more. */
  giveUp(): void;
};

type Waiter = { readonly seq: LedgerSeq; readonly settle: (reached: boolean) => void };

export const createWaiters = (): Waiters => {
  const waiting = new Set<Waiter>();
  let nearest = Number.POSITIVE_INFINITY;
  return {
    wait: (seq, timeoutMs) =>
      new Promise((resolve) => {
        let timer: NodeJS.Timeout | undefined;
        const waiter: Waiter = {
          seq,
          settle: (reached) => {
            clearTimeout(timer);
            waiting.delete(waiter);
            resolve(reached);
          },
        };
        if (Number.isFinite(timeoutMs))
          timer = setTimeout(() => waiter.settle(false), Math.max(0, timeoutMs));
        waiting.add(waiter);
        nearest = Math.min(nearest, seq);
      }),
    advance: (position) => {
      if (position < nearest) return;
      nearest = Number.POSITIVE_INFINITY;
      for (const waiter of [...waiting]) {
        if (waiter.seq <= position) waiter.settle(true);
        else nearest = Math.min(nearest, waiter.seq);
      }
    },
    giveUp: () => {
      for (const waiter of [...waiting]) waiter.settle(false);
    },
  };
};
