// Every single-byte change of a frame is refused: exhaustively for a small frame, with chosen bytes for one of real size.
import { generateKeyPair, type Opened, openFrame, signFrame } from '@writ/crypto';
import { describe, expect, it } from 'vitest';

const TYPE = 'application/vnd.writ.event+json';
const key = generateKeyPair();
const small = signFrame(TYPE, { kid: key.kid, n: 1 }, key);
const event = signFrame(
  TYPE,
  {
    specversion: '1.0',
    id: '019a0000-0000-7000-8000-000000000000.decision.1',
    type: 'writ.decision.permitted.v1',
    subject: 'gov.ledger.decision.acme.shop.prod',
    kid: key.kid,
    ver: 12,
    prev: key.kid,
    data: {
      rule: 'reads',
      codes: ['permitted', 'caf\u00e9 \u{1f600}'],
      inputs: { halted: false, counters: { writes: 3 } },
    },
  },
  key,
);

/** Whatever the kid says, the signer's key is found: only the frame itself can refuse. */
const open = (bytes: Uint8Array): Opened => openFrame(bytes, TYPE, () => key);

const survivors = (frame: Uint8Array, values: (original: number) => Iterable<number>): string[] => {
  const accepted: string[] = [];
  const changed = Uint8Array.from(frame);
  for (const [at, original] of frame.entries()) {
    for (const value of values(original)) {
      if (value === original) continue;
      changed[at] = value;
      if (open(changed).ok) accepted.push(`byte ${at}: ${value} for ${original}`);
    }
    changed[at] = original;
  }
  return accepted;
};

const ALL = Array.from({ length: 256 }, (_, value) => value);
const LOOK_ALIKES = [...Buffer.from('-_+/=.,0OIl1"\\{}[]: \n\0'), 0x7f, 0x80, 0xc0, 0xff];
const bitFlips = (original: number): number[] => [0, 1, 2, 3, 4, 5, 6, 7].map((bit) => original ^ (1 << bit));

describe('a changed frame', () => {
  it('is accepted unchanged, so that the refusals below mean something', () => {
    expect(open(small).ok).toBe(true);
    expect(open(event).ok).toBe(true);
  });

  it('is refused at every position with every one of the 255 other values', () => {
    expect(survivors(small, () => ALL)).toEqual([]);
  }, 60_000);

  it('is refused at every position of an event with every bit flipped and every look-alike', () => {
    expect(survivors(event, (original) => [...bitFlips(original), ...LOOK_ALIKES])).toEqual([]);
  }, 60_000);

  it('is refused with one byte removed, doubled or inserted anywhere, cut off anywhere, or with anything behind', () => {
    const accepted: number[] = [];
    for (let at = 0; at <= small.length; at++) {
      const [head, tail] = [small.subarray(0, at), small.subarray(at)];
      const variants = [
        head,
        Buffer.concat([head, Buffer.from(' '), tail]),
        Buffer.concat([head, tail.subarray(0, 1), tail]),
      ];
      if (at < small.length) variants.push(Buffer.concat([head, tail.subarray(1)]));
      accepted.push(...variants.filter((v) => !Buffer.from(v).equals(small) && open(v).ok).map(() => at));
    }
    expect(accepted).toEqual([]);
    for (const behind of ['\n', ' ', '}', '\0', small]) {
      expect(open(Buffer.concat([small, Buffer.from(behind as string)])).ok).toBe(false);
    }
  });

  it('is refused in each of the 15 other spellings of the last character of the signature and the 3 of the kid', () => {
    const text = Buffer.from(small).toString();
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const bytesOf = (part: string) => Buffer.from(part, 'base64url').toString('hex');
    for (const [from, to, same] of [
      [8, 51, 3],
      [60, 146, 15],
    ] as const) {
      const part = text.slice(from, to);
      const others = [...alphabet]
        .map((c) => part.slice(0, -1) + c)
        .filter((s) => s !== part && bytesOf(s) === bytesOf(part));
      expect(others).toHaveLength(same);
      for (const other of others) {
        expect(open(Buffer.from(text.slice(0, from) + other + text.slice(to)))).toMatchObject({
          code: 'WRIT-FRM-001',
        });
      }
    }
  });
});
