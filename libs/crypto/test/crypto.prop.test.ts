// Properties over generated values. fast-check prints the seed of a failure.
import {
  canonicalize,
  commit,
  committedDigest,
  disclose,
  fromBase64url,
  generateKeyPair,
  type JsonValue,
  joinFrames,
  joinMessage,
  obligeCommitted,
  openFrame,
  parseCanonical,
  parseStrict,
  readDisclosure,
  readFrame,
  reveal,
  signFrame,
  splitFrames,
  splitMessage,
  toBase64url,
} from '@writ/crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const LIMITS = { maxBytes: 1 << 20, maxDepth: 64 };
const key = generateKeyPair();
const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('__proto__', 'toJSON', '9', '10', ''),
);
const number = fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.constantFrom(0, 2 ** 53 - 1, -(2 ** 53 - 1)));

const members = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<Record<string, T>> =>
  fc
    .uniqueArray(fc.tuple(text, value), { selector: ([name]) => name, maxLength: 6 })
    .map((pairs) => Object.fromEntries(pairs));

const { json } = fc.letrec<{ json: JsonValue }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 5, depthSize: 'small' },
    fc.oneof(fc.constant(null), fc.boolean(), number, text),
    fc.array(tie('json'), { maxLength: 5 }),
    members(tie('json')),
  ),
}));

/** Any JSON text of the value: members in any order, white space, escapes. */
const spelled = (value: JsonValue, shuffle: (names: string[]) => string[]): string => {
  if (typeof value === 'string') {
    return `"${[...Array(value.length).keys()].map((i) => `\\u${value.charCodeAt(i).toString(16).padStart(4, '0')}`).join('')}"`;
  }
  if (value === null || typeof value !== 'object') return ` ${String(value)}\t`;
  if (Array.isArray(value)) return `[ ${value.map((item) => spelled(item, shuffle)).join(',\n')} ]`;
  const object = value as Readonly<Record<string, JsonValue>>;
  return `{${shuffle(Object.keys(object))
    .map((name) => `${spelled(name, shuffle)} : ${spelled(object[name] as JsonValue, shuffle)}`)
    .join(',')}}\r\n`;
};

const args = fc
  .uniqueArray(fc.tuple(fc.stringMatching(/^[a-z]{1,6}$/), json), {
    selector: ([name]) => name,
    maxLength: 6,
  })
  .map((pairs): Record<string, JsonValue> => Object.fromEntries(pairs));

describe('canonical JSON', () => {
  it('is read back to the same value, and canonicalising again changes nothing', () => {
    fc.assert(
      fc.property(json, (value) => {
        const canonical = canonicalize(value);
        const parsed = parseCanonical(canonical, LIMITS);
        expect(parsed).toEqual({ ok: true, value });
        expect(parsed.ok && canonicalize(parsed.value)).toBe(canonical);
        expect(parseStrict(Buffer.from(canonical), LIMITS)).toEqual(parsed);
      }),
    );
  });

  it('does not depend on member order, white space or escapes', () => {
    fc.assert(
      fc.property(json, fc.boolean(), (value, reverse) => {
        const parsed = parseStrict(
          spelled(value, (names) => (reverse ? names.reverse() : names)),
          LIMITS,
        );
        expect(parsed.ok && canonicalize(parsed.value)).toBe(canonicalize(value));
      }),
    );
  });

  it('is accepted only by readers that agree: what parseCanonical takes, parseStrict takes with the same value', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string(), json.map(canonicalize)), (input) => {
        const canonical = parseCanonical(input, LIMITS);
        if (canonical.ok) expect(parseStrict(input, LIMITS)).toEqual(canonical);
        const strict = parseStrict(input, LIMITS);
        if (strict.ok) expect(JSON.parse(canonicalize(strict.value))).toEqual(strict.value);
      }),
    );
  });

  it('has no reader that throws, whatever the bytes', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 400 }),
          fc.string().map((s) => Buffer.from(s)),
        ),
        (bytes) => {
          for (const read of [
            parseCanonical(bytes),
            parseStrict(bytes),
            readFrame(bytes),
            openFrame(bytes, 't', key),
          ]) {
            expect(typeof read.ok).toBe('boolean');
          }
          const line = Buffer.from(bytes).toString('latin1');
          expect(typeof readDisclosure(line).ok).toBe('boolean');
          expect(typeof reveal({ _sd: [] }, [line]).ok).toBe('boolean');
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('encodings', () => {
  it('round trips bytes through base64url, and has one spelling', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.string({ maxLength: 8 }), (bytes, other) => {
        expect(fromBase64url(toBase64url(bytes))).toEqual(Buffer.from(bytes));
        const decoded = fromBase64url(other);
        if (decoded !== undefined) expect(toBase64url(decoded)).toBe(other);
      }),
    );
  });

  it('round trips frames and disclosures through messages', () => {
    fc.assert(
      fc.property(fc.array(json, { minLength: 1, maxLength: 5 }), (values) => {
        const lines = values.map((value) => Buffer.from(canonicalize(value)));
        expect(splitFrames(joinFrames(lines))).toEqual(lines);
        const disclosures = values.map((value, i) => disclose(`n${i}`, value).disclosure);
        expect(splitMessage(joinMessage(lines[0] as Uint8Array, disclosures))).toEqual({
          frame: lines[0],
          rest: disclosures,
        });
      }),
    );
  });

  it('opens every frame that it signs, and under no other payload type', () => {
    fc.assert(
      fc.property(json, fc.string(), (data, type) => {
        const document = { kid: key.kid, data };
        const frame = signFrame(type, document, key);
        expect(openFrame(frame, type, key)).toMatchObject({ ok: true, document });
        expect(openFrame(frame, `${type}x`, key)).toMatchObject({ ok: false, code: 'WRIT-FRM-003' });
      }),
    );
  });
});

describe('disclosures', () => {
  it('round trip any name and value', () => {
    fc.assert(
      fc.property(text, json, (name, value) => {
        expect(readDisclosure(disclose(name, value).disclosure)).toMatchObject({ ok: true, name, value });
      }),
    );
  });

  it('reveal exactly the members whose disclosures are shown', () => {
    fc.assert(
      fc.property(args, fc.func(fc.boolean()), (object, shown) => {
        const { committed, disclosures } = commit(object);
        const open = disclosures.filter((_, i) => shown(i));
        const names = Object.keys(object).filter((_, i) => shown(i));
        expect(reveal(committed, open)).toEqual({
          ok: true,
          values: Object.fromEntries(names.map((n) => [n, object[n]])),
        });
      }),
    );
  });

  it('give the same obliged commitment on both sides, and it opens to the obliged arguments', () => {
    fc.assert(
      fc.property(args, args, fc.func(fc.boolean()), (before, changes, keep) => {
        const { committed, disclosures } = commit(before);
        const kept = Object.entries(before).filter(([name]) => keep(name));
        const obliged = { ...Object.fromEntries(kept), ...changes };
        const one = obligeCommitted(committed, disclosures, obliged);
        const other = obligeCommitted(committed, [...disclosures].reverse(), obliged);
        expect(committedDigest(one.committed)).toBe(committedDigest(other.committed));
        expect(reveal(one.committed, one.disclosures)).toEqual({ ok: true, values: obliged });
        expect(one.committed._sd).toHaveLength(Object.keys(obliged).length);
      }),
    );
  });
});
