// What a condition reads and calls, from its syntax tree. Refuses what is not deterministic, not bounded or not declared.
import type { ASTNode } from '@marcbachmann/cel-js';
import { CelVariables } from './cel.js';

/** Why a condition is refused, and where in its text. */
export type ConditionFault = {
  readonly code: 'WRIT-BND-003' | 'WRIT-BND-004';
  readonly reason: string;
  readonly offset: number;
};

/** What a condition depends on: argument fields and limits, each with the offset of its first reading. */
export type Reads = {
  readonly fields: ReadonlyMap<string, number>;
  readonly limits: ReadonlyMap<string, number>;
  readonly faults: readonly ConditionFault[];
};

type Walk = {
  readonly fields: Map<string, number>;
  readonly limits: Map<string, number>;
  readonly faults: ConditionFault[];
};

const COMPREHENSIONS = ['all', 'exists', 'exists_one', 'map', 'filter'];
const MAX_NESTING = 2;
const TIMES = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?(Z|[+-]\d\d:\d\d)$/;

const fault = (walk: Walk, node: ASTNode, reason: string, code: ConditionFault['code'] = 'WRIT-BND-003') => {
  walk.faults.push({ code, reason, offset: node.start });
};

const literal = (node: ASTNode | undefined): string | undefined =>
  node?.op === 'value' && typeof node.args === 'string' ? node.args : undefined;

const isId = (node: ASTNode | undefined, name: string): boolean => node?.op === 'id' && node.args === name;

/** Which member of `args` or `history` a node reads; `undefined` when it is no such access. */
const accessed = (node: ASTNode): { readonly of: string; readonly name: string } | undefined => {
  const pair = memberPair(node);
  if (pair === undefined || pair.holder.op !== 'id' || pair.name === undefined) return undefined;
  return pair.holder.args === 'args' || pair.holder.args === 'history'
    ? { of: pair.holder.args, name: pair.name }
    : undefined;
};

const memberPair = (
  node: ASTNode,
): { readonly holder: ASTNode; readonly name: string | undefined } | undefined => {
  if (node.op === '.') return { holder: node.args[0], name: node.args[1] };
  if (node.op === '[]') return { holder: node.args[0], name: literal(node.args[1]) };
  if (node.op === 'in') return { holder: node.args[1], name: literal(node.args[0]) };
  return undefined;
};

const REPETITION = /(?<!\\)[*+{]/g;

/** A regular expression whose cost stays quadratic: two repetitions (one if not anchored), none of a group, no look-around. */
const isTamePattern = (pattern: string): boolean => {
  if (pattern.length > 200 || /\\[1-9k]|\(\?|\)[*+{]/.test(pattern)) return false;
  try {
    new RegExp(pattern);
    return (pattern.match(REPETITION) ?? []).length <= (pattern.startsWith('^') ? 2 : 1);
  } catch {
    return false;
  }
};

const judgeCall = (walk: Walk, node: ASTNode, name: string, args: readonly ASTNode[], isMethod: boolean) => {
  if (name === 'timestamp' && !TIMES.test(literal(args[0]) ?? '')) {
    fault(
      walk,
      node,
      'timestamp() takes a literal RFC 3339 time with a zone; use time(args.field) for a value',
    );
  }
  if (name === 'matches' && !isTamePattern(literal(args[0]) ?? '(')) {
    fault(
      walk,
      node,
      'matches() takes a literal, simple regular expression (two repetitions, no groups repeated)',
    );
  }
  if (!isMethod || !/^get[A-Z]/.test(name)) return;
  if (args.length > 0 || name === 'getDayOfYear') {
    fault(walk, node, `${name}() is offered in UTC only, and getDayOfYear() not at all`);
  }
};

const visitCall = (walk: Walk, node: ASTNode, depth: number): void => {
  if (node.op === 'call') {
    judgeCall(walk, node, node.args[0], node.args[1], false);
    for (const arg of node.args[1]) visit(walk, arg, depth);
    return;
  }
  if (node.op !== 'rcall') return;
  const [name, receiver, args] = node.args;
  judgeCall(walk, node, name, args, true);
  const inner = COMPREHENSIONS.includes(name) ? depth + 1 : depth;
  if (inner > MAX_NESTING) fault(walk, node, `more than ${MAX_NESTING} nested loops`);
  const variable = inner > depth || name === 'bind' ? args[0] : undefined;
  if (variable?.op === 'id' && (CelVariables as readonly string[]).includes(variable.args)) {
    fault(walk, variable, `${variable.args} is the name of a variable that is there already`);
  }
  visit(walk, receiver, depth);
  for (const arg of args) if (arg !== variable) visit(walk, arg, inner);
};

const children = (node: ASTNode): readonly ASTNode[] => {
  if (!Array.isArray(node.args)) {
    return node.args !== null && typeof node.args === 'object' && 'op' in node.args
      ? [node.args as ASTNode]
      : [];
  }
  return (node.args as readonly unknown[])
    .flat()
    .filter((c): c is ASTNode => c !== null && typeof c === 'object' && 'op' in c);
};

const visit = (walk: Walk, node: ASTNode, depth: number): void => {
  const access = accessed(node);
  if (access !== undefined) {
    const read = access.of === 'args' ? walk.fields : walk.limits;
    if (!read.has(access.name)) read.set(access.name, memberPair(node)?.holder.start ?? node.start);
    return;
  }
  if (isId(node, 'args')) fault(walk, node, 'args is read by field only: args.<field>', 'WRIT-BND-004');
  if (isId(node, 'history')) fault(walk, node, 'history is read by limit only: history["<limit id>"]');
  if (node.op === 'call' || node.op === 'rcall') visitCall(walk, node, depth);
  else for (const child of children(node)) visit(walk, child, depth);
};

/** Inspects a parsed condition. Guarantees: total; every field that the condition can read is listed or is a fault. */
export const inspect = (ast: ASTNode): Reads => {
  const walk: Walk = { fields: new Map(), limits: new Map(), faults: [] };
  visit(walk, ast, 0);
  return walk;
};
