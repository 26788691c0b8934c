// The face of @writ/ledger. Everything is listed by name.
export { type MonotonicClock, systemClock } from './clock.js';
export { type LedgerCode, LedgerCodes } from './codes.js';
export type { EventDraft, JunkMessage, LedgerEvent, LedgerItem, WriteRefusal } from './event.js';
export type { Follower, FollowerOptions, FollowerSnapshot, SubjectTip } from './follower/types.js';
export {
  type AppendOutcome,
  type AppendRequest,
  type Ledger,
  LedgerGapError,
  MAX_APPEND,
  type NewMessage,
  type ReadOptions,
  type StoredMessage,
} from './ledger.js';
export type {
  Decided,
  DecideView,
  Seal,
  SealedEvent,
  SealPlace,
  SubmitDone,
  SubmitRequest,
  Writer,
  WriterAlarm,
  WriterOptions,
} from './writer/types.js';
