// Owns the bar on stderr while a replay runs. On anything but a terminal it says nothing.

/** A bar that is drawn again at most ten times a second. */
export interface Progress {
  /** What is done just now, before calls are counted. */
  say(phase: string): void;
  /** One more call. */
  step(): void;
  end(): void;
}

/** Where the bar is drawn. */
export type Terminal = { readonly isTTY?: boolean; readonly columns?: number; write(text: string): unknown };

const REDRAW_MS = 100;
const WIDTH = 30;
const CLEAR = '\r\x1b[K';

/** A bar for `total` calls. */
export function createProgress(total: number, terminal: Terminal): Progress {
  if (terminal.isTTY !== true) return { say: () => undefined, step: () => undefined, end: () => undefined };
  let done = 0;
  let drawn = Number.NEGATIVE_INFINITY;
  const began = performance.now();
  const draw = (text: string): void =>
    void terminal.write(`${CLEAR}${text.slice(0, (terminal.columns ?? 80) - 1)}`);
  return {
    say: draw,
    step: () => {
      done += 1;
      const now = performance.now();
      if (done < total && now - drawn < REDRAW_MS) return;
      drawn = now;
      draw(`${bar(done, total)} ${done}/${total} calls  ${((now - began) / 1000).toFixed(1)} s`);
    },
    end: () => void terminal.write(CLEAR),
  };
}

function bar(done: number, total: number): string {
  const full = total === 0 ? WIDTH : Math.round((done / total) * WIDTH);
  return `${'█'.repeat(full)}${'░'.repeat(WIDTH - full)}`;
}
