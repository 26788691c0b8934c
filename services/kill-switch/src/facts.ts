// Appends the kill-switch's unversioned facts: without an expectation, so they cannot lose a race; retried until acknowledged.
import { type EnvironmentScope, type EventId, subjects } from '@writ/contracts';
import type { Draft } from '@writ/domain';
import { recordFact, sealFact } from '@writ/ledger';
import type { Plane } from '@writ/runtime';

export interface Facts {
  /** Appends one fact to the environment's authority subject. Asked again for the same id a moment later it gives the same frame. Resolves with its frame once it is durable; gives up only when stopped. */
  append(environment: EnvironmentScope, draft: Draft): Promise<Uint8Array>;
  stop(): void;
}

const ROUND_MS = 2_000;
/** For so long a fact that was just stored is not sent a second time: by then it is folded, ms. */
const FOLDED_MS = 10_000;

/** The writer of unversioned facts. The same draft has the same id on every attempt; a doubled one is folded once. */
export const createFacts = (plane: Plane): Facts => {
  let stopped = false;
  const sent = new Map<EventId, Promise<Uint8Array>>();
  const append = async (environment: EnvironmentScope, draft: Draft): Promise<Uint8Array> => {
    const subject = subjects.ledger('authority', environment);
    const { key, service, ledger } = plane;
    const sealed = sealFact({
      draft,
      subject,
      seen: plane.follower.position(),
      key,
      service,
      now: plane.timestamp,
    });
    const bytes = await sealed.bytes;
    plane.follower.vouch(bytes);
    for (;;) {
      const done = await recordFact({
        ledger,
        subject,
        fact: { id: draft.id, bytes },
        deadline: performance.now() + ROUND_MS,
      });
      if (done.kind === 'done') return bytes;
      if (stopped) throw new Error('stopped before the fact was acknowledged');
      plane.log.error({ event: 'fact.retry', id: draft.id, outcome: done.kind, code: done.code });
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  return {
    append: (environment, draft) => {
      const before = sent.get(draft.id);
      if (before !== undefined) return before;
      const appending = append(environment, draft);
      sent.set(draft.id, appending);
      const forget = () => void setTimeout(() => sent.delete(draft.id), FOLDED_MS).unref();
      appending.then(forget, () => sent.delete(draft.id));
      return appending;
    },
    stop: () => {
      stopped = true;
    },
  };
};
