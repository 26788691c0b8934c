// The follower's face: one ordered, verified read of the ledger per process.
import type { Family, LedgerSeq } from '@writ/contracts';
import type { Accepts, Chain, KeyDirectory } from '@writ/domain';
import type { MonotonicClock } from '../clock.js';
import type { JunkMessage, LedgerEvent, LedgerItem } from '../event.js';
import type { Ledger } from '../ledger.js';

/** Where to begin when a snapshot is at hand: its position and the chains of every subject folded up to it. */
export type FollowerSnapshot = { readonly position: LedgerSeq; readonly chains: ReadonlyMap<string, Chain> };

export type FollowerOptions = {
  readonly ledger: Ledger;
  /** The keys certified so far: a live view that a fold of the registry events (see `fold`) keeps up to date. */
  readonly keys: KeyDirectory;
  /** Families that are verified and folded; the others only advance the position. `registry` is always wanted. */
  readonly wants?: (family: Family) => boolean;
  /**
   * Which events of a wanted family are opened at all, by their type; all when absent. What is passed over only advances the
   * position, so the chain of that subject is not kept: of what follows there, only the kill-switch's unversioned facts can be
   * admitted. For a service that looks at halts alone and need not verify every receipt.
   */
  readonly onlyTypes?: (family: Family, type: string) => boolean;
  /** The schema rule of admission; `parseLedgerDocument` of @writ/contracts when absent. The same for everybody. */
  readonly accepts?: Accepts;
  readonly snapshot?: FollowerSnapshot;
  /** Called once per junk message of a wanted family or of no known subject. Must not throw. */
  readonly onJunk?: (junk: JunkMessage) => void;
  /** Called once when the follower has stopped for good: a fold threw, the ledger went backwards. Alarm, and stop serving. */
  readonly onFailure?: (error: unknown) => void;
  readonly clock?: MonotonicClock;
  /** How often the ledger's end is asked for; 500 ms. */
  readonly pollMs?: number;
  /** How many messages are verified ahead; 64. */
  readonly window?: number;
};

/** Where a subject stands: `last` is the sequence of its last message, junk included. */
export type SubjectTip = { readonly last: LedgerSeq; readonly chain: Chain };

export interface Follower {
  /** The sequence up to which everything has been judged and folded. */
  position(): LedgerSeq;
  /** Resolves true once `position() >= seq`, false after `timeoutMs` or when the follower has stopped. */
  reached(seq: LedgerSeq, timeoutMs: number): Promise<boolean>;
  /** Monotonic ms at which the position was known to be the ledger's end; -Infinity before that. Judge staleness by it. */
  freshAsOf(): number;
  /** Last message and chain of a subject of a wanted family, as folded to `position()`. */
  tip(subject: string): SubjectTip;
  /** Every chain, for a snapshot at `position()`. */
  chains(): ReadonlyMap<string, Chain>;
  /** How many junk messages have been skipped since the start. */
  junkCount(): number;
  /** Registers a fold: called in ledger order, synchronously, for every event with effect (void ones never). If it throws, the follower stops for good. */
  fold(handler: (event: LedgerEvent) => void): () => void;
  /** Registers a listener: called after the folds, for void events too. It must not throw. */
  listen(handler: (event: LedgerEvent) => void): () => void;
  /** Every message of one subject as it was judged, junk included; called after folds and listeners. */
  watch(subject: string, handler: (item: LedgerItem) => void): () => void;
  /** Spares verifying our own signature: a stored frame that is byte for byte `bytes` is taken as verified. */
  vouch(bytes: Uint8Array): void;
  /** Starts reading; resolves when the end of the ledger as of the call has been folded. Rejects when it fails before. */
  start(): Promise<void>;
  stop(): Promise<void>;
}
