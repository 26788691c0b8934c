import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { canonicalize } from './canonical.js';
import { commit, committedDigest, nothingCommitted, obligeCommitted, reveal } from './commitment.js';
import { sha256 } from './digest.js';
import { DisclosureError, disclose, disclosureDigest, readDisclosure } from './disclosure.js';

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const SALT = 'AAECAwQFBgcICQoLDA0ODw';

describe('disclosures', () => {
  // The worked example of RFC 9901 §4.2.1 and §4.2.3.
  const EXAMPLE = 'WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0';

  it('reads and digests the example of RFC 9901', () => {
    expect(readDisclosure(EXAMPLE)).toEqual({
      ok: true,
      salt: '_26bc4LT-ac6q2KI6cBW5es',
      name: 'family_name',
      value: 'Möbius',
    });
    expect(disclosureDigest(EXAMPLE)).toBe('X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0');
  });

  it('are salted with 16 fresh bytes, so that equal values do not look equal', () => {
    const [a, b] = [disclose('n', 1), disclose('n', 1)];
    const read = readDisclosure(a.disclosure);
    expect(a.digest).not.toBe(b.digest);
    expect(read.ok && Buffer.from(read.salt, 'base64url')).toHaveLength(16);
    expect(a.digest).toBe(sha256(a.disclosure));
  });

  it.each([
    ['not base64url', '***'],
    ['another spelling', `${EXAMPLE.slice(0, -1)}1`],
    ['empty', ''],
    ['an object', encode({ salt: SALT })],
    ['two members', encode([SALT, 'n'])],
    ['four members', encode([SALT, 'n', 1, 2])],
    ['a short salt', encode(['AAECAw', 'n', 1])],
    ['a salt that is no base64url', encode(['this is not base64url!!', 'n', 1])],
    ['a salt that is no string', encode([1, 'n', 1])],
    ['a name that is no string', encode([SALT, 1, 1])],
    ['the name _sd', encode([SALT, '_sd', []])],
    ['the name ...', encode([SALT, '...', 'x'])],
    ['a fraction', encode([SALT, 'n', 0.5])],
    ['a duplicate name inside', Buffer.from(`["${SALT}","n",{"a":1,"a":2}]`).toString('base64url')],
    ['not JSON', Buffer.from('[').toString('base64url')],
  ])('are refused when %s', (_, text) => {
    expect(readDisclosure(text)).toMatchObject({ ok: false, code: 'WRIT-FRM-013' });
  });

  it('hold a preserved state of 256 KiB, and not more than that', () => {
    expect(readDisclosure(disclose('state', 'x'.repeat(256 * 1024)).disclosure).ok).toBe(true);
    expect(readDisclosure(disclose('state', 'x'.repeat(258 * 1024)).disclosure).ok).toBe(false);
  });

  it('are never made for a reserved name', () => {
    expect(() => disclose('_sd', 1)).toThrow(DisclosureError);
    expect(() => commit({ '...': 1 })).toThrow(DisclosureError);
  });
});

describe('commitments', () => {
  const args = { table: 'orders', limit: 100, where: { id: [1, 2] } };
  const { committed, disclosures } = commit(args);

  it('hold sorted digests and nothing else; the disclosures open them', () => {
    expect(committed._sd).toEqual([...disclosures.map(disclosureDigest)].sort());
    expect(JSON.stringify(committed)).not.toContain('orders');
    expect(reveal(committed, disclosures)).toEqual({ ok: true, values: args });
    expect(reveal(committed, disclosures.slice(1))).toEqual({
      ok: true,
      values: { limit: 100, where: { id: [1, 2] } },
    });
    expect(reveal(nothingCommitted, [])).toEqual({ ok: true, values: {} });
  });

  it('are not opened by a foreign, repeated or malformed disclosure, nor twice under one name', () => {
    const [first] = disclosures as [string];
    const foreign = disclose('table', 'orders').disclosure;
    const twice = [disclose('n', 1), disclose('n', 2)];
    const malformed = encode(['x']);
    for (const [sd, given] of [
      [committed._sd, [foreign]],
      [committed._sd, [first, first]],
      [twice.map((d) => d.digest), twice.map((d) => d.disclosure)],
      [[disclosureDigest(malformed)], [malformed]],
    ] as const) {
      expect(reveal({ _sd: [...sd] }, given)).toMatchObject({ ok: false, code: 'WRIT-FRM-013' });
    }
  });

  it('have the digest of their canonical JSON', () => {
    expect(committedDigest(committed)).toBe(sha256(canonicalize(committed)));
    expect(committedDigest(nothingCommitted)).toBe(sha256('{"_sd":[]}'));
  });
});

describe('obligations on commitments', () => {
  const args = { table: 'orders', limit: 100, note: 'x' };
  const { committed, disclosures } = commit(args);
  const obliged = { table: 'orders', limit: 10, dry_run: true };

  it('replace the changed, remove the dropped, add the new, and keep the rest', () => {
    const after = obligeCommitted(committed, disclosures, obliged);
    expect(reveal(after.committed, after.disclosures)).toEqual({ ok: true, values: obliged });
    expect(after.disclosures).toContain(disclosures[0]);
    expect(after.committed._sd).toEqual([...after.committed._sd].sort());
  });

  it('take the new salt from the old one: first 16 bytes of SHA-256 of "writ-oblige" and the old salt', () => {
    const old = readDisclosure(disclosures[1] as string);
    const after = obligeCommitted(committed, disclosures, obliged).disclosures.map((d) => readDisclosure(d));
    const changed = after.find((d) => d.ok && d.name === 'limit');
    const hashed = createHash('sha256')
      .update(`writ-oblige${old.ok ? old.salt : ''}`)
      .digest();
    expect(changed?.ok && changed.salt).toBe(hashed.subarray(0, 16).toString('base64url'));
  });

  it('come to the same result whoever applies them and in whatever order the disclosures arrive', () => {
    const one = obligeCommitted(committed, disclosures, obliged);
    const other = obligeCommitted(committed, [...disclosures].reverse(), {
      dry_run: true,
      limit: 10,
      table: 'orders',
    });
    expect(other.committed).toEqual(one.committed);
    expect(committedDigest(one.committed)).not.toBe(committedDigest(committed));
  });

  it('change nothing when the arguments are as they were', () => {
    expect(obligeCommitted(committed, disclosures, args)).toEqual({ committed, disclosures });
  });

  it('leave what was not disclosed in place', () => {
    const [hidden, ...rest] = disclosures as [string, ...string[]];
    const after = obligeCommitted(committed, rest, { limit: 10 });
    expect(after.committed._sd).toContain(disclosureDigest(hidden));
    expect(after.committed._sd).toHaveLength(2);
  });

  it('refuse disclosures that do not belong to the commitment', () => {
    expect(() => obligeCommitted(committed, [disclose('a', 1).disclosure], {})).toThrow(DisclosureError);
  });
});
