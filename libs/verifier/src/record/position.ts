// Sequences and server times: every message there, each once, in order, time not running back.
import type { LedgerSeq } from '@writ/contracts';
import type { VerifierCode } from '../codes.js';
import type { StoredMessage } from '../message.js';
import { Tolerances } from '../tolerances.js';

/** Where the last message stood. */
export type Position = { readonly seq: LedgerSeq; readonly ms: number; readonly time: string };

/** Before the first message. */
export const beforeFirst: Position = { seq: 0, ms: Number.NEGATIVE_INFINITY, time: '' };

/** Where the messages begin, or that gaps in them are proved otherwise. */
export type Beginning = 'one' | 'anywhere' | 'gaps';

export type PositionFault = { readonly code: VerifierCode; readonly reason: string };

const sequenceFault = (last: Position, seq: LedgerSeq, from: Beginning): PositionFault | undefined => {
  const first = last.ms === Number.NEGATIVE_INFINITY;
  if (seq <= last.seq && !first) {
    return { code: 'WRIT-VER-102', reason: `sequence ${seq} comes after ${last.seq}` };
  }
  if (seq === last.seq + 1 || from === 'gaps' || (first && from === 'anywhere')) return undefined;
  return { code: 'WRIT-VER-101', reason: `sequence ${seq} where ${last.seq + 1} is next` };
};

const timeFault = (last: Position, time: string, ms: number): PositionFault | undefined => {
  if (Number.isNaN(ms)) return { code: 'WRIT-VER-103', reason: 'the server time cannot be read' };
  return ms < last.ms - Tolerances.backwardsMs
    ? { code: 'WRIT-VER-103', reason: `${time} comes after ${last.time}` }
    : undefined;
};

/** The position after a message, and what is wrong with it. */
export const advance = (
  last: Position,
  { seq, time }: Pick<StoredMessage, 'seq' | 'time'>,
  from: Beginning,
): { readonly position: Position; readonly faults: readonly PositionFault[] } => {
  const ms = Date.parse(time);
  const faults = [sequenceFault(last, seq, from), timeFault(last, time, ms)];
  const later = Number.isNaN(ms) ? last.ms : Math.max(last.ms, ms);
  return { position: { seq, ms: later, time }, faults: faults.filter((f) => f !== undefined) };
};
