// The two waits of a projection: a bounded hand-over of opened frames, and the batch that fills while another is written.

/** Wakes whoever waits; a wake with nobody waiting is not kept. */
const createBell = () => {
  let wake: (() => void) | undefined;
  return {
    ring: () => wake?.(),
    wait: (ms?: number) =>
      new Promise<void>((resolve) => {
        const timer = ms === undefined ? undefined : setTimeout(resolve, ms);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      }),
  };
};

/**
 * An ordered hand-over that holds at most `limit` items; once full it takes none until half of them are gone, so that the giver
 * works in bursts and does not wake the thread pool for every single frame.
 */
export interface HandOver<T> {
  /** Undefined: there is room; else resolves once there is. */
  put(item: T): Promise<void> | undefined;
  /** The next item if one is there by now. */
  next(): T | undefined;
  /** The next item, waited for; undefined after the end. */
  take(): Promise<T | undefined>;
  end(): void;
}

/** Creates a hand-over; after `end` it gives what it holds, then undefined. */
export const createHandOver = <T>(limit: number): HandOver<T> => {
  // A ring: what was taken is let go of at once, also while the giver stays ahead.
  const ring: (T | undefined)[] = new Array(limit).fill(undefined);
  let first = 0;
  let size = 0;
  let ended = false;
  const [filled, emptied] = [createBell(), createBell()];
  const room = async (): Promise<void> => {
    while (size > limit / 2 && !ended) await emptied.wait();
  };
  const next = (): T | undefined => {
    if (size === 0) return undefined;
    const item = ring[first];
    ring[first] = undefined;
    first = (first + 1) % limit;
    size -= 1;
    if (size <= limit / 2) emptied.ring();
    return item;
  };
  return {
    put: (item) => {
      if (size === limit) throw new Error('the hand-over is full');
      ring[(first + size) % limit] = item;
      size += 1;
      filled.ring();
      return size < limit ? undefined : room();
    },
    next,
    take: async () => {
      while (size === 0 && !ended) await filled.wait();
      return next();
    },
    end: () => {
      ended = true;
      filled.ring();
      emptied.ring();
    },
  };
};

/** A box that one side fills and the other empties as a whole. */
export interface Box<T> {
  /** Whether it takes no more for now. */
  full(): boolean;
  /** Resolves once `full` no longer holds, or the box is closed. */
  room(): Promise<void>;
  changed(): void;
  /** The content, once there is any: at once when full or closed, else after `lingerMs`. Undefined: closed and empty. */
  swap(lingerMs: number): Promise<T | undefined>;
  close(): void;
}

/** Creates a box over the content that `make` makes. */
export const createBox = <T>(options: {
  readonly make: () => T;
  readonly isEmpty: (content: T) => boolean;
  readonly isFull: (content: T) => boolean;
}): Box<T> & { content(): T } => {
  let content = options.make();
  let closed = false;
  let lingering = false;
  const [filled, emptied] = [createBell(), createBell()];
  const full = () => options.isFull(content) && !closed;
  const linger = async (ms: number): Promise<void> => {
    const until = performance.now() + ms;
    lingering = true;
    for (let left = ms; left > 0 && !full() && !closed; left = until - performance.now()) {
      await filled.wait(left);
    }
    lingering = false;
  };
  return {
    content: () => content,
    full,
    room: async () => {
      while (full() && !closed) await emptied.wait();
    },
    changed: () => {
      if (!lingering || full()) filled.ring();
    },
    swap: async (lingerMs) => {
      while (options.isEmpty(content) && !closed) await filled.wait();
      if (!options.isEmpty(content)) await linger(lingerMs);
      const taken = content;
      content = options.make();
      emptied.ring();
      return options.isEmpty(taken) ? undefined : taken;
    },
    close: () => {
      closed = true;
      filled.ring();
      emptied.ring();
    },
  };
};
