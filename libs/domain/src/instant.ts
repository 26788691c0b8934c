// Arithmetic on wire timestamps (RFC 3339 UTC, milliseconds). Pure: it never reads a clock; `now` always comes in.
import type { Timestamp } from '@writ/contracts';

/** Milliseconds since the epoch. */
export const msOf = (at: Timestamp): number => Date.parse(at);

/** The wire form of milliseconds since the epoch. */
export const timestampOf = (ms: number): Timestamp => new Date(ms).toISOString();

/** `at` moved by milliseconds. */
export const plusMs = (at: Timestamp, ms: number): Timestamp => timestampOf(msOf(at) + ms);

/** `at` moved by seconds. */
export const plusSeconds = (at: Timestamp, seconds: number): Timestamp => plusMs(at, seconds * 1000);

/** The earliest of the given times; what is not given does not count. Wire timestamps order as text. */
export const earliest = (first: Timestamp, ...rest: readonly (Timestamp | undefined)[]): Timestamp =>
  rest.reduce<Timestamp>((least, at) => (at !== undefined && at < least ? at : least), first);
