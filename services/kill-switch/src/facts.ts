// Appends the kill-switch's unversioned facts: without an expectation, so they cannot lose a race; retried until acknowledged.
import { type EnvironmentScope, subjects } from '@writ/contracts';
import type { Draft } from '@writ/domain';
import { recordFact, sealFact } from '@writ/ledger';
import type { Plane } from '@writ/runtime';

export interface Facts {
  /** Appends one fact to the environment's authority subject. Resolves with its frame once it is durable; gives up only when stopped. */
  append(environment: EnvironmentScope, draft: Draft): Promise<Uint8Array>;
  stop(): void;
}

const ROUND_MS = 2_000;

/** The writer of unversioned facts. The same draft has the same id on every attempt; a doubled one is folded once. */
export const createFacts = (plane: Plane): Facts => {
  let stopped = false;
  return {
    append: async (environment, draft) => {
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
    },
    stop: () => {
      stopped = true;
    },
  };
};
