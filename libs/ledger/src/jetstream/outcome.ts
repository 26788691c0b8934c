// The outcome table of ARCHITECTURE §6: what a publish acknowledgement, an error or silence means.
import type { Msg } from '@nats-io/transport-node';
import type { AppendOutcome } from '../ledger.js';
import type { ApiError } from './api.js';

type PubAck = {
  readonly stream?: string;
  readonly seq?: number;
  readonly duplicate?: boolean;
  readonly batch?: string;
  readonly count?: number;
  readonly error?: ApiError;
};

/** What an attempt was, to be held against its acknowledgement. */
export type Attempt = { readonly stream: string; readonly count: number; readonly batch?: string };

const refused = (reason: string): AppendOutcome => ({ kind: 'refused', code: 'WRIT-LED-003', reason });

/** R3 with something in flight (10164) asks for a short wait; the jitter keeps two writers from meeting again. */
const inFlightPause = (): number => 2 + Math.random() * 3;

const ofError = (error: ApiError): AppendOutcome => {
  const reason = `${error.err_code ?? error.code ?? 0}: ${error.description ?? 'no description'}`;
  switch (error.err_code) {
    case 10071:
      return { kind: 'conflict', retryAfterMs: 0 };
    case 10164:
      return { kind: 'conflict', retryAfterMs: inFlightPause() };
    case 10176:
      return { kind: 'again' };
    case 10077:
    case 10047:
    case 10023:
      return { kind: 'refused', code: 'WRIT-LED-001', reason };
    default:
      return error.code === 503 ? { kind: 'ambiguous' } : refused(reason);
  }
};

const ofAck = (ack: PubAck, attempt: Attempt): AppendOutcome => {
  if (ack.stream !== attempt.stream || ack.seq === undefined)
    return refused('acknowledged by another stream');
  if (ack.duplicate === true) return refused('taken for a duplicate: the stream deduplicates by id');
  if (attempt.batch !== undefined && (ack.batch !== attempt.batch || ack.count !== attempt.count)) {
    return { kind: 'ambiguous' };
  }
  const first = ack.seq - attempt.count + 1;
  return { kind: 'stored', seqs: Array.from({ length: attempt.count }, (_, index) => first + index) };
};

const parseAck = (answer: Msg): PubAck | undefined => {
  try {
    const value: unknown = answer.json();
    return typeof value === 'object' && value !== null ? (value as PubAck) : undefined;
  } catch {
    return undefined;
  }
};

/** Reads an answer; `undefined` (silence), 503 and anything unreadable are ambiguous. */
export const readOutcome = (answer: Msg | undefined, attempt: Attempt): AppendOutcome => {
  if (answer === undefined || (answer.headers?.code ?? 0) >= 400) return { kind: 'ambiguous' };
  const ack = parseAck(answer);
  if (ack === undefined) return { kind: 'ambiguous' };
  return ack.error === undefined ? ofAck(ack, attempt) : ofError(ack.error);
};
