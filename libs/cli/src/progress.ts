// Owns the bar on stderr while something long runs. On anything but a terminal it says nothing.

/** A bar that is drawn again at most ten times a second. */
export interface Progress {
  /** What is done just now, before calls are counted. */
  say(phase: string): void;
  /** One more. */
  step(): void;
  /** So many by now. */
  at(done: number): void;
  end(): void;
}

/** Where the bar is drawn. */
export type Terminal = { readonly isTTY?: boolean; readonly columns?: number; write(text: string): unknown };

const REDRAW_MS = 100;
const WIDTH = 30;
const CLEAR = '\r\x1b[K';

/** A bar for `total` of something; of 0, it only counts. */
export function createProgress(total: number, terminal: Terminal, what = 'calls'): Progress {
  const silent = () => undefined;
  if (terminal.isTTY !== true) return { say: silent, step: silent, at: silent, end: silent };
  let done = 0;
  let drawn = Number.NEGATIVE_INFINITY;
  const began = performance.now();
  const draw = (text: string): void =>
    void terminal.write(`${CLEAR}${text.slice(0, (terminal.columns ?? 80) - 1)}`);
  const at = (now: number): void => {
    done = now;
    const time = performance.now();
    if (done !== total && time - drawn < REDRAW_MS) return;
    drawn = time;
    const of = total === 0 ? `${done}` : `${bar(done, total)} ${done}/${total}`;
    draw(`${of} ${what}  ${((time - began) / 1000).toFixed(1)} s`);
  };
  return { say: draw, step: () => at(done + 1), at, end: () => void terminal.write(CLEAR) };
}

function bar(done: number, total: number): string {
  const full = total === 0 ? WIDTH : Math.min(WIDTH, Math.round((done / total) * WIDTH));
  return `${'█'.repeat(full)}${'░'.repeat(WIDTH - full)}`;
}
