// Hears halts twice: from GOV_HALTS in order, so that none is missed, and live, so that a halt is recorded although nothing captured it.
import {
  covers,
  type EnvironmentScope,
  isInboxOf,
  parseHaltBody,
  parseSubject,
  Streams,
} from '@writ/contracts';
import { joinFrames } from '@writ/crypto';
import { createJetStreamLedger, type Ledger } from '@writ/ledger';
import { FRESH_MS, type Msg, uuidv7 } from '@writ/runtime';
import { readCaptured } from './captured.js';
import { type HaltDeps, type HeardHalt, heardFrom, missedIn, recordHalt, recordMissed } from './halts.js';

/** A live halt that GOV_HALTS does not show within this time is recorded under an id of its own, ms. */
const CAPTURE_MS = 1_000;
/** How long until a halt that could not be recorded is tried again, ms. */
const AGAIN_MS = 200;

export interface Hearing {
  /** Resolves when every halt that GOV_HALTS held as of the start is recorded. */
  caughtUp(): Promise<void>;
  /** Whether all that GOV_HALTS held a moment ago is recorded: without that nobody is told that there is no halt. */
  current(): boolean;
  /** Whether no halt that is known covers the environment without being recorded there. */
  settled(environment: EnvironmentScope): boolean;
  /** Records, in environments that came later, the halts that touched none when they were heard or that they began without. */
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

const touches = ({ subject }: HeardHalt, environment: EnvironmentScope): boolean => {
  const parsed = parseSubject(subject);
  return parsed?.kind === 'halt' && (covers(parsed.scope, environment) || covers(environment, parsed.scope));
};

type Recorder = {
  /** Records a halt and answers whoever asked; tries again until it is recorded or this service stops. Never rejects. */
  readonly record: (halt: HeardHalt, reply?: string) => Promise<void>;
  /** The halts that touched no environment yet. */
  readonly unplaced: ReadonlyMap<string, HeardHalt>;
};

const createRecorder = (deps: HaltDeps, stopped: AbortSignal): Recorder => {
  const { plane } = deps;
  const unplaced = new Map<string, HeardHalt>();
  const answer = (reply: string | undefined, subject: string, frames: readonly Uint8Array[]): void => {
    const person = parseSubject(subject);
    if (person?.kind === 'halt' && isInboxOf(person.person, reply) && frames.length > 0)
      plane.bus.publish(reply, joinFrames(frames));
  };
  const once = async (halt: HeardHalt): Promise<readonly Uint8Array[]> => {
    const frames = await recordHalt(deps, halt);
    if (frames.length > 0) unplaced.delete(placeOf(halt));
    else if (deps.record.first(halt.id) === undefined) unplaced.set(placeOf(halt), halt);
    return frames;
  };
  const untilRecorded = async (halt: HeardHalt): Promise<readonly Uint8Array[]> => {
    while (!stopped.aborted) {
      try {
        return await once(halt);
      } catch (error) {
        plane.log.error({ event: 'halt.failed', halt: halt.id, error: (error as Error).name });
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      }
    }
    return [];
  };
  return {
    unplaced,
    record: async (halt, reply) => {
      const frames = await untilRecorded(halt);
      try {
        answer(reply, halt.subject, frames);
      } catch (error) {
        plane.log.error({ event: 'halt.unanswered', halt: halt.id, error: (error as Error).name });
      }
    },
  };
};

type LiveHearing = {
  /** Records a message that GOV_HALTS showed, and takes it off the list of those that it may still show. */
  readonly captured: (halt: HeardHalt) => Promise<void>;
  readonly stop: () => void;
};

/** Hears halts live and records under an id of its own each that GOV_HALTS does not show in time. */
const hearLive = (deps: HaltDeps, recorder: Recorder, behind: () => Promise<boolean>): LiveHearing => {
  const { plane } = deps;
  const waiting = new Map<string, Waiting[]>();
  const early = new Map<string, Promise<HeardHalt>[]>();
  const key = (subject: string, body: string) => `${subject}\n${body}`;
  const forget = (name: string, gone: Waiting): void => {
    const left = (waiting.get(name) ?? []).filter((entry) => entry !== gone);
    if (left.length === 0) waiting.delete(name);
    else waiting.set(name, left);
  };
  const recordOwn = async (name: string, entry: Waiting, tries: number): Promise<void> => {
    if (tries > 0 && (await behind())) return arm(name, entry, tries - 1);
    if (!(waiting.get(name) ?? []).includes(entry)) return;
    forget(name, entry);
    const { subject, reply } = entry.message;
    const id = `halt-own-${uuidv7()}`;
    await recorder.record({ id, subject, body: entry.message.string(), heardAt: plane.timestamp() }, reply);
  };
  const arm = (name: string, entry: Waiting, tries: number): void => {
    entry.timer = setTimeout(() => void recordOwn(name, entry, tries), CAPTURE_MS);
  };
  const live = (message: Msg): void => {
    const name = key(message.subject, message.string());
    const shown = early.get(name)?.shift();
    if (shown !== undefined) {
      void shown.then((halt) => recorder.answer(halt, message.reply));
      return;
    }
    const entry: Waiting = { reply: message.reply, timer: undefined, message };
    waiting.set(name, [...(waiting.get(name) ?? []), entry]);
    arm(name, entry, CAPTURE_TRIES);
  };
  const subscriptions = [`gov.halt.*.${plane.org}`, `gov.halt.*.${plane.org}.>`].map((subject) =>
    plane.bus.subscribe(subject, {
      callback: (error, message) => {
        if (error === null) live(message);
      },
    }),
  );
  return {
    captured: (halt) => {
      const name = key(halt.subject, halt.body);
      const [first] = waiting.get(name) ?? [];
      const recording = recorder.record(halt, first?.reply);
      if (first !== undefined) {
        clearTimeout(first.timer);
        forget(name, first);
      } else if (plane.clock.now() - Date.parse(halt.heardAt) < CAPTURE_MS) {
        expectLive(name, recording);
      }
      return recording;
    },
    stop: () => {
      for (const subscription of subscriptions) subscription.unsubscribe();
      for (const entries of waiting.values()) for (const { timer } of entries) clearTimeout(timer);
    },
  };
};

/** Ends the process: whoever cannot hear halts must not renew leases. */
const endProcess = ({ plane }: HaltDeps, error: unknown): void => {
  plane.log.fatal({ event: 'halts.unreadable', error: (error as Error).name });
  setImmediate(() => {
    throw error;
  });
};

/** Starts hearing. A halt sent as a request is answered, with its frames, after it is recorded. */
export const hear = async (
  deps: HaltDeps,
  stream: Ledger = createJetStreamLedger({ connection: deps.plane.bus, stream: Streams.halts }),
  fail: (error: unknown) => void = (error) => endProcess(deps, error),
): Promise<Hearing> => {
  const stopped = new AbortController();
  const recorder = createRecorder(deps, stopped.signal);
  let behind = (): Promise<boolean> => Promise.resolve(true);
  const live = hearLive(deps, recorder, () => behind());
  const captured = await readCaptured({
    stream,
    log: deps.plane.log,
    fail,
    take: (message) => {
      const halt = heardFrom(message, deps.record);
      return recorder.record(halt, live.captured(halt));
    },
  });
  behind = captured.behind;
  return {
    caughtUp: captured.caughtUp,
    current: () => captured.current(FRESH_MS),
    settled: (environment) =>
      missedIn(deps, environment).length === 0 &&
      ![...recorder.unplaced.values()].some((halt) => touches(halt, environment)),
    place: async () => {
      for (const halt of [...recorder.unplaced.values()]) await recorder.record(halt);
      await recordMissed(deps);
    },
    stop: async () => {
      stopped.abort();
      live.stop();
      await captured.stop();
      await stream.close();
    },
  };
};
