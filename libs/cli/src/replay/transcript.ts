// Owns what a recorded run is once it is read, whatever form it came in. No reading, no plane.
import type { Digest, JsonObject } from '@writ/contracts';

/** One recorded tool call. `step`: 0-based ordinal within its run. */
export type RecordedCall = {
  readonly step: number;
  readonly tool: string;
  /** The arguments as they will be signed: see `committable`; `<list>_count` beside every list. */
  readonly args: JsonObject;
  /** Name and recorded arguments in comparable form, for the ground truth. */
  readonly identity: string;
  /** What the transcript says came of it; `none` where it does not say. */
  readonly outcome: 'succeeded' | 'failed' | 'none';
  /** Running digest over the messages before the call. */
  readonly context: Digest;
};

/** One recorded run: calls in recorded order. `truth`: identities of the calls that were right, where the run says so. */
export type RecordedRun = {
  readonly index: number;
  readonly taskId: string | number;
  readonly trial: number;
  readonly truth: ReadonlySet<string> | undefined;
  readonly calls: readonly RecordedCall[];
};

/** Why a file is refused: the run (0-based; undefined for the file as a whole), where in it, what is wrong. */
export type Malformed = {
  readonly kind: 'malformed';
  readonly run?: number | undefined;
  readonly at?: string | undefined;
  readonly reason: string;
};

/** The runs of a file, in its order. */
export type Transcripts = { readonly kind: 'transcripts'; readonly runs: readonly RecordedRun[] };

/** `runs.json: run 3, messages[5].tool_calls[0]: not JSON`. */
export function malformedText(file: string, { run, at, reason }: Malformed): string {
  const place = [run === undefined ? '' : `run ${run}`, at ?? ''].filter((part) => part !== '').join(', ');
  return place === '' ? `${file}: ${reason}` : `${file}: ${place}: ${reason}`;
}
