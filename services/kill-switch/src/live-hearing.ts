// Hears halts live and pairs each with the copy in GOV_HALTS: one that has none in time is recorded under an id of its own.
import { type Msg, uuidv7 } from '@writ/runtime';
import type { HaltDeps, HeardHalt } from './halts.js';
import type { Recorder } from './recorder.js';

/** A live halt that GOV_HALTS does not show within this time is recorded under an id of its own, ms. */
const CAPTURE_MS = 1_000;
/** How often that time is granted again while GOV_HALTS holds what has not been read yet. */
const CAPTURE_TRIES = 10;

type Waiting = { readonly message: Msg; timer: NodeJS.Timeout | undefined };

/** What was written for a halt of GOV_HALTS that was read before it was heard live. */
type Early = { readonly written: Promise<readonly Uint8Array[]> };

/** Things by name, the oldest of each name first. */
const createQueues = <T>() => {
  const queues = new Map<string, T[]>();
  const remove = (name: string, gone: T): void => {
    const left = (queues.get(name) ?? []).filter((item) => item !== gone);
    if (left.length === 0) queues.delete(name);
    else queues.set(name, left);
  };
  return {
    add: (name: string, item: T) => void queues.set(name, [...(queues.get(name) ?? []), item]),
    has: (name: string, item: T) => (queues.get(name) ?? []).includes(item),
    remove,
    take: (name: string): T | undefined => {
      const [first] = queues.get(name) ?? [];
      if (first !== undefined) remove(name, first);
      return first;
    },
    all: (): readonly T[] => [...queues.values()].flat(),
  };
};

export interface LiveHearing {
  /** Records a halt that GOV_HALTS showed, and answers its live copy. */
  captured(halt: HeardHalt): Promise<void>;
  stop(): void;
}

/** Subscribes. `behind`: whether GOV_HALTS holds what has not been read yet. */
export const hearLive = (
  { plane }: HaltDeps,
  recorder: Recorder,
  behind: () => Promise<boolean>,
): LiveHearing => {
  const waiting = createQueues<Waiting>();
  const early = createQueues<Early>();
  const key = (subject: string, body: string) => `${subject}\n${body}`;
  const recordOwn = async (name: string, entry: Waiting, tries: number): Promise<void> => {
    if (tries > 0 && (await behind())) return arm(name, entry, tries - 1);
    if (!waiting.has(name, entry)) return;
    waiting.remove(name, entry);
    const { subject, reply } = entry.message;
    const own = { id: `halt-own-${uuidv7()}`, subject, body: entry.message.string() };
    recorder.answer(subject, reply, await recorder.record({ ...own, heardAt: plane.timestamp() }));
  };
  const arm = (name: string, entry: Waiting, tries: number): void => {
    entry.timer = setTimeout(() => void recordOwn(name, entry, tries), CAPTURE_MS);
  };
  const live = async (message: Msg): Promise<void> => {
    const name = key(message.subject, message.string());
    const shown = early.take(name);
    if (shown !== undefined) return recorder.answer(message.subject, message.reply, await shown.written);
    const entry: Waiting = { message, timer: undefined };
    waiting.add(name, entry);
    arm(name, entry, CAPTURE_TRIES);
  };
  const captured = async (halt: HeardHalt): Promise<void> => {
    const name = key(halt.subject, halt.body);
    const entry = waiting.take(name);
    clearTimeout(entry?.timer);
    const written = recorder.record(halt);
    if (entry === undefined && plane.clock.now() - Date.parse(halt.heardAt) < CAPTURE_MS) {
      const shown: Early = { written };
      early.add(name, shown);
      setTimeout(() => early.remove(name, shown), CAPTURE_MS).unref();
    }
    recorder.answer(halt.subject, entry?.message.reply, await written);
  };
  const subscriptions = [`gov.halt.*.${plane.org}`, `gov.halt.*.${plane.org}.>`].map((subject) =>
    plane.bus.subscribe(subject, {
      callback: (error, message) => {
        if (error === null) void live(message);
      },
    }),
  );
  return {
    captured,
    stop: () => {
      for (const subscription of subscriptions) subscription.unsubscribe();
      for (const { timer } of waiting.all()) clearTimeout(timer);
    },
  };
};
