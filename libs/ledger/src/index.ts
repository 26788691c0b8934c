// The face of @writ/ledger. Everything is listed by name.
export { type MonotonicClock, systemClock } from './clock.js';
export type { LedgerCode } from './codes.js';
export type { EventDraft, JunkMessage, LedgerEvent, LedgerItem, WriteRefusal } from './event.js';
export { createFollower } from './follower/follower.js';
export type { Follower, FollowerOptions, FollowerSnapshot, SubjectTip } from './follower/types.js';
export {
  createJetStreamLedger,
  type JetStreamLedgerOptions,
} from './jetstream/jetstream-ledger.js';
export type { FieldDifference, StreamSizes } from './jetstream/stream-config.js';
export {
  checkServer,
  checkSync,
  ensureStreams,
  MIN_SERVER,
  type StreamsReady,
  type StreamsRefused,
  verifyStreams,
} from './jetstream/streams.js';
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
export { type AppendFault, createMemoryLedger, type MemoryLedgerOptions } from './memory/memory-ledger.js';
export { type RecordFactRequest, recordFact } from './record-fact.js';
export { createSealer, MAX_DOCUMENT_BYTES, type SealRequest, sealEvent, sealFact } from './seal.js';
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
export { createWriter } from './writer/writer.js';
