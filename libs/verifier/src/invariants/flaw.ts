// What an invariant answers: the flaws of one event, none when it holds. Shapes and their shortest spellings only.
import type { VerifierCode } from '../codes.js';

/** `undetermined`: the ledger alone does not tell whether it is one. */
export type Flaw = {
  readonly code: VerifierCode;
  readonly reason: string;
  readonly undetermined?: true;
};

/** One flaw when the condition holds, else none. */
export const flawIf = (condition: boolean, code: VerifierCode, reason: string): readonly Flaw[] =>
  condition ? [{ code, reason }] : [];

/** Something that cannot be told from the ledger alone. */
export const unsure = (code: VerifierCode, reason: string): readonly Flaw[] => [
  { code, reason, undetermined: true },
];
