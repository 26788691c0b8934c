// The codes that this package gives: all of them stand in the one table of @writ/contracts.
import type { Code } from '@writ/contracts';

/** A code of this package: the families FRM, KEY and CFG. */
export type CryptoCode = Extract<Code, `WRIT-${'FRM' | 'KEY' | 'CFG'}-${string}`>;
