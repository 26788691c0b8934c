// Keeps the recorded halts and releases of each environment as frames: what a client that missed a notice needs to catch up.
import type { EnvironmentScope, Scope } from '@writ/contracts';
import { type AuthorityState, haltsInForce } from '@writ/domain';
import type { LedgerEvent } from '@writ/ledger';

export interface HaltFacts {
  /** Takes one event of an authority subject; others than halts and releases change nothing. */
  take(event: LedgerEvent, state: AuthorityState): void;
  /**
   * The frames, in ledger order, of the releases and of the halts in force whose scope concerns the asker. A halt that is over
   * is not told again: whoever hears of it only now could not prove its release when the person who signed it has left.
   */
  of(
    environment: EnvironmentScope,
    inForce: ReadonlySet<string>,
    concerns: (fact: { readonly scope: Scope }) => boolean,
  ): readonly Uint8Array[];
}

type Fact = {
  readonly engaged: boolean;
  readonly scope: Scope;
  readonly halts: readonly string[];
  readonly bytes: Uint8Array;
};

/** How many facts about halts that are over are kept per environment. A halt in force is always kept. */
const KEEP = 48;

/** An empty store. */
export const keepHaltFacts = (): HaltFacts => {
  const facts = new Map<EnvironmentScope, Fact[]>();
  const trim = (all: readonly Fact[], state: AuthorityState): Fact[] => {
    const inForce = new Set(haltsInForce(state).map((halt) => halt.id));
    const recent = new Set(all.slice(-KEEP));
    return all.filter((fact) => recent.has(fact) || fact.halts.some((halt) => inForce.has(halt)));
  };
  return {
    take: ({ document, scope: environment, bytes }, state) => {
      const all = facts.get(environment) ?? [];
      if (document.type === 'writ.authority.halt-engaged.v1') {
        facts.set(
          environment,
          trim(
            [...all, { engaged: true, scope: document.data.scope, halts: [document.data.halt], bytes }],
            state,
          ),
        );
      } else if (document.type === 'writ.authority.halt-released.v1') {
        facts.set(
          environment,
          trim(
            [...all, { engaged: false, scope: document.data.scope, halts: document.data.halts, bytes }],
            state,
          ),
        );
      }
    },
    of: (environment, inForce, concerns) =>
      (facts.get(environment) ?? [])
        .filter((fact) => !fact.engaged || fact.halts.some((halt) => inForce.has(halt)))
        .filter(concerns)
        .map((fact) => fact.bytes),
  };
};
