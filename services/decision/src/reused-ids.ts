// Intent ids that an agent used twice: told to the anomaly-detector until the ledger shows the flag. Both intents are the agent's own.
import { type AgentScope, type EventId, environmentOf, type Frame } from '@writ/contracts';
import { type ConductState, isReuseFlagged } from '@writ/domain';
import { type Folded, type Plane, publishReport, type StoredFrames } from '@writ/runtime';

/** The second intent under an id, with the certificate of its session key, and the decision on the first. */
export type Reuse = {
  readonly agent: AgentScope;
  readonly intent: Frame;
  readonly session?: Frame | undefined;
  readonly recorded: EventId;
};

export interface ReusedIds {
  /**
   * Reports it, unless it is flagged or another one of this agent is waiting to be. An id that *another* agent used is nobody's
   * proof: no report.
   */
  report(reuse: Reuse): void;
  /** Reports again what is not flagged yet: the detector may have been away. Safe to repeat. */
  reportMissing(): void;
}

/** The flag that is not there by then does not come: the detector knows better. */
const PATIENCE_MS = 3_600_000;

export type ReusedIdsDeps = {
  readonly plane: Plane;
  readonly conduct: Folded<ConductState>;
  readonly frames: StoredFrames;
};

/** Whose decision this is. The ledger's own bytes, which were admitted: nothing is verified here again. */
const agentOf = (stored: Uint8Array): unknown =>
  (JSON.parse(Buffer.from(stored).toString('utf8')) as { signed: { data: { agent?: unknown } } }).signed.data
    .agent;

/** One agent has at most one report waiting. A crash loses it: the intent was refused all the same. */
export const keepReusedIds = ({ plane, conduct, frames }: ReusedIdsDeps): ReusedIds => {
  const waiting = new Map<AgentScope, Reuse & { readonly since: number }>();
  const isFlagged = ({ agent, recorded }: Reuse): boolean =>
    isReuseFlagged(conduct.of(environmentOf(agent)), agent, recorded.split('.')[0] ?? '');
  const isOver = (reuse: Reuse & { readonly since: number }): boolean =>
    isFlagged(reuse) || plane.clock.mono() - reuse.since > PATIENCE_MS;
  const tell = ({ intent, session, recorded }: Reuse): void =>
    publishReport(plane, { about: 'intent-id-reused', intent, ...(session && { session }), recorded });
  /** Tells it when both intents are the agent's own; forgets it when they are not. A ledger that cannot be read is asked later. */
  const look = (reuse: Reuse): void => {
    frames.of(reuse.recorded).then(
      (stored) => {
        if (stored !== undefined && agentOf(stored) === reuse.agent) tell(reuse);
        else waiting.delete(reuse.agent);
      },
      (error: Error) => plane.log.error({ event: 'reuse.unread', error: error.name }),
    );
  };
  return {
    report: (reuse) => {
      const before = waiting.get(reuse.agent);
      if (isFlagged(reuse) || (before !== undefined && !isOver(before))) return;
      waiting.set(reuse.agent, { ...reuse, since: plane.clock.mono() });
      look(reuse);
    },
    reportMissing: () => {
      for (const reuse of [...waiting.values()]) {
        if (isOver(reuse)) waiting.delete(reuse.agent);
        else look(reuse);
      }
    },
  };
};
