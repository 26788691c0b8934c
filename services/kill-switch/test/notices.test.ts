// Notices: in the order of the ledger, a halt's a little later, a release's at once, and none behind a lease that knows of it.

import { generateKeyPair } from '@writ/crypto';
import type { LedgerEvent } from '@writ/ledger';
import type { Plane } from '@writ/runtime';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createNotices, NOTICE_PAUSE_MS, type Notices } from '../src/notices.js';
import { ENV } from './bench.js';

let told: number[];
let notices: Notices;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  told = [];
  const publish = (_: string, bytes: Uint8Array): void => {
    told.push(JSON.parse(Buffer.from(bytes).toString()).signed.data.position);
  };
  notices = createNotices({
    bus: { publish },
    key: generateKeyPair(),
    timestamp: () => new Date().toISOString(),
  } as unknown as Plane);
});
afterEach(() => void vi.useRealTimers());

const event = (seq: number, what: 'halt-engaged' | 'halt-released' | 'receipt-issued'): LedgerEvent =>
  ({
    seq,
    scope: ENV,
    document: { type: `writ.authority.${what}.v1` },
    bytes: Buffer.from('{"kid":"k","sig":"s","signed":{}}'),
  }) as unknown as LedgerEvent;

it('of a halt comes after the pause, of nothing else at all', async () => {
  notices.take(event(1, 'halt-engaged'));
  notices.take(event(2, 'receipt-issued'));
  await vi.advanceTimersByTimeAsync(NOTICE_PAUSE_MS - 1);
  expect(told).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(told).toEqual([1]);
});

it('of a release comes at once, behind the halts before it', async () => {
  notices.take(event(1, 'halt-engaged'));
  notices.take(event(2, 'halt-engaged'));
  notices.take(event(3, 'halt-released'));
  await vi.advanceTimersByTimeAsync(0);
  expect(told).toEqual([1, 2, 3]);
  await vi.advanceTimersByTimeAsync(2 * NOTICE_PAUSE_MS);
  expect(told).toEqual([1, 2, 3]);
});

it('that waits comes before a lease', async () => {
  notices.take(event(1, 'halt-engaged'));
  notices.flush();
  await vi.advanceTimersByTimeAsync(0);
  expect(told).toEqual([1]);
});
