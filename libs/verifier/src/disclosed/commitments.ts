// Counts what became of the values that effective events commit to: shown, erased by a recorded order, or not available.
import type { Digest, EventId, LedgerSeq } from '@writ/contracts';
import { disclosureDigest } from '@writ/crypto';
import type { MissingDisclosure } from '@writ/domain';
import type { Judged } from '../message.js';
import { committedBy } from './committed.js';
import { type DisclosureStatus, type Evidence, tellDisclosures } from './disclosed.js';

/** An erasure with the number of values here that it explains: the order, the event that records it and its ledger position. */
export type ErasureCount = {
  readonly order: EventId;
  readonly event: EventId;
  readonly seq: LedgerSeq;
  readonly count: number;
};

/** The private values of a ledger or a part of it, each digest counted once. `shown`: here, or in clear in the ledger itself. */
export type CommitmentsReport = {
  readonly shown: number;
  readonly erased: number;
  readonly notAvailable: number;
  readonly erasures: readonly ErasureCount[];
};

/** Takes effective events in ledger order, then tells. Memory grows with the commitments. */
export interface Commitments {
  take(event: Judged): void;
  tell(evidence: Evidence): CommitmentsReport;
}

/** What a decision discloses stands in it. */
const disclosedIn = ({ document: { data } }: Judged): readonly Digest[] =>
  'disclosed' in data ? data.disclosed.map(disclosureDigest) : [];

const countErasures = (statuses: readonly DisclosureStatus[]): readonly ErasureCount[] => {
  const counts = new Map<EventId, ErasureCount>();
  for (const status of statuses) {
    if (status.kind !== 'erased') continue;
    const { order, event, seq } = status;
    counts.set(event, { order, event, seq, count: (counts.get(event)?.count ?? 0) + 1 });
  }
  return [...counts.values()].sort((a, b) => a.seq - b.seq);
};

/** Begins counting. */
export const createCommitments = (): Commitments => {
  const committed = new Map<Digest, MissingDisclosure>();
  const inClear = new Set<Digest>();
  return {
    take: (event) => {
      for (const { digest, about } of committedBy(event))
        if (!committed.has(digest)) committed.set(digest, about);
      for (const digest of disclosedIn(event)) inClear.add(digest);
    },
    tell: (evidence) => {
      const tell = tellDisclosures({ ...evidence, given: new Set([...evidence.given, ...inClear]) });
      const statuses = [...committed].flatMap(([digest, about]) => tell([digest], about));
      const count = (kind: DisclosureStatus['kind']): number =>
        statuses.filter((status) => status.kind === kind).length;
      return {
        shown: count('disclosed'),
        erased: count('erased'),
        notAvailable: count('not-available'),
        erasures: countErasures(statuses),
      };
    },
  };
};
