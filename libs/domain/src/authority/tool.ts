// Whether a halt that is narrowed to a tool touches an action. A halt without a tool touches everything.
import type { HaltTool } from '@writ/contracts';
import { matchOperation, matchResource } from '../boundary/match.js';

/** Whether an action falls under a halt's tool; no tool means the full scope. */
export const haltTouches = (
  tool: HaltTool | undefined,
  action: { readonly resource: string; readonly operation: string },
): boolean =>
  tool === undefined ||
  (matchResource(tool.resource, action.resource) && matchOperation(tool.operation, action.operation));
