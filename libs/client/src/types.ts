// What callers of this package hold in their hands: plain shapes, no behaviour.
import type {
  AgentScope,
  AutonomyStep,
  Code,
  Committed,
  Containment,
  Effect,
  HaltTool,
  JsonValue,
  Level,
  Obligation,
  Refused,
  Scope,
} from '@writ/contracts';

/** Arguments of an action: JSON with safe integers only (money and larger numbers are decimal strings). */
export type Args = Readonly<Record<string, JsonValue>>;

/** What an agent wants to do, and why. Every value of `args`, `reasoning.private`, evidence and reversal stays private. */
export type IntentInput = {
  readonly action: {
    readonly tool: string;
    readonly operation: string;
    readonly resource: string;
    readonly args?: Args;
  };
  readonly reasoning?: {
    readonly goal?: string;
    readonly alternatives?: readonly string[];
    readonly chosen?: string;
    readonly model?: string;
    readonly tools?: readonly string[];
    /** SHA-256 (base64url) of the prompt that triggered the action, and of the context it was read in. */
    readonly promptDigest?: string;
    readonly contextDigest?: string;
  };
  readonly evidence?: readonly EvidenceInput[];
  readonly reversal?: { readonly method: ReversalMethod; readonly details?: Args };
  /** How long the intent and its permit may live, milliseconds from now. Default 5 minutes. */
  readonly deadlineMs?: number;
  readonly idempotencyKey?: string;
  readonly plan?: { readonly id: string; readonly step: number };
};

/** One reading on which the action rests; `observedAt` RFC 3339 UTC with milliseconds. */
export type EvidenceInput = {
  readonly source: string;
  readonly observedAt: string;
  readonly value: Args;
};

/** How an effect would be undone. */
export type ReversalMethod =
  | 'none'
  | 'inverse-action'
  | 'restore-backup'
  | 'transaction-rollback'
  | 'compensation';

/** What the decision says, after its signature, key role, subject and binding to the intent were checked. */
export type DecisionSummary = {
  readonly effect: 'permitted' | 'denied' | 'escalated';
  readonly id: string;
  readonly digest: string;
  readonly codes: readonly string[];
  readonly rule: string | null;
  readonly boundary: { readonly name: string; readonly digest: string; readonly level: Level } | null;
  readonly obligations: readonly Obligation[];
  readonly gate: string | null;
  readonly expires: string;
};

/** An intent on its way: opaque; `toJSON` gives what is needed to go on after a restart. */
export interface IntentHandle {
  readonly id: string;
  readonly agent: AgentScope;
  readonly digest: string;
  readonly action: { readonly tool: string; readonly operation: string; readonly resource: string };
  toJSON(): HandleJson;
}

/** A handle at rest. `private`: it holds the disclosures, so store it as you would store the arguments. */
export type HandleJson = {
  readonly v: 1;
  readonly private: true;
  readonly id: string;
  readonly agent: string;
  readonly frame: string;
  /** Of the session key that signed it. */
  readonly certificate?: string;
  readonly argCount: number;
  readonly disclosures: readonly string[];
  /** Whether the function had been started: then a second start is refused. */
  readonly started: boolean;
};

/** The answer to `authorize`. `refused` means that there is no decision; nothing may be executed. */
export type Authorisation =
  | { readonly kind: 'permitted'; readonly handle: IntentHandle; readonly decision: DecisionSummary }
  | { readonly kind: 'escalated'; readonly handle: IntentHandle; readonly decision: DecisionSummary }
  | {
      readonly kind: 'denied';
      readonly code: Code;
      readonly reason: string;
      readonly handle: IntentHandle;
      readonly decision: DecisionSummary;
    }
  | Refused;

/** How `authorize` waits; times in milliseconds. */
export type AuthorizeOptions = {
  /** `decision` (default) returns `escalated` at once; `approval` waits for the gate and holds the receipt then. */
  readonly wait?: 'decision' | 'approval';
  /** For the answer of the decision service (default 10 s) or, with `wait: 'approval'`, for all (default: the intent's deadline). */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Called once when the intent waits at a gate. */
  readonly onPending?: (pending: {
    readonly handle: IntentHandle;
    readonly decision: DecisionSummary;
  }) => void;
  /** How often a pending approval is asked for. Default 1 s. */
  readonly pollMs?: number;
};

/** A checked authority receipt: signed order, for this key, these arguments, until `expires`. */
export type Receipt = {
  readonly id: string;
  readonly digest: string;
  readonly intentId: string;
  readonly agent: AgentScope;
  readonly via: 'policy' | 'approval' | 'timeout-fallback' | 'override';
  readonly people: readonly string[];
  readonly tool: string;
  readonly operation: string;
  readonly resource: string;
  readonly obligations: readonly Obligation[];
  readonly issued: string;
  readonly expires: string;
};

