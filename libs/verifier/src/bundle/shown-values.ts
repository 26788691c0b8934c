// The private values of a bundle: what is shown opens something, and what is not shown was erased or is not available.
import { type Commitments, type CommitmentsReport, createCommitments } from '../disclosed/commitments.js';
import type { ErasedList, Erasures } from '../disclosed/disclosed.js';
import type { Prepared } from '../frames/prepare.js';
import type { Judged } from '../message.js';
import type { Disclosures } from './disclosures.js';
import type { readErasedLists } from './erased-lists.js';

/** What was found about private values while the messages went by. */
export interface ShownValues {
  readonly count: number;
  take(prepared: Prepared, event: Judged | undefined): void;
  /** What is wrong with the files, once all messages were seen. */
  faults(): readonly string[];
  /** `null` when the bundle was made without private values: then nothing was asked for. */
  tell(erasures: Erasures): CommitmentsReport | null;
}

type Lists = Awaited<ReturnType<typeof readErasedLists>>;

const tellWith = (
  commitments: Commitments,
  { digests }: Disclosures,
  lists: readonly ErasedList[] | undefined,
  erasures: Erasures,
): CommitmentsReport => commitments.tell({ given: digests, erasures, lists });

/** Watches the messages of a bundle with these files, each where there is one. */
export const watchValues = (disclosures: Disclosures | undefined, lists: Lists | undefined): ShownValues => {
  const commitments = createCommitments();
  return {
    count: disclosures?.count ?? 0,
    take: ({ message }, event) => {
      disclosures?.take(message.seq, message.bytes);
      if (disclosures !== undefined && event !== undefined) commitments.take(event);
    },
    faults: () => [...(disclosures?.faults() ?? []), ...(lists?.faults ?? [])],
    tell: (erasures) =>
      disclosures === undefined ? null : tellWith(commitments, disclosures, lists?.lists, erasures),
  };
};
