// A ledger source over an array that a test may lengthen, cut short or change. In memory; nothing is verified here.
import type { LedgerSource, SourceMessage } from '../src/index.js';

export type ArraySource = LedgerSource & { readonly messages: SourceMessage[]; wake(): void };

/** Follows `messages` live; call `wake` after pushing. */
export const arraySource = (messages: SourceMessage[]): ArraySource => {
  const wakers = new Set<() => void>();
  const more = (signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      const done = () => {
        wakers.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      wakers.add(done);
      signal.addEventListener('abort', done);
    });
  return {
    messages,
    wake: () => {
      for (const wake of [...wakers]) wake();
    },
    end: async () => messages.at(-1)?.seq ?? 0,
    async *read(from, { signal }) {
      for (let at = from - 1; !signal.aborted; ) {
        const message = messages[at];
        if (message === undefined) await more(signal);
        else {
          at += 1;
          yield message;
        }
      }
    },
  };
};
