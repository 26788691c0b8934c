// The writer's face: group commit on one subject. Generic in the state that its decider folds.
import type { Digest, EventId, LedgerSeq } from '@writ/contracts';
import type { Chain } from '@writ/domain';
import type { MonotonicClock } from '../clock.js';
import type { EventDraft, LedgerEvent, WriteRefusal } from '../event.js';
import type { Follower } from '../follower/types.js';
import type { Ledger } from '../ledger.js';

/** What a command is decided on: the state, including the commands before it, and how far all other subjects are folded. */
export type DecideView<S> = { readonly state: S; readonly chain: Chain; readonly seen: LedgerSeq };

/** Where a sealed event is to stand. */
export type SealPlace = { readonly subject: string; readonly chain: Chain; readonly seen: LedgerSeq };

/** An event with its place, its digest at once and its signed frame soon: heads depend on digests, not on signatures. */
export type SealedEvent = {
  readonly id: EventId;
  readonly document: Readonly<Record<string, unknown>>;
  readonly digest: Digest;
  /** Length of the document in bytes. */
  readonly size: number;
  readonly bytes: Promise<Uint8Array>;
};

export type Seal = (draft: EventDraft, place: SealPlace) => SealedEvent;

export type WriterOptions<S> = {
  readonly ledger: Ledger;
  readonly subject: string;
  /** Must want the subject's family. */
  readonly follower: Follower;
  /**
   * `initial`: the state folded from this subject up to `follower.position()` at the moment of creation (the writer folds on
   * from there by itself). `evolve` is pure, returns a new value, and never sees void events.
   */
  readonly fold: { readonly initial: S; readonly evolve: (state: S, event: LedgerEvent) => S };
  readonly seal: Seal;
  readonly clock?: MonotonicClock;
  /**
   * Asked before every attempt: false holds appends back (no fresh lease, say) until a deadline passes. A batch that has been
   * sent is then given up as indeterminate rather than sent again.
   */
  readonly guard?: () => boolean;
  /** `admitted` (default): answer when the follower has judged the event; `stored`: as soon as it is durable. */
  readonly answer?: 'admitted' | 'stored';
  /** At most this many messages in one batch; 256. */
  readonly maxBatch?: number;
  /** At most this many commands waiting; 10,000. Above: refused at once with WRIT-LED-009. */
  readonly maxQueue?: number;
  /** Refusals by the server and events that landed without effect. Must not throw. */
  readonly onAlarm?: (alarm: WriterAlarm) => void;
};

export type WriterAlarm = { readonly subject: string; readonly code: string; readonly reason: string };

/** What a decider answers: a result and the events to write, none for a question or a repetition. */
export type Decided<R> = { readonly result: R; readonly events: readonly EventDraft[] };

export type SubmitRequest<S, R> = {
  /** The command's id, for logs only. */
  readonly id: string;
  /** Monotonic ms on the writer's clock. */
  readonly deadline: number;
  /**
   * Decides; synchronous and free of side effects, since it runs again after every lost race. It must know its own command
   * when the state already holds it, and then return the same result with no events. If it throws, `submit` rejects.
   */
  readonly decide: (view: DecideView<S>) => Decided<R>;
};

export type SubmitDone<R> = {
  readonly kind: 'done';
  readonly result: R;
  /** The stored frames, byte for byte; empty when nothing was written. */
  readonly frames: readonly Uint8Array[];
  readonly seqs: readonly LedgerSeq[];
};

export interface Writer<S> {
  /** Decides, appends and answers. Commands are decided in the order of their submission. */
  submit<R>(request: SubmitRequest<S, R>): Promise<SubmitDone<R> | WriteRefusal>;
  /** The state with everything that this writer knows to be stored. */
  state(): S;
  /** Refuses what is new, waits for what is under way. */
  close(): Promise<void>;
}
