// Owns what the services of this installation knew of the ledger, held against the ledger as it is. It reads the marks and nothing else.
import { installPaths, PlaneServices, type ReadMark, readLedgerMark } from '@writ/runtime';
import type { Tree } from './walk.js';

/** The mark of one service; `mark` is undefined for one that never ran here. */
export type ServiceMark = { readonly service: string; readonly mark: ReadMark | undefined };

/** How a mark stands to the ledger. `why` is null when it is the same one. */
export type MarkVerdict = {
  readonly service: string;
  readonly end: number | null;
  readonly at: string | null;
  readonly why: string | null;
};

/** The marks of the services that follow the ledger; the sealer keeps its own memory, its checkpoints. */
export const readMarks = (home: string): readonly ServiceMark[] => {
  const paths = installPaths(home);
  return PlaneServices.filter((service) => service !== 'sealer').map((service) => ({
    service,
    mark: readLedgerMark(paths.markFile(service)),
  }));
};

/** The messages whose leaves must be at hand to judge the marks. */
export const placesOf = (marks: readonly ServiceMark[]): ReadonlySet<number> =>
  new Set(marks.flatMap(({ mark }) => (mark === undefined || 'broken' in mark ? [] : [mark.end])));

const differs = (mark: ReadMark, tree: Tree, end: number): string | null => {
  if ('broken' in mark) return 'its mark cannot be read: what it knew is lost';
  if (mark.end > end) return `the ledger ends at ${end}, it knew ${mark.end} messages`;
  if (mark.leaf === null || tree.leafOf(mark.end) === mark.leaf) return null;
  return tree.leafOf(mark.end) === undefined
    ? `message ${mark.end} is missing`
    : `message ${mark.end} is not the one that it knew`;
};

/** Judges every mark that there is. */
export const judgeMarks = (marks: readonly ServiceMark[], tree: Tree, end: number): readonly MarkVerdict[] =>
  marks.map(({ service, mark }) => ({
    service,
    end: mark === undefined || 'broken' in mark ? null : mark.end,
    at: mark?.at ?? null,
    why: mark === undefined ? null : differs(mark, tree, end),
  }));
