// What a check finds in a document: where, why, how bad. Shapes and small constructors only.
import type { Code } from '@writ/contracts';

/** A path into the document, from its root. */
export type DocumentPath = readonly (string | number)[];

/** A finding before it has a place in a text. `offset` counts characters within the string at `path`. */
export type Finding = {
  readonly code: Extract<Code, `WRIT-BND-${string}`>;
  readonly path: DocumentPath;
  readonly reason: string;
  readonly severity: 'problem' | 'warning';
  readonly offset?: number;
};

/** A finding in a file: line and column from 1, `path` like `spec.rules[2].when`. */
export type DocumentProblem = {
  readonly code: Finding['code'];
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly path: string;
  readonly reason: string;
};

/** `spec.rules[2].when` */
export const pathText = (path: DocumentPath): string =>
  path.map((part, n) => (typeof part === 'number' ? `[${part}]` : n === 0 ? part : `.${part}`)).join('');

/** Makes a problem. */
export const problem = (
  code: Finding['code'],
  path: DocumentPath,
  reason: string,
  offset?: number,
): Finding => ({
  code,
  path,
  reason,
  severity: 'problem',
  ...(offset === undefined ? {} : { offset }),
});