/** What a running call is given. `signal` aborts on a halt that covers it and, unless switched off, on loss of the lease. */
export type RunContext = {
  readonly signal: AbortSignal;
  readonly receipt: Receipt;
  /** Adds an effect to the outcome report; at most 64. */
  effect(effect: Effect): void;
  /** Sets the private result of the outcome report. */
  result(result: Args): void;
};

/** How `execute` and `enforce` wait; times in milliseconds. */
export type ExecuteOptions = {
  /** For gate and receipt together. Default 10 s. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** `approval`: while the approval is pending, ask again every `pollMs` (1 s) until the time is over. */
  readonly wait?: 'approval';
  readonly pollMs?: number;
  /**
   * A receipt that was issued to a request of an earlier process is refused, because that process may have acted.
   * Set this only when it is known that it did not.
   */
  readonly acceptEarlierReceipt?: boolean;
};

/** `outcome: 'unconfirmed'` means that the report was sent and not answered in time; the plane may record `unknown`. */
export type Execution<T> =
  | {
      readonly kind: 'executed';
      readonly value: T;
      readonly receipt: Receipt;
      readonly outcome: 'recorded' | 'unconfirmed';
    }
  | Refused;

/** A halt as this client knows it; `id` is null from the moment it is heard until the plane has recorded it. */
export type HaltView = {
  readonly id: string | null;
  readonly scope: Scope;
  readonly person: string;
  readonly tool?: HaltTool;
};

/** Given to the halt callback at once. `signal` aborts at `deadline` (epoch ms): what has not ended then is reported as such. */
export type HaltNotice = {
  readonly halts: readonly HaltView[];
  readonly signal: AbortSignal;
  readonly deadline: number;
};

/** One thing that the agent may or may not do, as the boundary in force says it. */
export type Capability = {
  readonly id: string;
  readonly resource: string;
  readonly operations: readonly string[];
  readonly effect: 'permit' | 'deny' | 'gate';
  readonly when?: string;
  readonly gate?: string;
  readonly limits: readonly CapabilityLimit[];
  readonly obligations: readonly Obligation[];
};
/** A counter that bears on a capability: at most `max` in any `windowSeconds`, exact per environment. */
export type CapabilityLimit = {
  readonly id: string;
  readonly max: number;
  readonly windowSeconds: number;
  readonly effect: 'deny' | 'gate';
};

/** What I may and may not do. `otherwise` is what happens to everything that no entry names. */
export type Capabilities = {
  readonly boundary: { readonly name: string; readonly digest: string; readonly task: string } | null;
  readonly level: Level | null;
  readonly autonomy: AutonomyStep;
  readonly containment: Containment;
  readonly entries: readonly Capability[];
  readonly otherwise: { readonly effect: 'deny' | 'gate'; readonly gate?: string };
  readonly gates: readonly {
    readonly name: string;
    readonly quorum: number;
    readonly deadlineSeconds: number;
  }[];
};

/** Whether the gate is open now, and if not, why. */
export type GateStatus =
  | { readonly kind: 'open' }
  | { readonly kind: 'closed'; readonly code: 'WRIT-ENF-001' | 'WRIT-ENF-002'; readonly reason: string };

/** An event for the log: names, ids and codes only; never arguments, keys or free text. */
export type ClientEvent = {
  readonly event: string;
  readonly intentId?: string;
  readonly halt?: string;
  readonly code?: string;
  readonly count?: number;
};
/** Takes the events; must not throw. */
export type ClientLog = (event: ClientEvent) => void;

/** Where this client stands now. `unproven`: halts that the plane no longer lists, but no release of persons was seen. */
export type ClientStatus = {
  readonly gate: GateStatus;
  readonly connected: boolean;
  readonly halts: readonly HaltView[];
  readonly unproven: readonly string[];
  readonly running: number;
};

/** What a verifying probe found about an executed action. */
export type VerifierReport = {
  readonly intentId: string;
  readonly agent: AgentScope;
  readonly receipt: string;
  /** `succeeded`: the effect is there as reported; `failed`: it is not. */
  readonly status: 'succeeded' | 'failed';
  readonly effects?: readonly Effect[];
  readonly result?: Args;
};

/** What an agent hands to a tool-side enforcement point, and that point to `enforce`. Holds private values. */
export type EnforceRequest = {
  readonly intentId: string;
  readonly agent: AgentScope;
  /** The obliged arguments, committed, and the disclosures behind them. */
  readonly committed: Committed;
  readonly disclosures: readonly string[];
};

/** The call that an enforcement point is about to make: resource and operation as it sees them, not as the agent says. */
export type EnforcedCall = EnforceRequest & {
  readonly resource: string;
  readonly operation: string;
  /** The arguments that the caller sent, where they came apart from the disclosures: they must be the same. */
  readonly args?: Args;
};
