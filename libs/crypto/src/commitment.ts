// Objects whose members stand as salted digests: commit, reveal, apply obligations. Undisclosed members stay as they are.
import { hash } from 'node:crypto';
import type { Committed, Digest, Disclosure, JsonValue } from '@writ/contracts';
import { canonicalize } from './canonical.js';
import { sha256 } from './digest.js';
import {
  DisclosureError,
  disclose,
  disclosureDigest,
  type ReadDisclosure,
  readDisclosure,
  saltOf,
} from './disclosure.js';
import { type FrameFailure, refuseFrame } from './frame.js';

type Members = Readonly<Record<string, JsonValue>>;
type Read = Extract<ReadDisclosure, { ok: true }>;

/** A commitment and the disclosures that open it, one per member. */
export type CommittedObject = { readonly committed: Committed; readonly disclosures: readonly Disclosure[] };

/** The members disclosed, or WRIT-FRM-013. */
export type Revealed = { readonly ok: true; readonly values: Members } | FrameFailure;

/** The commitment to no members. */
export const nothingCommitted: Committed = { _sd: [] };

const committedOf = (digests: Iterable<Digest>): Committed => ({ _sd: [...digests].sort() });

/**
 * Commits to each member of an object with a fresh salt. `_sd` is sorted, so that it tells nothing about the order; the
 * disclosures are in the order of the members. Throws like `disclose`.
 */
export const commit = (object: Members): CommittedObject => {
  const made = Object.entries(object).map(([name, value]) => disclose(name, value));
  return { committed: committedOf(made.map((d) => d.digest)), disclosures: made.map((d) => d.disclosure) };
};

/** The digest of a commitment: SHA-256 of its canonical JSON. Argument digests are this. */
export const committedDigest = (committed: Committed): Digest => sha256(canonicalize({ _sd: committed._sd }));

const refuse = (reason: string): FrameFailure => refuseFrame('WRIT-FRM-013', reason);

/**
 * The members that the disclosures open; members without a disclosure stay hidden. Refuses (WRIT-FRM-013) a disclosure that is
 * malformed, opens nothing in `_sd`, comes twice, or gives a name a second value. Total: never throws.
 */
export const reveal = (committed: Committed, disclosures: readonly string[]): Revealed => {
  const open = new Set(committed._sd);
  const members = new Map<string, JsonValue>();
  for (const disclosure of disclosures) {
    if (!open.delete(disclosureDigest(disclosure)))
      return refuse('a disclosure opens nothing here, or comes twice');
    const read = readDisclosure(disclosure);
    if (!read.ok) return read;
    if (members.has(read.name)) return refuse('a name has two values');
    members.set(read.name, read.value);
  }
  return { ok: true, values: Object.fromEntries(members) };
};

const OBLIGE = 'writ-oblige';

const derivedSalt = (from: string): string => saltOf(hash('sha256', `${OBLIGE}${from}`, 'buffer'));

const sameValue = (a: JsonValue, b: JsonValue): boolean => canonicalize(a) === canonicalize(b);

/** The disclosure of a member after the obligations: the same, one derived from it, or none when it was dropped. */
const obligeOne = (disclosure: Disclosure, obliged: Members): Disclosure | undefined => {
  const { name, value, salt } = readDisclosure(disclosure) as Read;
  const next = Object.hasOwn(obliged, name) ? obliged[name] : undefined;
  if (next === undefined) return undefined;
  return sameValue(value, next) ? disclosure : disclose(name, next, derivedSalt(salt)).disclosure;
};

const addedTo = (before: Members, committed: Committed, obliged: Members): Disclosure[] =>
  Object.keys(obliged)
    .filter((name) => !Object.hasOwn(before, name))
    .sort()
    .map((name) => {
      const salt = derivedSalt(`new:${name}:${committedDigest(committed)}`);
      return disclose(name, obliged[name] as JsonValue, salt).disclosure;
    });

/**
 * The commitment to the arguments after obligations. A changed member gets a disclosure whose salt is the first 16 bytes of
 * SHA-256('writ-oblige' || old salt), a dropped one loses its digest, one that was not there before is salted from
 * 'new:' || name || ':' || digest of the commitment in place of the old salt; unchanged and undisclosed members keep theirs. Pure: both sides come to the same result.
 * Throws DisclosureError unless `reveal` accepts these disclosures.
 */
export const obligeCommitted = (
  committed: Committed,
  disclosures: readonly string[],
  obliged: Members,
): CommittedObject => {
  const before = reveal(committed, disclosures);
  if (!before.ok) throw new DisclosureError(before.reason);
  const opened = new Set(disclosures.map(disclosureDigest));
  const hidden = committed._sd.filter((digest) => !opened.has(digest));
  const kept = disclosures.map((d) => obligeOne(d, obliged)).filter((d) => d !== undefined);
  const after = [...kept, ...addedTo(before.values, committed, obliged)];
  return { committed: committedOf([...hidden, ...after.map(disclosureDigest)]), disclosures: after };
};
