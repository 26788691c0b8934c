// One ledger message as it was stored, and one as it is judged. Shapes only; nothing is verified here.
import type {
  AgentScope,
  Digest,
  EnvironmentScope,
  Family,
  LedgerDocument,
  LedgerSeq,
  Scope,
} from '@writ/contracts';
import type { OpenedLive } from './frames/open-live.js';

/** A stored message, junk included: the ledger sequence, the NATS subject, the server's time and the exact bytes. */
export type StoredMessage = {
  readonly seq: LedgerSeq;
  readonly subject: string;
  /** Server time, RFC 3339 UTC milliseconds. */
  readonly time: string;
  readonly bytes: Uint8Array;
};

/** An admitted, effective event on its way through the invariants. `ms` is the server's time since the epoch. */
export type Judged<D extends LedgerDocument = LedgerDocument> = {
  readonly seq: LedgerSeq;
  readonly ms: number;
  readonly time: string;
  readonly subject: string;
  readonly family: Family;
  /** `<org>` of a registry event, the environment of any other. */
  readonly scope: Scope | EnvironmentScope;
  readonly digest: Digest;
  readonly document: D;
  /** The live frames that the event embeds, by field name. */
  readonly embedded: ReadonlyMap<string, OpenedLive>;
};

/** The agent and intent that an event is about, when it says so. */
export type About = { readonly agent?: AgentScope; readonly intentId?: string };
