// Owns the error of a process that cannot start or go on. It never carries a secret or a value read from outside.
import { type Code, Codes } from '@writ/contracts';

/** The codes of start-up faults are those of the one table in @writ/contracts. */
export type RuntimeCode = Code;

/** A process cannot start or go on: a code of the one table, a reason, and what to do next. Never a secret in it. */
export class RuntimeFault extends Error {
  readonly code: RuntimeCode;
  readonly reason: string;
  readonly next: string;

  constructor(code: RuntimeCode, reason: string, options?: ErrorOptions) {
    super(`${code} ${Codes[code].title}: ${reason}. ${Codes[code].next}`, options);
    this.name = 'RuntimeFault';
    this.code = code;
    this.reason = reason;
    this.next = Codes[code].next;
  }
}
