// The ledger as a service last knew it: kept in a file, compared when the service starts and while it runs, so that one that was
// truncated, replaced or rolled back is not taken for it. A person may decide to go on with it (ADR 0009). It decides nothing by itself.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { type AdoptedLedger, Digest } from '@writ/contracts';
import {
  appendLeaves,
  EMPTY_RANGE,
  hashText,
  ledgerLeafHash,
  link,
  rootOf,
  toBase64url,
  ZERO_DIGEST,
} from '@writ/crypto';
import type { Follower, Ledger } from '@writ/ledger';
import { z } from 'zod';
import { RuntimeFault } from '../faults.js';
import { replaceFile } from '../install/atomic-file.js';
import {
  type Adoption,
  type AdoptionView,
  judgeAdoption,
  readAdoption,
  recordedAdoption,
} from './ledger-adoption.js';

/** Where the two files stand. */
export type MarkFiles = { readonly mark: string; readonly adoption: string };

const Leaf = z.string().length(44);

/**
 * `leaf`: the hash of the tree's leaf of message `end`; null of an empty ledger. `head`: the running digest of all events up to there
 * that the service opens; `of` says which they are: when a service opens others (an upgrade, a key distrusted backwards), it is not compared. `at`: wall time.
 * `adopted`: the adoption that the service has seen last; it does not count for this service a second time.
 */
const Mark = z.strictObject({
  end: z.int().min(0),
  leaf: Leaf.nullable(),
  of: z.string(),
  head: Digest,
  at: z.iso.datetime(),
  adopted: Digest.nullable(),
});
/** What a service knew of the ledger. */
export type LedgerMarkFile = Readonly<z.infer<typeof Mark>>;

/** `broken`: there is a file and it says nothing; what was known is lost. `at`: when it was last written. */
export type ReadMark = LedgerMarkFile | { readonly broken: true; readonly at: string };

/** The mark in a file; `undefined` without one: the service has not been here before. */
export const readLedgerMark = (file: string): ReadMark | undefined => {
  if (!existsSync(file)) return undefined;
  try {
    return Mark.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return { broken: true, at: statSync(file).mtime.toISOString() };
  }
};

/** The mark of one service. */
export interface LedgerMark {
  /**
   * Once the ledger is folded to its end. Rejects with WRIT-LED-013 when it is another ledger, and nobody has adopted it since. `now`:
   * wall time, RFC 3339.
   */
  check(now: string): Promise<void>;
  /**
   * Writes the mark anew when the ledger has gone on. Rejects with WRIT-LED-006 when it does not hold any more what it held, and with
   * another error when nobody answers: then the mark stays.
   */
  keep(at: string): Promise<void>;
}

type Parts = {
  readonly follower: Follower;
  readonly ledger: Ledger;
  readonly of: () => string;
  readonly files: MarkFiles;
};

const EVERYTHING = 'gov.ledger.>';
/** A leader that has only just taken over may not show the last messages yet; so often in a row they are gone. */
const TRIES = 3;
const TRY_MS = 250;

/** The leaf of the message at `seq` as the leader has it; `undefined` when there is none. Rejects when nobody answers. */
const leafAt = async (ledger: Ledger, seq: number): Promise<string | undefined> => {
  for await (const message of ledger.load(EVERYTHING, seq - 1))
    return message.seq === seq ? hashText(ledgerLeafHash(message)) : undefined;
  return undefined;
};

/** Whether the message is there as it was; `undefined` when nobody answers, which says nothing about the ledger. */
const isStill = async (ledger: Ledger, seq: number, leaf: string): Promise<boolean | undefined> => {
  let answered = false;
  for (let tries = 1; tries <= TRIES; tries += 1) {
    if (tries > 1) await pause(TRY_MS);
    const found = await leafAt(ledger, seq).catch(() => 'nobody answers');
    if (found === leaf) return true;
    answered = found !== 'nobody answers';
  }
  return answered ? false : undefined;
};

/** The root of the tree of the first `end` messages, base64url. */
const rootUpTo = async (ledger: Ledger, end: number): Promise<string> => {
  let range = EMPTY_RANGE;
  const enough = new AbortController();
  if (end > 0)
    for await (const message of ledger.read(1, { signal: enough.signal })) {
      range = appendLeaves(range, [ledgerLeafHash(message)]);
      if (message.seq >= end) break;
    }
  enough.abort();
  return toBase64url(rootOf(range));
};

