// A bounded hand-over from one loop to another. Keeps the order; loses nothing until it is ended.

export type HandOver<T> = {
  /** Resolves when there is room again. */
  put(item: T): Promise<void>;
  /** The next item; `undefined` once ended and empty. */
  take(): Promise<T | undefined>;
  end(): void;
};

/** Creates a hand-over that holds `limit` items. */
export const createHandOver = <T>(limit: number): HandOver<T> => {
  const queue: T[] = [];
  let ended = false;
  let wakeTaker: (() => void) | undefined;
  let wakePutter: (() => void) | undefined;
  return {
    put: async (item) => {
      queue.push(item);
      wakeTaker?.();
      while (queue.length >= limit && !ended) {
        await new Promise<void>((resolve) => {
          wakePutter = resolve;
        });
      }
    },
    take: async () => {
      while (queue.length === 0 && !ended) {
        await new Promise<void>((resolve) => {
          wakeTaker = resolve;
        });
      }
      const item = queue.shift();
      wakePutter?.();
      return item;
    },
    end: () => {
      ended = true;
      wakeTaker?.();
      wakePutter?.();
    },
  };
};
