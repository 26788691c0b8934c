// A bounded window of work ahead of its turn. Keeps the order; holds no more than the window.

/**
 * Starts `work` on up to `window` items ahead and yields the results in the order of the items. `items` must end. `work` must not
 * reject. An error of `items` is thrown after what came before it.
 */
export async function* ahead<T, R>(
  items: AsyncIterable<T>,
  work: (item: T) => Promise<R>,
  window: number,
): AsyncGenerator<R, void, undefined> {
  const iterator = items[Symbol.asyncIterator]();
  const started: Promise<R>[] = [];
  let open = true;
  let failure: { readonly error: unknown } | undefined;
  try {
    while (open || started.length > 0) {
      while (open && started.length < window) {
        try {
          const next = await iterator.next();
          if (next.done === true) open = false;
          else started.push(work(next.value));
        } catch (error) {
          failure = { error };
          open = false;
        }
      }
      const first = started.shift();
      if (first !== undefined) yield await first;
    }
  } finally {
    if (open) await iterator.return?.();
  }
  if (failure !== undefined) throw failure.error;
}
