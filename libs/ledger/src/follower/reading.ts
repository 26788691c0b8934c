// The two loops of the follower: one reads and has frames verified ahead, the other folds strictly in order.
import type { Family } from '@writ/contracts';
import { readLedgerSubject } from '@writ/domain';
import type { StoredMessage } from '../ledger.js';
import { type FoldState, foldJunk, foldMessage } from './fold-state.js';
import type { Freshness } from './freshness.js';
import { createHandOver } from './hand-over.js';
import type { Opened, Opener } from './opener.js';
import { typeAtTail } from './type-at-tail.js';
import type { FollowerOptions } from './types.js';
import type { Waiters } from './waiters.js';

type Prepared = {
  readonly message: StoredMessage;
  /** Absent for families that are not wanted. */
  readonly opened?: Promise<Opened> | Opened | 'unknown-key' | 'no-subject';
};

export type Parts = {
  readonly options: FollowerOptions;
  readonly state: FoldState;
  readonly opener: Opener;
  readonly waiters: Waiters;
  readonly freshness: Freshness;
};

const passedOver = ({ options }: Parts, family: Family, bytes: Uint8Array): boolean => {
  if (options.onlyTypes === undefined || family === 'registry') return false;
  const type = typeAtTail(bytes);
  return type !== undefined && !options.onlyTypes(family, type);
};

const prepare = (parts: Parts, message: StoredMessage): Prepared => {
  const at = readLedgerSubject(message.subject);
  if (at === undefined) return { message, opened: 'no-subject' };
  const wanted = at.family === 'registry' || (parts.options.wants?.(at.family) ?? true);
  if (!wanted || passedOver(parts, at.family, message.bytes)) return { message };
  const opened = parts.opener.open(message.bytes);
  if (opened instanceof Promise) opened.catch(() => undefined);
  return { message, opened };
};

const UNKNOWN_KEY: Opened = { ok: false, code: 'WRIT-FRM-005', reason: 'the key is not known' };

const settleOpened = async (parts: Parts, prepared: Prepared): Promise<Opened> => {
  const { opened, message } = prepared;
  if (opened !== 'unknown-key') return opened as Promise<Opened> | Opened;
  const again = parts.opener.open(message.bytes);
  return again === 'unknown-key' ? UNKNOWN_KEY : again;
};

const foldPrepared = async (parts: Parts, prepared: Prepared): Promise<void> => {
  const { state } = parts;
  const { message, opened } = prepared;
  if (opened === undefined) state.position = message.seq;
  else if (opened === 'no-subject')
    foldJunk(state, message, 'WRIT-ADM-001', 'the subject is not one of the ledger');
  else foldMessage(state, message, await settleOpened(parts, prepared));
  parts.freshness.advance(state.position);
  parts.waiters.advance(state.position);
};

/** Reads and folds until the signal aborts; rejects with what a fold threw or the read could not mend. */
export const runReader = async (parts: Parts, signal: AbortSignal): Promise<void> => {
  const handOver = createHandOver<Prepared>(parts.options.window ?? 64);
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  both.addEventListener('abort', handOver.end);
  const read = async (): Promise<void> => {
    for await (const message of parts.options.ledger.read(parts.state.position + 1, { signal: both })) {
      await handOver.put(prepare(parts, message));
      if (both.aborted) return;
    }
  };
  const fold = async (): Promise<void> => {
    for (;;) {
      const prepared = await handOver.take();
      if (prepared === undefined || signal.aborted) return;
      await foldPrepared(parts, prepared);
    }
  };
  await Promise.all([read().finally(handOver.end), fold().finally(() => stop.abort())]);
};
