// Owns what a service that could not start said last: the code and the reason of its own fault, out of its log. It judges nothing.
import { readFileSync } from 'node:fs';
import { type Code, Codes } from '@writ/contracts';

/** Why the service ended: a code of the table and the reason. */
export type LastWords = { readonly code: Code; readonly why: string };

const TAIL_BYTES = 64 * 1024;

const wordsIn = (line: string): LastWords | undefined => {
  try {
    const { event, code, why } = JSON.parse(line) as Record<string, unknown>;
    if (event !== 'service.failed' || typeof why !== 'string' || typeof code !== 'string') return undefined;
    return Object.hasOwn(Codes, code) ? { code: code as Code, why } : undefined;
  } catch {
    return undefined;
  }
};

/** The last fault in the log beyond `from` bytes; `undefined` when it tells none that has a code and a reason. */
export const lastWords = (logFile: string, from: number): LastWords | undefined => {
  try {
    const said = readFileSync(logFile).subarray(from).subarray(-TAIL_BYTES).toString('utf8');
    const lines = said.trimEnd().split('\n').toReversed();
    return lines.map(wordsIn).find((words) => words !== undefined);
  } catch {
    return undefined;
  }
};
