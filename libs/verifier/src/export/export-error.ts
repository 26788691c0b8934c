// What is wrong with an export file, and in which line. Never contains the line.

/** A file that is not a ledger export, or a damaged one. `line` counts from 1. */
export class ExportError extends Error {
  override readonly name = 'ExportError';
  readonly code = 'WRIT-VER-001';
  constructor(
    readonly line: number,
    readonly reason: string,
  ) {
    super(`line ${line}: ${reason}`);
  }
}
