// The one way in which the detector records conduct: through the writer of the environment, within its time. It decides nothing.
import type { ConductState, Decision } from '@writ/domain';
import type { SubmitDone, WriteRefusal } from '@writ/ledger';
import type { WriterPool } from '@writ/runtime';

/** Records what `decide` answers, for the last state of the environment. */
export type Submit = <R>(
  environment: string,
  id: string,
  decide: (state: ConductState) => Decision<R>,
) => Promise<SubmitDone<R> | WriteRefusal>;

const RECORD_MS = 2_000;

/** Submits to the writers of the conduct family. */
export const createSubmit =
  (conduct: WriterPool<ConductState>): Submit =>
  (environment, id, decide) =>
    conduct.of(environment).submit({
      id,
      deadline: performance.now() + RECORD_MS,
      decide: ({ state }) => decide(state),
    });
