// The sweep: every intent that GOV_INTENTS holds and nobody answered in time is recorded as denied. It answers nobody.
import {
  type AgentScope,
  type Code,
  type CommandId,
  DocumentLimits,
  type LedgerSeq,
  Streams,
} from '@writ/contracts';
import { readFrame, splitMessage } from '@writ/crypto';
import { createJetStreamLedger, type StoredMessage } from '@writ/ledger';
import { type Answer, type OpenedLive, openLive, type Plane } from '@writ/runtime';

export interface Sweeper {
  /** Judges what has come since the sweep before, once it is late. Never throws. */
  sweep(): Promise<void>;
}

/** An intent waits this long at least before the sweep looks at it again, ms: the longest that one may stay unanswered. */
const LATE_MS = 2 * 60_000;

/** A message that has expired since it was counted is waited for no longer than this, ms. */
const IDLE_MS = 2_000;
const INFO_MS = 2_000;

type Held = { readonly messages: number; readonly first_seq: LedgerSeq; readonly last_seq: LedgerSeq };

const NOTHING: Held = { messages: 0, first_seq: 1, last_seq: 0 };

/** What the stream holds; nothing when there is none, which is said in the log. */
const heldBy = async (plane: Plane): Promise<Held> => {
  const asked = await plane.bus.request(`$JS.API.STREAM.INFO.${Streams.intents}`, '', { timeout: INFO_MS });
  const { state } = asked.json<{ readonly state?: Held }>();
  if (state === undefined) plane.log.error({ event: 'intents.uncaptured' });
  return state ?? NOTHING;
};

/** The id that an intent claims, before anything is verified: enough to pass over one whose id was answered. */
const claimedId = (bytes: Uint8Array): CommandId => {
  const read = readFrame(splitMessage(bytes).frame, DocumentLimits.intent);
  if (!read.ok) return '';
  try {
    return String((JSON.parse(Buffer.from(read.frame.document).toString('utf8')) as { id?: unknown }).id);
  } catch {
    return '';
  }
};

/** A refusal after which the intent has still to be judged. One too large to be recorded at all never will be. */
const isUndone = (code: Code): boolean =>
  code === 'WRIT-DEC-009' || (code.startsWith('WRIT-LED-') && code !== 'WRIT-LED-012');

/**
 * Reads GOV_INTENTS, a memory stream of one hour: what the server lost with it was never acknowledged to anybody. It may begin
 * anywhere, be empty though it has a last sequence, be gone after a restart of the server, and begin anew at 1.
 */
export const createSweeper = (
  plane: Plane,
  judge: (message: OpenedLive<'intent'>) => Promise<Answer>,
  isAnswered: (agent: AgentScope, id: CommandId) => boolean,
): Sweeper => {
  const stream = createJetStreamLedger({ connection: plane.bus, stream: Streams.intents });
  let from: LedgerSeq = 1;
  void (async () => {
    for await (const { type } of plane.bus.status()) if (type === 'reconnect') from = 1;
  })().catch(() => undefined);

  /** Whether nothing more can come of this message: it need not be read again. */
  const settle = async (message: StoredMessage): Promise<boolean> => {
    const late = plane.clock.now() - Date.parse(message.time) > LATE_MS;
    const agent = message.subject.slice('gov.intent.'.length);
    if (isAnswered(agent, claimedId(message.bytes))) return late;
    const opened = await openLive(plane, 'intent', message.subject, message.bytes);
    if (opened.kind === 'refused' || opened.key.holder !== agent) return late;
    const answer = await judge(opened);
    return late && !(answer?.kind === 'refused' && isUndone(answer.code));
  };
  const pass = async (): Promise<void> => {
    const { messages, first_seq, last_seq } = await heldBy(plane);
    if (last_seq + 1 < from) from = 1;
    from = Math.max(from, first_seq);
    if (messages === 0 || last_seq < from) return;
    const abort = new AbortController();
    let idle = setTimeout(() => abort.abort(), IDLE_MS);
    let settled = true;
    for await (const message of stream.read(from, { signal: abort.signal })) {
      clearTimeout(idle);
      settled = (await settle(message)) && settled;
      if (settled) from = message.seq + 1;
      if (message.seq >= last_seq) break;
      idle = setTimeout(() => abort.abort(), IDLE_MS);
    }
    clearTimeout(idle);
    abort.abort();
  };
  return {
    sweep: () =>
      pass().catch((error: Error) => plane.log.error({ event: 'sweep.failed', error: error.name })),
  };
};
