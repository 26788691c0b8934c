// The timeline of the sample: one line per thing that happened, readable without colour too. It prints no arguments and no keys.
import type { Colours } from '../io.js';

export type Mark = 'plane' | 'agent' | 'writ' | 'person' | 'check' | 'fail';

export interface Timeline {
  /** A numbered chapter. */
  chapter(title: string): void;
  line(mark: Mark, text: string): void;
  /** A check that decides the exit status. Returns `ok`. */
  check(ok: boolean, text: string): boolean;
  /** Every check so far that did not hold. */
  failures(): readonly string[];
}

const LABELS: Readonly<Record<Mark, string>> = {
  plane: 'plane ',
  agent: 'agent ',
  writ: 'writ  ',
  person: 'person',
  check: '  ok  ',
  fail: ' FAIL ',
};

const clock = (ms: number): string => `${(ms / 1000).toFixed(1).padStart(5)} s`;

/** A timeline that begins now. `total` chapters are announced, so that progress can be seen. */
export const createTimeline = (colour: Colours, out: (line: string) => void, total: number): Timeline => {
  const start = performance.now();
  const failed: string[] = [];
  let chapter = 0;
  const paint: Readonly<Record<Mark, (text: string) => string>> = {
    plane: colour.blue,
    agent: colour.cyan,
    writ: colour.magenta,
    person: colour.yellow,
    check: colour.green,
    fail: colour.red,
  };
  const line = (mark: Mark, text: string): void =>
    out(
      `${colour.dim(clock(performance.now() - start))}  ${paint[mark](LABELS[mark])}  ${mark === 'fail' ? colour.red(text) : text}`,
    );
  return {
    chapter: (title) => {
      chapter += 1;
      out('');
      out(colour.bold(`[${chapter}/${total}] ${title}`));
    },
    line,
    check: (ok, text) => {
      if (!ok) failed.push(text);
      line(ok ? 'check' : 'fail', text);
      return ok;
    },
    failures: () => failed,
  };
};
