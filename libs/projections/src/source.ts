// The port through which the read side sees the ledger. It reads and never writes.
import type { LedgerSeq } from '@writ/contracts';

/** One stored message. `time` is the server's, RFC 3339 UTC; `bytes` are exactly what was stored. */
export type SourceMessage = {
  readonly seq: LedgerSeq;
  readonly subject: string;
  readonly time: string;
  readonly bytes: Uint8Array;
};

/**
 * The ledger as a projection reads it; `Ledger` of @writ/ledger fits. `read` gives the messages from sequence `from` on
 * (inclusive), in order and without a gap, then follows live until the signal aborts. `end` is the last stored sequence, 0
 * when there is none.
 */
export interface LedgerSource {
  read(from: LedgerSeq, options: { readonly signal: AbortSignal }): AsyncIterable<SourceMessage>;
  end(): Promise<LedgerSeq>;
}
