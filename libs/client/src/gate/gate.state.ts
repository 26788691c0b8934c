// What the gate knows: halts, lease, clock offset. Plain values; nothing here reads a clock or the network.
import type { AgentScope, HaltTool, LedgerSeq, Scope } from '@writ/contracts';
import type { Instant } from '../clock.js';

/** A halt that the plane has recorded. `freed`: scopes for which persons have released it (a staged release). */
export type RecordedHalt = {
  readonly id: string;
  readonly scope: Scope;
  readonly person: string;
  readonly tool?: HaltTool;
  readonly freed: readonly Scope[];
  /** When it was heard or engaged, plane time in epoch ms. */
  readonly at: number;
  /** Whether a halt heard live has been matched to it: each halt is matched once. */
  readonly matched: boolean;
};

/** A halt heard live that has no id yet. It never leaves by itself: only by becoming a recorded one. */
export type HeardHalt = {
  readonly scope: Scope;
  readonly person: string;
  readonly tool?: HaltTool;
  /** When it was heard, plane time in epoch ms (the wall clock of this side before the first round trip). */
  readonly at: number;
};

/** `askedAt` (monotonic) is before the plane read its clock, so every age reckoned from it is an upper bound. */
export type Sync = { readonly askedAt: number; readonly heardAt: number; readonly planeMs: number };

export type GateState = {
  readonly self: AgentScope;
  /** An agent keeps the halts that cover itself; an enforcement point all of its environment. */
  readonly serves: 'self' | 'environment';
  /** Answers to questions asked before this (monotonic) do not open the gate. */
  readonly notBefore: number;
  readonly connected: boolean;
  /** The bus does not let this client hear something it must: never open. */
  readonly deaf: boolean;
  readonly beat: Instant;
  readonly sync: Sync | undefined;
  /** Whether the plane has ever told its state: until then it is not known what is to be kept and restored. */
  readonly told: boolean;
  /** Plane clock minus wall clock when the offset was last measured: for time stamps, never for the lease. */
  readonly skew: number;
  readonly lease: { readonly issuedAt: number; readonly validMs: number } | undefined;
  readonly epoch: number;
  /** Halt position of the last fresh state reply; of the last notice; and the highest that a lease named. */
  readonly position: LedgerSeq;
  readonly noticed: LedgerSeq;
  readonly ahead: LedgerSeq;
  readonly halts: ReadonlyMap<string, RecordedHalt>;
  readonly heard: readonly HeardHalt[];
  /** Ids released for good, most recent last; an id is never engaged again. */
  readonly released: ReadonlySet<string>;
  /** Recorded halts that the last fresh state reply no longer listed though no release has been proved. */
  readonly unproven: ReadonlySet<string>;
};

/** The gate at birth: closed. */
export const gateInitial = (
  self: AgentScope,
  now: Instant,
  serves: 'self' | 'environment' = 'self',
): GateState => ({
  self,
  serves,
  notBefore: now.mono,
  connected: true,
  deaf: false,
  beat: now,
  sync: undefined,
  told: false,
  skew: 0,
  lease: undefined,
  epoch: 0,
  position: 0,
  noticed: 0,
  ahead: 0,
  halts: new Map(),
  heard: [],
  released: new Set(),
  unproven: new Set(),
});

/** What reaches the gate. Documents are verified before they become events; live halts need no signature. */
export type GateEvent =
  | { readonly kind: 'beat' }
  | { readonly kind: 'deaf' }
  | { readonly kind: 'disconnected' }
  | { readonly kind: 'reconnected' }
  | {
      readonly kind: 'halt-heard';
      readonly person: string;
      readonly scope: Scope;
      readonly tool?: HaltTool | undefined;
    }
  | { readonly kind: 'halt-engaged'; readonly halt: EngagedHalt; readonly position: LedgerSeq }
  | {
      readonly kind: 'halt-released';
      readonly halts: readonly string[];
      readonly scope: Scope;
      readonly position: LedgerSeq;
    }
  | {
      readonly kind: 'lease';
      /** When it came (monotonic): it may be judged a little later. */
      readonly heardAt: number;
      readonly planeMs: number;
      readonly epoch: number;
      readonly haltPosition: LedgerSeq;
      readonly validMs: number;
    }
  | {
      readonly kind: 'state';
      readonly askedAt: number;
      readonly heardAt: number;
      readonly planeMs: number;
      readonly epoch: number;
      readonly haltPosition: LedgerSeq;
      readonly validMs: number;
      readonly halts: readonly EngagedHalt[];
    };

export type EngagedHalt = {
  readonly id: string;
  readonly scope: Scope;
  readonly person: string;
  readonly tool?: HaltTool | undefined;
  /** Plane time, epoch ms. */
  readonly at: number;
};

/** Times of the gate, milliseconds. */
export const GateTimes = {
  /** A lease from further in the future than this means that the plane's clock moved. */
  futureMs: 50,
  /** A halt heard and one recorded within this of each other may be the same one. */
  matchMs: 2000,
  /** A lease this old is asked after rather than waited for. */
  askAfterMs: 1000,
  /** Between two state reads that are not urgent; and the age at which the offset is measured again. */
  calmMs: 2000,
  resyncMs: 20_000,
} as const;
