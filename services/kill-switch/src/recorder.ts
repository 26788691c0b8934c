// Records heard halts until it succeeds, keeps those that touch no environment yet, and answers who asked.
import { covers, type EnvironmentScope, isInboxOf, parseHaltBody, parseSubject } from '@writ/contracts';
import { joinFrames } from '@writ/crypto';
import { type HaltDeps, type HeardHalt, recordHalt } from './halts.js';

/** How long until a halt that could not be recorded is tried again, ms. */
const AGAIN_MS = 200;

export interface Recorder {
  /** Tries until the halt is recorded or this service stops; gives what was written. Never rejects. */
  record(halt: HeardHalt): Promise<readonly Uint8Array[]>;
  /** Answers a halt that was sent as a request, only to the inbox of its sender. Never throws. */
  answer(subject: string, reply: string | undefined, frames: readonly Uint8Array[]): void;
  /** The halts that touched no environment yet. */
  unplaced(): readonly HeardHalt[];
}

/** Halts of one place and width stop the same: one of them is enough to be kept for an environment that comes later. */
const placeOf = ({ subject, body }: HeardHalt): string =>
  `${subject} ${JSON.stringify(parseHaltBody(body).tool ?? null)}`;

/** Whether a halt lies over the environment or in it. */
export const touches = ({ subject }: HeardHalt, environment: EnvironmentScope): boolean => {
  const parsed = parseSubject(subject);
  return parsed?.kind === 'halt' && (covers(parsed.scope, environment) || covers(environment, parsed.scope));
};

/** A recorder that gives up when `stopped` aborts. */
export const createRecorder = (deps: HaltDeps, stopped: AbortSignal): Recorder => {
  const { plane } = deps;
  const unplaced = new Map<string, HeardHalt>();
  const once = async (halt: HeardHalt): Promise<readonly Uint8Array[]> => {
    const frames = await recordHalt(deps, halt);
    if (frames.length > 0) unplaced.delete(placeOf(halt));
    else if (deps.record.first(halt.id) === undefined) unplaced.set(placeOf(halt), halt);
    return frames;
  };
  return {
    unplaced: () => [...unplaced.values()],
    record: async (halt) => {
      while (!stopped.aborted) {
        try {
          return await once(halt);
        } catch (error) {
          plane.log.error({ event: 'halt.failed', halt: halt.id, error: (error as Error).name });
          await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
        }
      }
      return [];
    },
    answer: (subject, reply, frames) => {
      const sender = parseSubject(subject);
      if (sender?.kind !== 'halt' || !isInboxOf(sender.person, reply) || frames.length === 0) return;
      try {
        plane.bus.publish(reply, joinFrames(frames));
      } catch (error) {
        plane.log.error({ event: 'halt.unanswered', error: (error as Error).name });
      }
    },
  };
};
