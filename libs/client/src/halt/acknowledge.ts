// Acknowledges each recorded halt once its calls have ended, or cannot: a signed statement on gov.ack, sent until answered.
import { subjects } from '@writ/contracts';
import { splitFrames } from '@writ/crypto';
import { pause, timestamp } from '../clock.js';
import { messageOf, notSigned, signLive } from '../documents.js';
import { haltsOn } from '../gate/gate.halts.js';
import type { GateKeeper } from '../gate/keeper.js';
import type { Session } from '../session.js';
import type { Runs, RunTarget } from './runs.js';

const ATTEMPTS = 6;
const ATTEMPT_MS = 2000;

/** `until`: plane time at which the session key that signed it ends; after that it is signed anew. */
type Sent = { readonly message: Uint8Array; readonly until?: number | undefined; sending: boolean };

/** Starts acknowledging; `deadlineMs` is how long aborted calls may take to end before they are reported as running on. */
export const acknowledgeHalts = (
  session: Session,
  keeper: GateKeeper,
  runs: Runs,
  deadlineMs: number,
): void => {
  const sent = new Map<string, Sent | 'waiting'>();
  keeper.onEngaged((halt, told) => {
    const earlier = sent.get(halt);
    const over = typeof earlier === 'object' && (earlier.until ?? Infinity) <= keeper.planeTime();
    const before = over ? undefined : earlier;
    if (before === 'waiting' || (before !== undefined && (told === 'state' || before.sending))) return;
    if (before !== undefined) {
      void send(session, halt, before);
      return;
    }
    sent.set(halt, 'waiting');
    const heardAt = keeper.planeTime();
    const covered = coveredBy(keeper, halt);
    const acknowledged = settle(runs, covered, deadlineMs).then(async () => {
      const first = await statement(session, keeper, halt, heardAt, runs, covered);
      sent.set(halt, first.sent);
      await send(session, halt, first.sent);
      if (first.state !== 'cannot-abort') return;
      await Promise.all(runs.aborted(covered).map((run) => run.done));
      const last = await statement(session, keeper, halt, heardAt, runs, covered);
      sent.set(halt, last.sent);
      await send(session, halt, last.sent);
    });
    // What could not be signed is told again with the next engagement that is heard.
    acknowledged.catch((error: unknown) => {
      sent.delete(halt);
      session.log({ event: 'halt-not-acknowledged', halt, code: notSigned(error).code });
    });
  });
};

/** Whether an action is one that this halt covers; read while the halt is known, so that it holds after its release. */
const coveredBy = (keeper: GateKeeper, halt: string) => {
  const state = keeper.state();
  const recorded = state.halts.get(halt);
  const only = { ...state, heard: [], halts: new Map(recorded === undefined ? [] : [[halt, recorded]]) };
  return (target: RunTarget): boolean => haltsOn(only, target).length > 0;
};

const settle = async (
  runs: Runs,
  covered: (target: RunTarget) => boolean,
  deadlineMs: number,
): Promise<void> => {
  const open = runs.aborted(covered).filter((run) => !run.ended);
  if (open.length === 0) return;
  const enough = new AbortController();
  await Promise.race([Promise.all(open.map((run) => run.done)), pause(deadlineMs, enough.signal)]);
  enough.abort();
};

const statement = async (
  session: Session,
  keeper: GateKeeper,
  halt: string,
  heardAt: number,
  runs: Runs,
  covered: (target: RunTarget) => boolean,
) => {
  const { scope: agent } = session.credentials;
  const stopped = runs.aborted(covered);
  const running = stopped.filter((run) => !run.ended).length;
  const state =
    running > 0 ? ('cannot-abort' as const) : stopped.length > 0 ? ('aborted' as const) : ('idle' as const);
  const data = {
    agent,
    halts: [halt],
    state,
    aborted: stopped.length - running,
    heardAt: timestamp(heardAt),
  };
  const ack = await signLive('ack', session.signing, subjects.ack(agent), keeper.planeTime(), data);
  return { state, sent: { message: messageOf(ack), until: ack.until, sending: false } };
};

const send = async (session: Session, halt: string, sent: Sent): Promise<void> => {
  sent.sending = true;
  for (let n = 0; n < ATTEMPTS && !session.closed.aborted; n++) {
    const reply = await session.bus.request(
      subjects.ack(session.credentials.scope),
      sent.message,
      ATTEMPT_MS,
    );
    await session.followUp.turn();
    if (reply !== undefined && !mustRepeat(session, reply)) {
      session.log({ event: 'halt-acknowledged', halt });
      break;
    }
    await pause(100 * 2 ** n, session.closed);
  }
  sent.sending = false;
};

/** A signed refusal that says `retry` is no answer yet; anything else is. What does not even call itself one is not verified. */
const mustRepeat = (session: Session, reply: Uint8Array): boolean => {
  const [frame] = splitFrames(reply);
  if (frame === undefined) return true;
  if (!Buffer.from(frame).includes('writ.refusal.v1')) return false;
  const from = { roles: ['kill-switch'] as const, subjects: [subjects.ack(session.credentials.scope)] };
  const refusal = session.trust.live('refusal', frame, from);
  return refusal.ok && refusal.document.data.retry;
};
