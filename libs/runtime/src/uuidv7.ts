// Owns the making of UUIDv7 ids. It never repeats or goes backwards within one clock.
import { randomBytes } from 'node:crypto';
import { type Clock, systemClock } from './clock.js';

type Last = { ms: number; counter: number };

const MAX_COUNTER = 0xfff;
const lastByClock = new WeakMap<Clock, Last>();

/**
 * A UUIDv7 (RFC 9562 §5.7, method 1): 48 bits of Unix ms, a 12-bit counter, 62 random bits, in lower case.
 * Ids of one clock object sort strictly upwards as text, also within a millisecond and when the wall clock goes back.
 */
export function uuidv7(clock: Clock = systemClock): string {
  const next = advance(lastByClock.get(clock), Math.max(0, Math.floor(clock.now())));
  lastByClock.set(clock, next);
  return format(next, randomBytes(8));
}

function advance(last: Last | undefined, now: number): Last {
  if (last === undefined || now > last.ms) return { ms: now, counter: freshCounter() };
  if (last.counter < MAX_COUNTER) return { ms: last.ms, counter: last.counter + 1 };
  return { ms: last.ms + 1, counter: freshCounter() };
}

// The upper bit stays 0, so that at least 2,048 ids fit into every millisecond.
function freshCounter(): number {
  return randomBytes(2).readUInt16BE() & 0x7ff;
}

function format({ ms, counter }: Last, random: Buffer): string {
  const time = ms.toString(16).padStart(12, '0');
  random[0] = (random[0]! & 0x3f) | 0x80;
  const tail = random.toString('hex');
  const third = `7${counter.toString(16).padStart(3, '0')}`;
  return `${time.slice(0, 8)}-${time.slice(8)}-${third}-${tail.slice(0, 4)}-${tail.slice(4)}`;
}
