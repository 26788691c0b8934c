// Which recorded denials demand a halt: those by a rule that says so. Derived from the ledger, so that a crash loses none.
import { boundaryByDigest } from '@writ/domain';
import type { LedgerEvent } from '@writ/ledger';
import { type HaltDemands, keepHaltDemands, type Plane } from '@writ/runtime';

/** Follows the denials; before `plane.start` only. */
export const keepViolations = (plane: Plane): HaltDemands =>
  keepHaltDemands(plane, {
    person: 'svc-decision',
    reason: 'boundary violation',
    demandOf: ({ document }: LedgerEvent) => {
      if (document.type !== 'writ.decision.denied.v1' || !document.data.codes.includes('rule-deny'))
        return undefined;
      const { agent, boundary, rule } = document.data;
      const published = boundary === null ? undefined : boundaryByDigest(plane.registry(), boundary.digest);
      const decisive = published?.boundary.spec.rules.find(({ id }) => id === rule);
      return decisive?.onViolation === 'halt' ? { agent, wanted: true } : undefined;
    },
  });
