// Hears halts twice: from GOV_HALTS in order, so that none is missed, and live, so that a halt is recorded although nothing captured it.
import { isInboxOf, parseHaltBody, parseSubject, Streams } from '@writ/contracts';
import { joinFrames } from '@writ/crypto';
import { createJetStreamLedger } from '@writ/ledger';
import { type Msg, uuidv7 } from '@writ/runtime';
import { type HaltDeps, type HeardHalt, heardFrom, recordHalt } from './halts.js';

/** A live halt that GOV_HALTS does not show within this time is recorded under an id of its own, ms. */
const CAPTURE_MS = 1_000;

export interface Hearing {
  /** Resolves when every halt that GOV_HALTS held as of the call is recorded. */
  caughtUp(): Promise<void>;
  /** Records, in environments that came later, the halts that touched none when they were heard. */
  place(): Promise<void>;
  stop(): Promise<void>;
}

/** How often that time is granted again while GOV_HALTS holds what has not been read yet. */
const CAPTURE_TRIES = 10;

type Waiting = {
  readonly reply: string | undefined;
  timer: NodeJS.Timeout | undefined;
  readonly message: Msg;
};

/** Halts of one place and width stop the same: one of them is enough to be kept for an environment that comes later. */
const placeOf = ({ subject, body }: HeardHalt): string =>
  `${subject} ${JSON.stringify(parseHaltBody(body).tool ?? null)}`;

/** Starts hearing. A halt sent as a request is answered, with its frames, after it is recorded. */
export const hear = async (deps: HaltDeps): Promise<Hearing> => {
  const { plane } = deps;
  const abort = new AbortController();
  const stream = createJetStreamLedger({ connection: plane.bus, stream: Streams.halts });
  const waiting = new Map<string, Waiting[]>();
  const working = new Set<Promise<void>>();
  const unplaced = new Map<string, HeardHalt>();
  let done = 0;
  const key = (subject: string, body: string) => `${subject}\n${body}`;

  const answer = (reply: string | undefined, subject: string, frames: readonly Uint8Array[]): void => {
    const person = parseSubject(subject);
    if (person?.kind === 'halt' && isInboxOf(person.person, reply) && frames.length > 0)
      plane.bus.publish(reply, joinFrames(frames));
  };
  const record = async (halt: HeardHalt, reply: string | undefined): Promise<void> => {
    const frames = await recordHalt(deps, halt);
    if (frames.length > 0) unplaced.delete(placeOf(halt));
    else if (!deps.recordedAt.has(halt.id)) unplaced.set(placeOf(halt), halt);
    answer(reply, halt.subject, frames);
  };
  const track = (work: Promise<void>): Promise<void> => {
    const safe = work
      .catch((error: Error) => plane.log.error({ event: 'halt.failed', error: error.name }))
      .finally(() => working.delete(safe));
    working.add(safe);
    return safe;
  };

  /** Whether GOV_HALTS holds more than has been read: then what was heard live may still come from there. */
  const behind = (): Promise<boolean> =>
    stream.end().then(
      (last) => done < last,
      () => false,
    );
  const recordOwn = async (name: string, entry: Waiting, tries: number): Promise<void> => {
    if (tries > 0 && (await behind())) return arm(name, entry, tries - 1);
    if (!(waiting.get(name) ?? []).includes(entry)) return;
    forget(name, entry);
    const { subject, reply } = entry.message;
    const halt = {
      id: `halt-own-${uuidv7()}`,
      subject,
      body: entry.message.string(),
      heardAt: plane.timestamp(),
    };
    await record(halt, reply);
  };
  const forget = (name: string, gone: Waiting): void => {
    const left = (waiting.get(name) ?? []).filter((entry) => entry !== gone);
    if (left.length === 0) waiting.delete(name);
    else waiting.set(name, left);
  };
  const arm = (name: string, entry: Waiting, tries: number): void => {
    entry.timer = setTimeout(() => void track(recordOwn(name, entry, tries)), CAPTURE_MS);
  };
  const live = (message: Msg): void => {
    const name = key(message.subject, message.string());
    const entry: Waiting = { reply: message.reply, timer: undefined, message };
    waiting.set(name, [...(waiting.get(name) ?? []), entry]);
    arm(name, entry, CAPTURE_TRIES);
  };
  const captured = (halt: HeardHalt): Promise<void> => {
    const name = key(halt.subject, halt.body);
    const [first] = waiting.get(name) ?? [];
    if (first !== undefined) {
      clearTimeout(first.timer);
      forget(name, first);
    }
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
    place: async () => {
      for (const halt of [...unplaced.values()]) await track(record(halt, undefined));
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
