// What the ledger has said about halts so far: which exist in each environment, how each was first recorded, which are over.
import type { EnvironmentScope, HaltId, LedgerDocumentOf } from '@writ/contracts';
import type { LedgerEvent } from '@writ/ledger';

/** A halt as it was first recorded, in whichever environment, and where in the ledger. */
export type FirstRecord = LedgerDocumentOf<'writ.authority.halt-engaged.v1'>['data'] & {
  readonly seq: number;
};

export interface HaltRecord {
  take(event: LedgerEvent): void;
  /** Every halt ever recorded in an environment, in force or released. */
  known(environment: EnvironmentScope): ReadonlySet<string>;
  /** How a halt was first recorded; undefined for one that the ledger does not have. */
  first(halt: HaltId): FirstRecord | undefined;
  /** Whether a release somewhere has named it. */
  isOver(halt: HaltId): boolean;
  /**
   * The id of the message at `seq` of GOV_HALTS: `halt-<seq>`. Sequences begin again when the stream is made anew: when another
   * halt has that name already, its own time is added. The same message gets the same name after every restart.
   */
  nameOf(seq: number, heardAt: string): HaltId;
}

const NONE: ReadonlySet<string> = new Set();

/** An empty record; give it every authority event that is not void. */
export const keepHaltRecord = (): HaltRecord => {
  const halts = new Map<EnvironmentScope, Set<string>>();
  const firsts = new Map<string, FirstRecord>();
  const over = new Set<string>();
  const given = new Map<string, string>();
  return {
    known: (environment) => halts.get(environment) ?? NONE,
    first: (halt) => firsts.get(halt),
    isOver: (halt) => over.has(halt),
    take: ({ document, scope, seq }) => {
      if (document.type === 'writ.authority.halt-released.v1')
        for (const halt of document.data.halts) over.add(halt);
      if (document.type !== 'writ.authority.halt-engaged.v1') return;
      const { halt } = document.data;
      halts.set(scope, (halts.get(scope) ?? new Set<string>()).add(halt));
      if (!firsts.has(halt)) firsts.set(halt, { ...document.data, seq });
    },
    nameOf: (seq, heardAt) => {
      const plain = `halt-${seq}`;
      const dated = `${plain}-${Date.parse(heardAt).toString(36)}`;
      const taken = firsts.get(plain)?.heardAt ?? given.get(plain) ?? heardAt;
      if (firsts.has(dated) || taken !== heardAt) return dated;
      given.set(plain, heardAt);
      return plain;
    },
  };
};
