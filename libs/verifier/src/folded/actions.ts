// What became of each intent: decision, gate, receipt, outcome. Small for ever; the decision itself only while it can be used.
import type {
  AgentScope,
  CommandId,
  Digest,
  EventId,
  Intent,
  Kid,
  LedgerDocumentOf,
  LedgerSeq,
} from '@writ/contracts';
import type { VerifierCode } from '../codes.js';

export type DecisionDocument = LedgerDocumentOf<
  'writ.decision.permitted.v1' | 'writ.decision.denied.v1' | 'writ.decision.escalated.v1'
>;

/** A decision that may still lead to a receipt. */
export type UsableDecision = {
  readonly document: DecisionDocument;
  readonly intent: Intent;
  readonly digest: Digest;
  readonly seq: LedgerSeq;
  /** Until then a receipt can rest on it, ms since the epoch. */
  readonly untilMs: number;
};

export type IssuedReceipt = {
  readonly id: EventId;
  readonly seq: LedgerSeq;
  readonly agent: AgentScope;
  readonly audience: { readonly name: AgentScope; readonly kid: Kid };
  readonly expiresMs: number;
};

/** What is recorded of a receipt's outcome. `verifiers`: who has verified or contradicted it. */
export type OutcomeSoFar = {
  readonly reported: boolean;
  readonly unknown: boolean;
  readonly reconciled: boolean;
  readonly verifiers: readonly AgentScope[];
};

/** What was found about an intent before its receipt: the receipt inherits it. */
export type Taint = { readonly code: VerifierCode; readonly undetermined: boolean };

/** One intent. `gateOver`: its gate has its result. */
export type Action = {
  readonly effect: 'permit' | 'deny' | 'gate' | undefined;
  readonly receipt: IssuedReceipt | undefined;
  readonly outcome: OutcomeSoFar | undefined;
  readonly gateOver: boolean;
  readonly taint: Taint | undefined;
};

/** An intent of which nothing is recorded. */
export const unheardOf: Action = {
  effect: undefined,
  receipt: undefined,
  outcome: undefined,
  gateOver: false,
  taint: undefined,
};

/** Before any outcome. */
export const noOutcome: OutcomeSoFar = { reported: false, unknown: false, reconciled: false, verifiers: [] };

/** The intents of one ledger. */
export type Actions = {
  of(intentId: CommandId): Action;
  patch(intentId: CommandId, change: Partial<Action>): void;
  /** The decision of an intent while a receipt can rest on it. */
  usable(intentId: CommandId): UsableDecision | undefined;
  keep(intentId: CommandId, decision: UsableDecision): void;
  drop(intentId: CommandId): void;
  /** Drops what cannot be used any more at `ms`; gives the intents. */
  expire(ms: number): readonly CommandId[];
};

/** Creates an empty collection. */
export const createActions = (): Actions => {
  const actions = new Map<CommandId, Action>();
  const usable = new Map<CommandId, UsableDecision>();
  const of = (intentId: CommandId): Action => actions.get(intentId) ?? unheardOf;
  return {
    of,
    patch: (intentId, change) => actions.set(intentId, { ...of(intentId), ...change }),
    usable: (intentId) => usable.get(intentId),
    keep: (intentId, decision) => usable.set(intentId, decision),
    drop: (intentId) => usable.delete(intentId),
    expire: (ms) => {
      const gone = [...usable].filter(([, { untilMs }]) => untilMs < ms).map(([intentId]) => intentId);
      for (const intentId of gone) usable.delete(intentId);
      return gone;
    },
  };
};
