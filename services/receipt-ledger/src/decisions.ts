// The decisions that may still need a receipt, each with its intent and its votes verified here, whoever verified them before.
import {
  type CommandId,
  type Frame,
  Intent,
  type LiveKind,
  liveDocuments,
  livePayloadType,
  subjects,
} from '@writ/contracts';
import { frameBytes, openFrameAsync } from '@writ/crypto';
import { findKey, type ReceiptDecision } from '@writ/domain';
import type { LedgerEvent } from '@writ/ledger';
import { type Plane, publicKeyOf } from '@writ/runtime';

/** A recorded decision. `verified` resolves to whether the embedded intent is really signed by its agent. */
export type KnownDecision = {
  readonly decision: ReceiptDecision;
  readonly intent: Intent;
  readonly bytes: Uint8Array;
  readonly seq: number;
  readonly verified: Promise<boolean>;
};

export interface Decisions {
  find(intentId: CommandId): KnownDecision | undefined;
  /** The decision, waiting up to `ms` for one that is still on its way through the ledger. */
  arrives(intentId: CommandId, ms: number): Promise<KnownDecision | undefined>;
  /** Whether every recorded vote at this gate is really signed by its person. */
  votesVerified(intentId: CommandId): Promise<boolean>;
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

const signedBy = async (
  plane: Plane,
  kind: LiveKind,
  frame: Frame,
  digest: string,
  role: string,
  holder: string,
): Promise<boolean> => {
  const opened = await openFrameAsync(frameBytes(frame), livePayloadType(kind), (kid) => {
    const key = findKey(plane.registry(), kid);
    return key?.role === role && key.holder === holder ? publicKeyOf(key) : undefined;
  });
  return opened.ok && opened.digest === digest && liveDocuments[kind].safeParse(opened.document).success;
};

const forget = <V>(map: Map<string, V>): void => {
  if (map.size > KEEP) map.delete(map.keys().next().value as string);
};

/** Follows decisions and votes. Verification runs in the thread pool while the request is still on its way. */
export const followDecisions = (plane: Plane): Decisions => {
  const known = new Map<CommandId, KnownDecision>();
  const waiting = new Map<CommandId, Set<() => void>>();
  const votes = new Map<CommandId, Promise<boolean>>();
  const remember = (event: LedgerEvent): void => {
    const { document } = event;
    if (document.type === 'writ.approval.voted.v1') {
      const { vote, voteDigest, person, intentId } = document.data;
      const before = votes.get(intentId) ?? Promise.resolve(true);
      votes.set(
        intentId,
        Promise.all([before, signedBy(plane, 'vote', vote, voteDigest, 'person', person)]).then((all) =>
          all.every(Boolean),
        ),
      );
      forget(votes);
      return;
    }
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
        ? signedBy(plane, 'intent', data.intent, data.intentDigest, 'agent', data.agent)
        : Promise.resolve(false);
    known.set(intent.id, { decision, intent, bytes: event.bytes, seq: event.seq, verified });
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
    votesVerified: (intentId) => votes.get(intentId) ?? Promise.resolve(true),
    idempotencyKeyOf: (intentId) => known.get(intentId)?.decision.intent.idempotencyKey,
  };
};
