// The one error of this package. It carries a code, a reason and the next step; never arguments, keys or an agent's free text.
import { type Code, nextStep, type Refused, refused } from '@writ/contracts';

/**
 * Thrown where a caller asked for a value and got a refusal (`requireAuthority`), and for broken IO and wrong input.
 * `code` stands in the code table of @writ/contracts, `next` says what to do.
 */
export class WritError extends Error {
  readonly code: Code;
  readonly reason: string;
  readonly next: string;

  constructor(code: Code, reason: string, options?: ErrorOptions) {
    super(`${code}: ${reason}`, options);
    this.name = 'WritError';
    this.code = code;
    this.reason = reason;
    this.next = nextStep(code);
  }
}

/** A refusal as the error that a wrapped function throws. */
export const asError = (refusal: Refused): WritError => new WritError(refusal.code, refusal.reason);

/** A thrown value as a refusal, where a refusal is what the caller was promised. */
export const asRefusal = (error: unknown): Refused => {
  if (error instanceof WritError) return refused(error.code, error.reason);
  throw error;
};
