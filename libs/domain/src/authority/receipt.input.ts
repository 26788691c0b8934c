// What a receipt is decided from. Shapes only: nothing here decides.
import type {
  AgentScope,
  Code,
  DecisionData,
  Digest,
  EscalatedData,
  EventId,
  Frame,
  IntentData,
  Kid,
  ReceiptRequest,
  Timestamp,
} from '@writ/contracts';
import type { z } from 'zod';
import type { GateView } from '../approval/approval.state.js';

/** What a verdict can be; `gate` is an escalation. */
export type VerdictEffect = 'permit' | 'deny' | 'gate';

/** The decision of the intent as recorded. `intent` is the data of the intent that it embeds, verified by the caller. */
export type ReceiptDecision = {
  readonly id: EventId;
  readonly digest: Digest;
  readonly correlationid: string;
  readonly effect: VerdictEffect;
  readonly data: z.infer<typeof DecisionData> | z.infer<typeof EscalatedData>;
  readonly intent: IntentData;
};

/** The part of a gate's view that a receipt rests on. */
export type ReceiptGate = Pick<
  GateView,
  | 'status'
  | 'via'
  | 'decisive'
  | 'people'
  | 'until'
  | 'decision'
  | 'intentDigest'
  | 'boundaryDigest'
  | 'obligedDigest'
>;

/** What the caller found against a receipt when it derived again what others had recorded. It is recorded as withheld. */
export type ReceiptObjection = { readonly code: Code; readonly reason: string };

/**
 * `verdictNow`: derived again from the recorded inputs under the recorded boundary. `verdictCurrent`: under the boundary in
 * force now (the same where it has not changed; null and `deny` where none is). `leaseFresh`: the kill-switch's lease is.
 * `viewFresh`: every fold that was consulted is at most 2 s behind the ledger's end. `idempotencyUnknown`: an earlier attempt
 * of this agent with the same idempotency key has an unknown outcome. `receiptSeconds`: how long the receipt is good, from
 * the boundary in force. `objection`: why the decision, its signer or the grant does not hold now, checked by the caller.
 */
export type ReceiptInput = {
  readonly request: ReceiptRequest;
  readonly frame: Frame;
  /** The certificate of the session key that signed it. */
  readonly session?: Frame | undefined;
  readonly asker: {
    readonly name: AgentScope;
    readonly kid: Kid;
    readonly role: 'agent' | 'enforcement-point';
  };
  readonly now: Timestamp;
  readonly decision: ReceiptDecision | undefined;
  readonly gate: ReceiptGate | undefined;
  readonly verdictNow: { readonly effect: VerdictEffect };
  readonly verdictCurrent: { readonly effect: VerdictEffect; readonly boundaryDigest: Digest | null };
  readonly leaseFresh: boolean;
  readonly viewFresh: boolean;
  readonly idempotencyUnknown: boolean;
  readonly receiptSeconds: number;
  readonly objection: ReceiptObjection | undefined;
};

/** A reason not to issue that is recorded. */
export type Withhold = { readonly kind: 'withhold'; readonly code: Code; readonly reason: string };

/** The input once it is known that there is a decision. */
export type Asked = ReceiptInput & { readonly decision: ReceiptDecision };

/** By what an intent may go ahead, and until when. */
export type Cover = {
  readonly kind: 'covered';
  readonly via: 'policy' | 'approval' | 'timeout-fallback' | 'override';
  readonly until: Timestamp;
};
