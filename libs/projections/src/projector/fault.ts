// Why a projection stands still. What passes by itself (a lost connection) is not a fault.
import { VerifyThreadError } from '@writ/crypto';

/** WRIT-PRJ-001: a handler failed; -002: the ledger is not the one that was projected; -004: a verifying thread died. */
export type FaultCode = 'WRIT-PRJ-001' | 'WRIT-PRJ-002' | 'WRIT-PRJ-004';

/** Ends a projection until a person has looked. `reason` names sequences and types, never content. */
export class ProjectionFault extends Error {
  override readonly name = 'ProjectionFault';
  constructor(
    readonly code: FaultCode,
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(`${code}: ${reason}`, options);
  }
}

/** Another projector moved the checkpoint first; what this one had prepared is discarded. */
export class CheckpointMoved extends Error {
  override readonly name = 'CheckpointMoved';
}

// SQLSTATE classes that the same rows would meet again: data, integrity, privileges and names, program limits.
const LASTING = /^(22|23|42|54)/;

const codeOf = (error: unknown): string | undefined => {
  const code = (error as { readonly code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
};

/** The fault that an error means; undefined for what may be tried again. */
export const faultOf = (error: unknown): ProjectionFault | undefined => {
  if (error instanceof ProjectionFault) return error;
  if (error instanceof VerifyThreadError) {
    return new ProjectionFault('WRIT-PRJ-004', error.message, { cause: error });
  }
  const code = codeOf(error);
  if (code === 'WRIT-LED-006') {
    return new ProjectionFault('WRIT-PRJ-002', 'the ledger lost messages', { cause: error });
  }
  if (code !== undefined && LASTING.test(code)) {
    return new ProjectionFault('WRIT-PRJ-001', `Postgres refused the rows (${code})`, { cause: error });
  }
  return undefined;
};
