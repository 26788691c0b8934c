import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fromBase64url, toBase64url } from './base64url.js';
import { digestOf, link, sha256, ZERO_DIGEST } from './digest.js';
import { joinFrames, joinMessage, splitFrames, splitMessage } from './message.js';
import { pae } from './pae.js';

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

describe('base64url', () => {
  it('accepts one spelling of the last character out of 16 for 64 bytes and out of 4 for 32', () => {
    for (const [length, accepted] of [
      [64, 4],
      [32, 16],
    ] as const) {
      const text = toBase64url(new Uint8Array(length).fill(0xa5)).slice(0, -1);
      expect([...ALPHABET].filter((c) => fromBase64url(text + c) !== undefined)).toHaveLength(accepted);
    }
  });

  it('refuses the other alphabet, padding, white space and foreign characters', () => {
    expect(fromBase64url('-_8A')).toEqual(Buffer.from([0xfb, 0xff, 0x00]));
    for (const text of ['+/8A', '-_8=', '-_8A=', ' -_8A', '-_8A\n', '-_.A', '-_8A-', 'é']) {
      expect(fromBase64url(text), text).toBeUndefined();
    }
  });
});

describe('digests', () => {
  it('is the DSSE encoding of the specification', () => {
    expect(Buffer.from(pae('http://example.com/HelloWorld', bytes('hello world'))).toString()).toBe(
      'DSSEv1 29 http://example.com/HelloWorld 11 hello world',
    );
    expect(Buffer.from(pae('é', Buffer.from('é'))).toString()).toBe('DSSEv1 2 é 2 é');
    expect(Buffer.from(pae('', bytes(''))).toString()).toBe('DSSEv1 0  0 ');
  });

  it('is SHA-256 in base64url, of a document over its DSSE encoding', () => {
    const of = (text: string) => createHash('sha256').update(text).digest('base64url');
    expect(sha256('abc')).toBe(of('abc'));
    expect(sha256(bytes('abc'))).toBe(of('abc'));
    expect(digestOf('t', bytes('{}'))).toBe(of('DSSEv1 1 t 2 {}'));
    expect(digestOf('t', bytes('{}'))).not.toBe(digestOf('u', bytes('{}')));
  });

  it('links raw values: h(n) = SHA-256(h(n-1) || digest(n)), from 32 zero bytes', () => {
    expect(fromBase64url(ZERO_DIGEST)).toEqual(Buffer.alloc(32));
    const digest = sha256('event');
    const raw = Buffer.concat([Buffer.alloc(32), Buffer.from(digest, 'base64url')]);
    expect(link(ZERO_DIGEST, digest)).toBe(createHash('sha256').update(raw).digest('base64url'));
    expect(() => link('A', digest)).toThrow(TypeError);
    expect(() => link(ZERO_DIGEST, `${digest.slice(0, -1)}B`)).toThrow(TypeError);
  });
});

describe('messages', () => {
  const frame = bytes('{"kid":1}');

  it('joins and splits a frame and its disclosures', () => {
    expect(splitMessage(joinMessage(frame, ['aa', 'bb']))).toEqual({ frame, rest: ['aa', 'bb'] });
    expect(joinMessage(frame, [])).toBe(frame);
    expect(splitMessage(frame)).toEqual({ frame, rest: [] });
  });

  it('joins and splits the frames of a reply', () => {
    const frames = [frame, bytes('{}'), bytes('[]')];
    expect(splitFrames(joinFrames(frames))).toEqual(frames);
    expect(splitFrames(bytes(''))).toEqual([bytes('')]);
  });

  it('keeps odd lines as they are, so that they fail as disclosures', () => {
    expect(splitMessage(bytes('f\n\na\xff\n')).rest).toEqual(['', 'a\xff', '']);
  });

  it('takes at most 1,024 lines apart and drops nothing of a flood', () => {
    const { rest } = splitMessage(bytes('\n'.repeat(5000)));
    expect(rest).toHaveLength(1023);
    expect(rest.at(-1)).toBe('\n'.repeat(5000 - 1023));
  });
});
