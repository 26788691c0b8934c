// The decisions that may still need a receipt, each with its intent and its votes verified here, whoever verified them before.
import { type CommandId, Intent, subjects } from '@writ/contracts';
import type { ReceiptDecision } from '@writ/domain';
import type { LedgerEvent } from '@writ/ledger';
import type { Plane } from '@writ/runtime';
import { signedBy } from './signed-by.js';
import { followVotes, type Votes } from './votes.js';

/** A recorded decision. `verified` resolves to whether the embedded intent is really signed by its agent. */
export type KnownDecision = {
  readonly decision: ReceiptDecision;
  readonly intent: Intent;
  readonly bytes: Uint8Array;
  readonly type: keyof typeof EFFECTS;
  readonly seq: number;
  /** The ledger's time of the event. */
  readonly time: string;
  readonly verified: Promise<boolean>;
};

export interface Decisions {
  find(intentId: CommandId): KnownDecision | undefined;
  /** The decision, waiting up to `ms` for one that is still on its way through the ledger. */
  arrives(intentId: CommandId, ms: number): Promise<KnownDecision | undefined>;
  /** The votes recorded at the gates of intents. */
  readonly votes: Votes;
  /** The idempotency key of an intent that is still known. */
  idempotencyKeyOf(intentId: CommandId): string | undefined;
}

const EFFECTS = {
  'writ.decision.permitted.v1': 'permit',
  'writ.decision.denied.v1': 'deny',
  'writ.decision.escalated.v1': 'gate',
} as const;

/** At most this many decisions are held; the oldest go first, and are answered WRIT-RCP-001. */
const KEEP = 100_000;

const forget = <V>(map: Map<string, V>): void => {
  if (map.size > KEEP) map.delete(map.keys().next().value as string);
};

/** Follows decisions and votes. Verification runs in the thread pool while the request is still on its way. */
export const followDecisions = (plane: Plane): Decisions => {
  const known = new Map<CommandId, KnownDecision>();
  const waiting = new Map<CommandId, Set<() => void>>();
  const votes = followVotes(plane);
  const remember = (event: LedgerEvent): void => {
    const { document } = event;
    votes.take(event);
    if (!(document.type in EFFECTS)) return;
    const { type, data, id, correlationid } = document as Extract<
      typeof document,
      { type: keyof typeof EFFECTS }
    >;
    const parsed = Intent.safeParse(data.intent.signed);
    if (!parsed.success) return;
    const intent = parsed.data;
    const decision = {
      id,
      digest: event.digest,
      correlationid,
      effect: EFFECTS[type],
      data,
      intent: intent.data,
    };
    const verified =
      intent.subject === subjects.intent(data.agent)
        ? signedBy(plane, {
            ...{ kind: 'intent', frame: data.intent, session: data.session, digest: data.intentDigest },
            ...{ role: 'agent', holder: data.agent },
          })
        : Promise.resolve(false);
    const { bytes, seq, time } = event;
    known.set(intent.id, { decision, intent, bytes, type, seq, time, verified });
    for (const wake of waiting.get(intent.id) ?? []) wake();
    forget(known);
  };
  plane.follower.listen((event) => {
    if (!event.void) remember(event);
  });
  return {
    find: (intentId) => known.get(intentId),
    arrives: (intentId, ms) =>
      new Promise((resolve) => {
        const wakers = waiting.get(intentId) ?? new Set();
        const end = (): void => {
          clearTimeout(timer);
          wakers.delete(end);
          if (wakers.size === 0) waiting.delete(intentId);
          resolve(known.get(intentId));
        };
        const timer = setTimeout(end, ms);
        waiting.set(intentId, wakers.add(end));
        if (known.has(intentId)) end();
      }),
    votes,
    idempotencyKeyOf: (intentId) => known.get(intentId)?.decision.intent.idempotencyKey,
  };
};
