// Owns what is known of one call after it went through the plane. Shapes only.

/** The decision on a call. */
export type PlayedVerdict = 'permitted' | 'denied' | 'escalated';

/** One call, replayed. Times in milliseconds; those of receipt and outcome only where they were taken. */
export type PlayedCall = {
  readonly run: number;
  readonly taskId: string | number;
  readonly trial: number;
  readonly step: number;
  readonly tool: string;
  readonly verdict: PlayedVerdict;
  readonly rule: string | null;
  readonly codes: readonly string[];
  /** What the transcript says came of it. */
  readonly recorded: 'succeeded' | 'failed' | 'none';
  readonly consequential: boolean;
  /** Whether the run's ground truth has this very call; null for harmless calls and where the run has no ground truth. */
  readonly correct: boolean | null;
  readonly decisionMs: number;
  readonly receiptMs?: number;
  readonly outcomeMs?: number;
  /** Code of a receipt that was not given although the call was permitted. */
  readonly withheld?: string;
};
