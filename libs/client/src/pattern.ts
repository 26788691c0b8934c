// Whether a resource or operation lies under a pattern of a halt. Linear in pattern times text: no pattern can be slow.
import type { HaltTool } from '@writ/contracts';

type Token = { readonly piece: 'char'; readonly char: string } | { readonly piece: 'segment' | 'any' };

const tokens = (pattern: string, starsCross: boolean): readonly Token[] => {
  const out: Token[] = [];
  for (let i = 0; i < pattern.length; i++) {
    if (pattern[i] !== '*') out.push({ piece: 'char', char: pattern[i]! });
    else if (pattern[i + 1] === '*') {
      out.push({ piece: 'any' });
      i++;
    } else out.push({ piece: starsCross ? 'any' : 'segment' });
  }
  return out;
};

const separates = (char: string): boolean => char === '/' || char === ':';

/** The set of pattern positions reachable after each character, as in a nondeterministic automaton. */
const matches = (pattern: readonly Token[], text: string): boolean => {
  let here = skipStars(pattern, new Set([0]));
  for (const char of text) {
    const next = new Set<number>();
    for (const at of here) {
      const token = pattern[at];
      if (token === undefined) continue;
      if (token.piece === 'char') {
        if (token.char === char) next.add(at + 1);
      } else if (token.piece === 'any' || !separates(char)) next.add(at);
    }
    here = skipStars(pattern, next);
    if (here.size === 0) return false;
  }
  return here.has(pattern.length);
};

const skipStars = (pattern: readonly Token[], from: Set<number>): Set<number> => {
  for (const at of from) {
    const piece = pattern[at]?.piece;
    if (piece === 'any' || piece === 'segment') from.add(at + 1);
  }
  return from;
};

/** `*` within a segment, `**` across segments; `/` and `:` separate segments (the boundary's resource pattern). */
export const resourceMatches = (pattern: string, resource: string): boolean =>
  matches(tokens(pattern, false), resource);

/** `*` stands for anything (the boundary's operation pattern). */
export const operationMatches = (pattern: string, operation: string): boolean =>
  matches(tokens(pattern, true), operation);

/** Whether a halt narrowed to `tool` covers the action; a halt without a tool covers every action. */
export const toolCovers = (
  tool: HaltTool | undefined,
  action: { readonly resource: string; readonly operation: string },
): boolean =>
  tool === undefined ||
  (resourceMatches(tool.resource, action.resource) && operationMatches(tool.operation, action.operation));