const differs = async (parts: Parts, mark: ReadMark, headAtMark: string): Promise<string | undefined> => {
  const { follower, ledger, of, files } = parts;
  if ('broken' in mark) return `what was known of it is lost: ${files.mark} cannot be read`;
  const end = follower.position();
  if (end < mark.end) return `it ends at ${end}, it was known up to ${mark.end}`;
  const still = mark.leaf === null || (await isStill(ledger, mark.end, mark.leaf));
  if (still === undefined) throw new RuntimeFault('WRIT-RUN-006', `nobody shows message ${mark.end}`);
  if (!still) return `message ${mark.end} is not the one that was known`;
  return mark.of === of() && mark.head !== headAtMark
    ? `an event before ${mark.end + 1} is not the one that was known`
    : undefined;
};

/** Why a ledger, folded as far as the follower is, does not begin with the adopted one; `undefined` when it does. */
export const beginsAs = async (
  { follower, ledger }: Pick<Parts, 'follower' | 'ledger'>,
  { end, root }: AdoptedLedger,
): Promise<string | undefined> => {
  if (follower.position() < end) return `the adopted one ended at ${end}`;
  return (await rootUpTo(ledger, end)) === root ? undefined : 'the adopted one had other messages';
};

/** Whether the adoption is one of this ledger that came after the mark; else why not. */
const covers = async (parts: Parts, adoption: Adoption, mark: ReadMark): Promise<string | undefined> => {
  const { ledger: adopted, time, digest } = adoption;
  if (!('broken' in mark) && mark.adopted === digest) return 'the adoption was of an earlier ledger';
  if (time <= mark.at) return `the adoption (${time}) is older than what was known (${mark.at})`;
  return beginsAs(parts, adopted);
};

const fromFile = (file: string, view: AdoptionView, now: string): Adoption | string => {
  const frame = readAdoption(file);
  if (frame === undefined) return 'nobody has adopted it';
  const adoption = judgeAdoption(frame, view);
  if (typeof adoption === 'string') return adoption;
  return adoption.expires > now ? adoption : `the adoption expired at ${adoption.expires}`;
};

/** Watches a follower that has not started yet. `of` names what the service opens and admits, once it reads. */
export const watchMark = (parts: Parts, view: AdoptionView): LedgerMark => {
  const { follower, ledger, of, files } = parts;
  const mark = readLedgerMark(files.mark);
  const markEnd = mark === undefined || 'broken' in mark ? 0 : mark.end;
  const recorded: Adoption[] = [];
  let head = ZERO_DIGEST;
  let headAtMark = head;
  let kept: LedgerMarkFile | undefined;
  let first: string | undefined;
  let adopted = mark === undefined || 'broken' in mark ? null : mark.adopted;

  follower.listen((event) => {
    head = link(head, event.digest);
    if (event.seq <= markEnd) headAtMark = head;
    const adoption = event.family === 'registry' && !event.void ? recordedAdoption(event, view) : undefined;
    if (adoption !== undefined) recorded.push(adoption);
    if (adoption !== undefined && kept !== undefined) adopted = adoption.digest;
  });

  const assertSame = async (): Promise<void> => {
    const places = [[1, first] as const, [kept?.end ?? 0, kept?.leaf] as const];
    for (const [seq, leaf] of places)
      if (leaf && (await isStill(ledger, seq, leaf)) === false)
        throw new RuntimeFault('WRIT-LED-006', `message ${seq} is another than before, or gone`);
  };

  const keep = async (at: string): Promise<void> => {
    await assertSame();
    const [end, upTo] = [follower.position(), head];
    if (kept?.end === end && kept.adopted === adopted) return;
    const leaf = end === 0 ? null : await leafAt(ledger, end);
    first ??= end === 0 ? undefined : await leafAt(ledger, 1);
    // Gone in this moment: the mark stays as it was, and what comes next finds it.
    if (leaf === undefined) return;
    const now = { end, leaf, of: of(), head: upTo, at, adopted };
    replaceFile(files.mark, JSON.stringify(now));
    kept = now;
  };

  const adoptionFor = async (known: ReadMark, now: string): Promise<Adoption | string> => {
    const filed = fromFile(files.adoption, view, now);
    const candidates = [filed, ...recorded.toReversed()];
    let why: string | undefined;
    for (const candidate of candidates) {
      const reason = typeof candidate === 'string' ? candidate : await covers(parts, candidate, known);
      if (reason === undefined) return candidate;
      why ??= reason;
    }
    return why as string;
  };

  return {
    check: async (now) => {
      const difference = mark === undefined ? undefined : await differs(parts, mark, headAtMark);
      if (mark !== undefined && difference !== undefined) {
        const adoption = await adoptionFor(mark, now);
        if (typeof adoption === 'string')
          throw new RuntimeFault('WRIT-LED-013', `${difference}; ${adoption}`);
        adopted = adoption.digest;
      } else {
        const filed = fromFile(files.adoption, view, now);
        adopted = (typeof filed === 'string' ? recorded.at(-1)?.digest : filed.digest) ?? adopted;
      }
      await keep(now);
    },
    keep,
  };
};
