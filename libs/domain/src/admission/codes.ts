// Why a ledger message is junk or void. The codes stand in the one table of @writ/contracts.
import type { Code } from '@writ/contracts';

/** A code of admission: its own family, or one of the frame family. */
export type AdmissionCode = Extract<Code, `WRIT-${'ADM' | 'FRM'}-${string}`>;
