// What the contract suite needs from an implementation: ledgers as separate processes would hold them, and lost answers.
import type { Ledger } from '../../src/index.js';

export type LossyLedger = {
  readonly ledger: Ledger;
  /** The next append takes effect and its acknowledgement is lost. */
  loseNextAck(subject: string): void;
  /** How many acknowledgements have been lost. */
  lost(): number;
};

export interface Harness {
  /** A ledger on a connection of its own. */
  open(): Promise<Ledger>;
  openLossy(): Promise<LossyLedger>;
}
