// Hears halts twice: from GOV_HALTS in order, so that none is missed, and live, so that a halt is recorded although nothing captured it.
import { isInboxOf, parseSubject, Streams } from '@writ/contracts';
import { joinFrames } from '@writ/crypto';
import { createJetStreamLedger } from '@writ/ledger';
import { type Msg, uuidv7 } from '@writ/runtime';
import { type HaltDeps, type HeardHalt, heardFrom, recordHalt } from './halts.js';

/** A live halt that GOV_HALTS does not show within this time is recorded under an id of its own, ms. */
const CAPTURE_MS = 1_000;

export interface Hearing {
  /** Resolves when every halt that GOV_HALTS held as of the call is recorded. */
  caughtUp(): Promise<void>;
  stop(): Promise<void>;
}

type Waiting = { readonly reply: string | undefined; readonly timer: NodeJS.Timeout; readonly message: Msg };

/** Starts hearing. A halt sent as a request is answered, with its frames, after it is recorded. */
export const hear = async (deps: HaltDeps): Promise<Hearing> => {
  const { plane } = deps;
  const abort = new AbortController();
  const stream = createJetStreamLedger({ connection: plane.bus, stream: Streams.halts });
  const waiting = new Map<string, Waiting[]>();
  const working = new Set<Promise<void>>();
  let done = 0;
  const key = (subject: string, body: string) => `${subject}\n${body}`;

  const answer = (reply: string | undefined, subject: string, frames: readonly Uint8Array[]): void => {
    const person = parseSubject(subject);
    if (person?.kind === 'halt' && isInboxOf(person.person, reply) && frames.length > 0)
      plane.bus.publish(reply, joinFrames(frames));
  };
  const record = async (halt: HeardHalt, reply: string | undefined): Promise<void> => {
    answer(reply, halt.subject, await recordHalt(deps, halt));
  };
  const track = (work: Promise<void>): Promise<void> => {
    const safe = work
      .catch((error: Error) => plane.log.error({ event: 'halt.failed', error: error.name }))
      .finally(() => working.delete(safe));
    working.add(safe);
    return safe;
  };

  const live = (message: Msg): void => {
    const name = key(message.subject, message.string());
    const timer = setTimeout(() => {
      const left = (waiting.get(name) ?? []).filter((entry) => entry.timer !== timer);
      if (left.length === 0) waiting.delete(name);
      else waiting.set(name, left);
      const halt = {
        id: `halt-own-${uuidv7()}`,
        subject: message.subject,
        body: message.string(),
        heardAt: plane.timestamp(),
      };
      void track(record(halt, message.reply));
    }, CAPTURE_MS);
    waiting.set(name, [...(waiting.get(name) ?? []), { reply: message.reply, timer, message }]);
  };
  const captured = (halt: HeardHalt): Promise<void> => {
    const name = key(halt.subject, halt.body);
    const [first, ...rest] = waiting.get(name) ?? [];
    if (first !== undefined) clearTimeout(first.timer);
    if (rest.length === 0) waiting.delete(name);
    else waiting.set(name, rest);
    return track(record(halt, first?.reply));
  };

  const subscriptions = [`gov.halt.*.${plane.org}`, `gov.halt.*.${plane.org}.>`].map((subject) =>
    plane.bus.subscribe(subject, {
      callback: (error, message) => {
        if (error === null) live(message);
      },
    }),
  );
  const end = await stream.end();
  const reading = (async () => {
    for await (const message of stream.read(1, { signal: abort.signal })) {
      await captured(heardFrom(message));
      done = message.seq;
    }
  })().catch((error: Error) => {
    if (!abort.signal.aborted) plane.log.fatal({ event: 'halts.unreadable', error: error.name });
  });
  return {
    caughtUp: async () => {
      while (done < end && !abort.signal.aborted) await new Promise((resolve) => setTimeout(resolve, 5));
      await Promise.all(working);
    },
    stop: async () => {
      for (const subscription of subscriptions) subscription.unsubscribe();
      for (const entries of waiting.values()) for (const { timer } of entries) clearTimeout(timer);
      abort.abort();
      await reading;
      await stream.close();
    },
  };
};
