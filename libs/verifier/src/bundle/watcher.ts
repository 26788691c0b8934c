// What looks at the messages of a bundle as they go by, one after the other.
import type { Prepared } from '../frames/prepare.js';
import type { Judged } from '../message.js';

/** `begin` before the first message; `take` each one, with the event that it is, when it is an effective one. */
export type Watcher = {
  begin?(): Promise<void>;
  take(prepared: Prepared, event: Judged | undefined): void | Promise<void>;
};

/** Shows a message to all, in order; waits only for those that wait. */
export const takeAll = (
  watchers: readonly Watcher[],
  prepared: Prepared,
  event: Judged | undefined,
): void | Promise<void> => {
  let waiting: Promise<void> | undefined;
  for (const watcher of watchers) {
    const take = () => watcher.take(prepared, event);
    const taken = waiting === undefined ? take() : waiting.then(take);
    if (taken !== undefined) waiting = taken as Promise<void>;
  }
  return waiting;
};
