// Globs over resources and operations, in linear time whatever the pattern. Knows no rules.

type Any = { readonly any: 'segment' | 'all' };
type Token = string | Any;
type Glob = { readonly prefix: string; readonly tokens: readonly Token[] };

const ACROSS: Any = { any: 'all' };
const WITHIN: Any = { any: 'segment' };
const isDelimiter = (char: string): boolean => char === '/' || char === ':';

const tokenise = (pattern: string, star: Any): readonly Token[] => {
  const tokens: Token[] = [];
  for (let i = 0; i < pattern.length; i += 1) {
    if (pattern[i] !== '*') tokens.push(pattern[i] as string);
    else if (pattern[i + 1] === '*') {
      tokens.push(ACROSS);
      i += 1;
    } else tokens.push(star);
  }
  return tokens;
};

const compile = (pattern: string, star: Any): Glob => {
  const wild = pattern.indexOf('*');
  return { prefix: wild === -1 ? pattern : pattern.slice(0, wild), tokens: tokenise(pattern, star) };
};

/** Whether a pattern's wildcard may swallow what stands in the text (or in another pattern). */
const swallows = (wildcard: Any, what: Token): boolean => {
  if (wildcard.any === 'all') return true;
  return typeof what === 'string' ? !isDelimiter(what) : what.any === 'segment';
};

const skipWildcards = (tokens: readonly Token[], active: Uint8Array): void => {
  for (let i = 0; i < tokens.length; i += 1) {
    if (active[i] === 1 && typeof tokens[i] !== 'string') active[i + 1] = 1;
  }
};

const step = (tokens: readonly Token[], active: Uint8Array, what: Token): Uint8Array => {
  const next = new Uint8Array(tokens.length + 1);
  for (let i = 0; i < tokens.length; i += 1) {
    const token = tokens[i] as Token;
    if (active[i] !== 1) continue;
    if (typeof token === 'string') {
      if (token === what) next[i + 1] = 1;
    } else if (swallows(token, what)) next[i] = 1;
  }
  skipWildcards(tokens, next);
  return next;
};

const accepts = (tokens: readonly Token[], text: Iterable<Token>): boolean => {
  let active: Uint8Array = new Uint8Array(tokens.length + 1);
  active[0] = 1;
  skipWildcards(tokens, active);
  for (const what of text) active = step(tokens, active, what);
  return active[tokens.length] === 1;
};

/** A compiled glob: a function of the text. */
export type Matcher = (text: string) => boolean;

const matcher = (pattern: string, star: Any): Matcher => {
  if (pattern === '**' || (pattern === '*' && star === ACROSS)) return () => true;
  const { prefix, tokens } = compile(pattern, star);
  if (prefix === pattern) return (text) => text === pattern;
  return (text) => text.startsWith(prefix) && accepts(tokens, text);
};

/** Compiles a resource pattern: `*` within a segment, `**` across; `/` and `:` separate segments. */
export const resourceMatcher = (pattern: string): Matcher => matcher(pattern, WITHIN);

/** Compiles a list of operation patterns: a literal, or `*` for any run of characters. */
export const operationMatcher = (patterns: readonly string[]): Matcher => {
  const matchers = patterns.map((pattern) => matcher(pattern, ACROSS));
  return (text) => matchers.some((matches) => matches(text));
};

/** Whether a resource lies in a pattern. Linear in the resource; case matters. */
export const matchResource = (pattern: string, resource: string): boolean =>
  resourceMatcher(pattern)(resource);

/** Whether an operation lies in a pattern. Linear in the operation; case matters. */
export const matchOperation = (pattern: string, operation: string): boolean =>
  operationMatcher([pattern])(operation);

/** Whether every resource that `inner` matches is surely matched by `outer`. Sound, not complete. */
export const resourceCovers = (outer: string, inner: string): boolean =>
  accepts(tokenise(outer, WITHIN), tokenise(inner, WITHIN));

/** Whether every operation of `inner` is surely among `outer`. Sound, not complete. */
export const operationsCover = (outer: readonly string[], inner: readonly string[]): boolean =>
  inner.every((i) => outer.some((o) => accepts(tokenise(o, ACROSS), tokenise(i, ACROSS))));
