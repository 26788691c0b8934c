// The sweep: every intent that GOV_INTENTS holds and nobody answered in time is recorded as denied. It answers nobody.
import { type LedgerSeq, Streams } from '@writ/contracts';
import { createJetStreamLedger } from '@writ/ledger';
import { type Answer, type OpenedLive, openLive, type Plane } from '@writ/runtime';

export interface Sweeper {
  /** Judges what has come since the sweep before, once it is late. Never throws. */
  sweep(): Promise<void>;
}

/** An intent waits this long at least before the sweep looks at it again, ms: the longest that one may stay unanswered. */
const LATE_MS = 2 * 60_000;

/** Reads GOV_INTENTS, a memory stream of one hour: what the server lost with it was never acknowledged to anybody. */
export const createSweeper = (
  plane: Plane,
  judge: (message: OpenedLive<'intent'>) => Promise<Answer>,
): Sweeper => {
  const stream = createJetStreamLedger({ connection: plane.bus, stream: Streams.intents });
  let from: LedgerSeq = 1;
  const pass = async (): Promise<void> => {
    const end = await stream.end();
    if (end < from) return;
    const abort = new AbortController();
    let settled = true;
    for await (const message of stream.read(from, { signal: abort.signal })) {
      const opened = await openLive(plane, 'intent', message.subject, message.bytes);
      if (opened.kind === 'opened' && opened.key.holder === message.subject.slice('gov.intent.'.length))
        await judge(opened);
      settled &&= plane.clock.now() - Date.parse(message.time) > LATE_MS;
      if (settled) from = message.seq + 1;
      if (message.seq >= end) break;
    }
    abort.abort();
  };
  return {
    sweep: () =>
      pass().catch((error: Error) => plane.log.error({ event: 'sweep.failed', error: error.name })),
  };
};
