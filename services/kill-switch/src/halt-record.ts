// What the ledger has said about halts so far: which exist in each environment, and where each was first recorded.
import type { EnvironmentScope } from '@writ/contracts';
import type { LedgerEvent } from '@writ/ledger';

export interface HaltRecord {
  take(event: LedgerEvent): void;
  /** Every halt ever recorded in an environment, in force or released. */
  known(environment: EnvironmentScope): ReadonlySet<string>;
  /** Where in the ledger each halt was first recorded. */
  readonly recordedAt: ReadonlyMap<string, number>;
}

const NONE: ReadonlySet<string> = new Set();

/** An empty record; give it every authority event. */
export const keepHaltRecord = (): HaltRecord => {
  const halts = new Map<EnvironmentScope, Set<string>>();
  const recordedAt = new Map<string, number>();
  return {
    recordedAt,
    known: (environment) => halts.get(environment) ?? NONE,
    take: ({ document, scope, seq }) => {
      if (document.type !== 'writ.authority.halt-engaged.v1') return;
      const { halt } = document.data;
      halts.set(scope, (halts.get(scope) ?? new Set<string>()).add(halt));
      if (!recordedAt.has(halt)) recordedAt.set(halt, seq);
    },
  };
};
