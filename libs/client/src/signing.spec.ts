// With which key a client signs when: off, on, renewed, over, and when the identity key does not answer.
import { generateKeyPair, openSessionKey, SignerError, signBytes } from '@writ/crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Credentials } from './credentials.js';
import { createSigning, type SessionOption } from './signing.js';

const identity = generateKeyPair();
const scope = 'acme.shop.prod.refunder';
const START = Date.parse('2026-03-01T10:00:00.000Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

beforeEach(() => void vi.useFakeTimers({ now: START }));
afterEach(() => void vi.useRealTimers());

const signingWith = (session: SessionOption | undefined, key: Credentials['key'] = identity) => {
  const closing = new AbortController();
  const events: string[] = [];
  const credentials = { scope, role: 'agent', key } as unknown as Credentials;
  const signing = createSigning(credentials, {
    session,
    clock: { now: () => ({ mono: Date.now() - START, wall: Date.now() }) } as never,
    log: ({ event }) => void events.push(event),
    closed: closing.signal,
  });
  return { signing, events, close: () => closing.abort() };
};

const vouched = (certificate: Uint8Array | undefined) => {
  const opened = certificate && openSessionKey(certificate, () => identity);
  if (opened?.ok !== true) throw new Error('no certificate that holds');
  return opened.vouched;
};

describe('signing', () => {
  it('is with the identity key itself unless session keys are asked for', async () => {
    for (const off of [undefined, false])
      expect(await signingWith(off).signing(START)).toEqual({ key: identity });
  });

  it('is with one session key for an hour, that begins a minute before', async () => {
    const { signing, events } = signingWith(true);
    const [one, two] = await Promise.all([signing(START), signing(START + HOUR - 1)]);
    expect(two).toBe(one);
    expect(one.key).not.toBe(identity);
    expect(vouched(one.certificate)).toMatchObject({
      ...{ agent: scope, role: 'agent', key: { kid: one.key.kid } },
      ...{ notBefore: '2026-03-01T09:59:00.000Z', notAfter: '2026-03-01T11:00:00.000Z' },
    });
    expect(events).toEqual(['session-key-certified']);
  });

  it('is with a new one at once when the time is outside, and before its end without being asked', async () => {
    const { signing, events } = signingWith({ ttlSeconds: 3600 });
    const first = await signing(START);
    expect(await signing(START + HOUR)).not.toBe(first);
    const second = await signing(START - 2 * MINUTE);
    expect(vouched(second.certificate).notAfter).toBe('2026-03-01T10:58:00.000Z');
    await vi.advanceTimersByTimeAsync(41 * MINUTE);
    expect(events).toHaveLength(4);
    const third = await signing(START + 40 * MINUTE);
    expect(third).not.toBe(second);
    expect(vouched(third.certificate).notAfter).toBe('2026-03-01T11:38:00.000Z');
  });

  it('goes on with what it has while the identity key does not answer, and says so when it has nothing', async () => {
    let down = false;
    const { privateKey: _, ...own } = identity;
    const sign = (bytes: Uint8Array) => {
      if (down) throw new SignerError('WRIT-KEY-011', identity.kid);
      return signBytes(identity, bytes);
    };
    const { signing, events, close } = signingWith(true, { ...own, sign });
    const first = await signing(START);
    down = true;
    await vi.advanceTimersByTimeAsync(41 * MINUTE);
    expect(events.at(-1)).toBe('session-key-not-certified');
    expect(await signing(START + 41 * MINUTE)).toBe(first);
    await expect(signing(START + HOUR)).rejects.toThrow(SignerError);
    down = false;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(events.at(-1)).toBe('session-key-certified');
    close();
    const told = events.length;
    await vi.advanceTimersByTimeAsync(2 * HOUR);
    expect(events).toHaveLength(told);
  });

  it('lasts 24 hours at most, with the minute before', () => {
    for (const ttlSeconds of [0, -1, 0.5, 86_341, Number.NaN])
      expect(() => signingWith({ ttlSeconds })).toThrow(/ttlSeconds/);
    expect(() => signingWith({ ttlSeconds: 86_340 })).not.toThrow();
  });
});
