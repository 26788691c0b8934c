// Why a bundle or receipt cannot be made. Never contains what a message says.

/** The ledger does not give what was asked for. */
export class BundleError extends Error {
  override readonly name = 'BundleError';
  readonly code = 'WRIT-VER-003';
  constructor(readonly reason: string) {
    super(reason);
  }
}
