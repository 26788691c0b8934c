// Messages of one intake, so many at a time: what waits here costs nothing yet, and keeps no other intake waiting. Never drops one.

export interface WorkLine<T> {
  /** Begins with the item at once, or when one of those before it has ended. */
  add(item: T): void;
  /** Resolves when nothing is in hand and nothing waits. */
  empty(): Promise<void>;
}

/** A line for `work`, in the order of arrival, at most `atOnce` at the same time. */
export const createWorkLine = <T>(atOnce: number, work: (item: T) => Promise<void>): WorkLine<T> => {
  const waiting: T[] = [];
  const inHand = new Set<Promise<void>>();
  const begin = (item: T): void => {
    const done = work(item).finally(() => {
      inHand.delete(done);
      const next = waiting.shift();
      if (next !== undefined) begin(next);
    });
    inHand.add(done);
  };
  return {
    add: (item) => {
      if (inHand.size < atOnce) begin(item);
      else waiting.push(item);
    },
    empty: async () => {
      while (inHand.size > 0) await Promise.allSettled(inHand);
    },
  };
};
