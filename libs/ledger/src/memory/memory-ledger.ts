// The ledger in memory: the same outcomes as JetStream, with faults on demand. For tests and models; keeps nothing.
import type { LedgerSeq } from '@writ/contracts';
import {
  type AppendOutcome,
  type AppendRequest,
  type Ledger,
  MAX_APPEND,
  type ReadOptions,
  type StoredMessage,
} from '../ledger.js';
import { subjectMatches } from '../subject-match.js';

/** What befalls one attempt. `lose-request`: never arrives; `lose-ack`: is stored, the answer is lost; or another outcome. */
export type AppendFault = 'none' | 'lose-request' | 'lose-ack' | AppendOutcome;

export type MemoryLedgerOptions = {
  /** Decides the fate of each attempt; none when absent. */
  readonly fault?: (request: AppendRequest) => AppendFault;
  /** The time that messages are stored under; wall clock when absent. */
  readonly now?: () => string;
};

type State = {
  readonly messages: StoredMessage[];
  readonly last: Map<string, LedgerSeq>;
  readonly wakers: Set<() => void>;
};

const store = (state: State, request: AppendRequest, now: () => string): AppendOutcome => {
  const last = state.last.get(request.subject) ?? 0;
  if (request.expected !== 'any' && request.expected !== last) return { kind: 'conflict', retryAfterMs: 0 };
  const seqs = request.messages.map(({ bytes }) => {
    const seq = state.messages.length + 1;
    state.messages.push({ seq, subject: request.subject, time: now(), bytes });
    return seq;
  });
  state.last.set(request.subject, seqs.at(-1) ?? last);
  for (const wake of [...state.wakers]) wake();
  return { kind: 'stored', seqs };
};

const attempt = (state: State, options: MemoryLedgerOptions, request: AppendRequest): AppendOutcome => {
  const count = request.messages.length;
  if (count < 1 || count > MAX_APPEND) {
    return { kind: 'refused', code: 'WRIT-LED-010', reason: `${count} messages in one append` };
  }
  const fault = options.fault?.(request) ?? 'none';
  if (typeof fault === 'object') return fault;
  if (fault === 'lose-request') return { kind: 'ambiguous' };
  const outcome = store(state, request, options.now ?? (() => new Date().toISOString()));
  return fault === 'lose-ack' ? { kind: 'ambiguous' } : outcome;
};

const nextMessage = (state: State, signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve) => {
    const wake = (): void => {
      state.wakers.delete(wake);
      signal?.removeEventListener('abort', wake);
      resolve();
    };
    state.wakers.add(wake);
    signal?.addEventListener('abort', wake);
  });

async function* follow(state: State, from: LedgerSeq, options: ReadOptions): AsyncIterable<StoredMessage> {
  let next = Math.max(1, from);
  while (options.signal?.aborted !== true) {
    const message = state.messages[next - 1];
    if (message === undefined) {
      await nextMessage(state, options.signal);
      continue;
    }
    next += 1;
    if (options.subjects?.some((pattern) => subjectMatches(pattern, message.subject)) ?? true) yield message;
  }
}

async function* loadSubject(state: State, subject: string, after: LedgerSeq): AsyncIterable<StoredMessage> {
  for (let seq = Math.max(0, after); seq < state.messages.length; seq += 1) {
    const message = state.messages[seq];
    if (message !== undefined && subjectMatches(subject, message.subject)) yield message;
  }
}

/** A ledger in memory with the contract of the port. Appends take effect in the order of their calls. */
export const createMemoryLedger = (options: MemoryLedgerOptions = {}): Ledger => {
  const state: State = { messages: [], last: new Map(), wakers: new Set() };
  return {
    append: async (request) => attempt(state, options, request),
    lastOf: async (subject) => state.last.get(subject) ?? 0,
    load: (subject, after) => loadSubject(state, subject, after),
    read: (from, readOptions = {}) => follow(state, from, readOptions),
    end: async () => state.messages.length,
    close: async () => undefined,
  };
};
