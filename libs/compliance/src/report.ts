// A report: a framework, with what the ledger holds for each control in a period. Pure; it asks nobody and formats nothing.
import type { Framework, Relation } from './framework.js';

/** One event as evidence. Times RFC 3339 UTC; `intentId` leads to the receipt. */
export type Sample = {
  readonly seq: number;
  readonly time: string;
  readonly type: string;
  readonly id: string;
  readonly digest: string;
  readonly agent: string | null;
  readonly intentId: string | null;
};

/** What the ledger holds of one event type in the period: how many, and a few that are drawn by digest. */
export type Evidence = { readonly type: string; readonly count: number; readonly samples: readonly Sample[] };

/** `from` inclusive, `to` exclusive, RFC 3339 UTC; `head` is the last message of the ledger that was counted. */
export type Period = {
  readonly org: string;
  readonly from: string;
  readonly to: string;
  readonly head: { readonly seq: number; readonly digest: string };
};

/** A row of a control with its evidence; `types` are those of which there is some. */
export type ReportRow = {
  readonly relation: Relation;
  readonly how: string;
  readonly count: number;
  readonly types: readonly { readonly type: string; readonly count: number }[];
  readonly samples: readonly Sample[];
};

/** `standing`: the stronger of its rows, or not addressed. */
export type ReportControl = {
  readonly id: string;
  readonly title: string | null;
  readonly standing: Relation | 'not addressed';
  readonly count: number;
  readonly rows: readonly ReportRow[];
};

export type ComplianceReport = Period & {
  readonly framework: string;
  readonly title: string;
  readonly checkAgainstOriginal: boolean;
  readonly totals: { readonly [S in ReportControl['standing']]: number };
  readonly events: number;
  readonly controls: readonly ReportControl[];
};

const SAMPLES = 3;

const rowOf = (
  { relation, how, types }: Framework['controls'][number]['rows'][number],
  evidence: ReadonlyMap<string, Evidence>,
): ReportRow => {
  const found = types.flatMap((type) => evidence.get(type) ?? []).filter(({ count }) => count > 0);
  const drawn = found.flatMap(({ samples }) => samples).sort((a, b) => (a.digest < b.digest ? -1 : 1));
  return {
    relation,
    how,
    count: found.reduce((sum, { count }) => sum + count, 0),
    types: found.map(({ type, count }) => ({ type, count })),
    samples: drawn.slice(0, SAMPLES).sort((a, b) => a.seq - b.seq),
  };
};

const standingOf = (rows: readonly { readonly relation: Relation }[]): ReportControl['standing'] => {
  if (rows.length === 0) return 'not addressed';
  return rows.some(({ relation }) => relation === 'implements') ? 'implements' : 'provides evidence for';
};

/**
 * Lays the evidence of a period over a framework. Guarantees: every control of the framework is in the report, in its order, also
 * those not addressed; a count is a number of events in the period; the same evidence gives the same report.
 */
export const reportOn = (
  framework: Framework,
  found: readonly Evidence[],
  period: Period,
): ComplianceReport => {
  const evidence = new Map(found.map((item) => [item.type, item]));
  const controls = framework.controls.map(({ id, title, rows }): ReportControl => {
    const filled = rows.map((row) => rowOf(row, evidence));
    const types = new Map(
      filled.flatMap((row) => row.types.map(({ type, count }) => [type, count] as const)),
    );
    const count = [...types.values()].reduce((sum, n) => sum + n, 0);
    return { id, title, standing: standingOf(rows), count, rows: filled };
  });
  const standing = (wanted: ReportControl['standing']) =>
    controls.filter((control) => control.standing === wanted).length;
  return {
    framework: framework.id,
    title: framework.title,
    checkAgainstOriginal: framework.original,
    ...period,
    totals: {
      implements: standing('implements'),
      'provides evidence for': standing('provides evidence for'),
      'not addressed': standing('not addressed'),
    },
    events: found.reduce((sum, { count }) => sum + count, 0),
    controls,
  };
};
