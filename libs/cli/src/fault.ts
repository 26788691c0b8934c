// Owns the error that carries a refusal out of a command. Its text is code, what happened and what to do next; never a secret.
import { type Code, Codes, type Refused, refused } from '@writ/contracts';

/** A command cannot go on: a refusal of the one table of codes. `runAction` prints it and chooses the exit status. */
export class CliFault extends Error {
  readonly refusal: Refused;

  constructor(refusal: Refused, options?: ErrorOptions) {
    super(`${refusal.code} ${Codes[refusal.code].title}: ${refusal.reason}`, options);
    this.name = 'CliFault';
    this.refusal = refusal;
  }
}

/** Ends the command with a code of the table and a reason. */
export function fault(code: Code, reason: string): never {
  throw new CliFault(refused(code, reason));
}

/** Passes everything on but a refusal, which ends the command. */
export function orFault<T extends { readonly kind: string }>(answer: T): Exclude<T, Refused> {
  if (answer.kind === 'refused') throw new CliFault(answer as unknown as Refused);
  return answer as Exclude<T, Refused>;
}

const UNREACHABLE: readonly string[] = ['WRIT-CLI-005', 'WRIT-NATS-005'];

/** Whether an error says that the plane, or the part that was asked, is not there. */
export function isUnreachable(error: unknown): boolean {
  const code =
    error instanceof CliFault ? error.refusal.code : (error as { readonly code?: unknown } | null)?.code;
  return UNREACHABLE.includes(code as string);
}
