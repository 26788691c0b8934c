// The codes that this package gives: all of them stand in the one table of @writ/contracts.
import type { Code } from '@writ/contracts';

/** A code of this package. */
export type LedgerCode = Code;
