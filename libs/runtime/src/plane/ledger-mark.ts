// The ledger as a service last knew it, compared when the service starts and while it runs, so that one that was truncated, replaced
// or rolled back is not taken for it. A person may decide to go on with it (ADR 0010). It decides nothing by itself.
import { link, ZERO_DIGEST } from '@writ/crypto';
import type { Follower, Ledger, LedgerEvent } from '@writ/ledger';
import { RuntimeFault } from '../faults.js';
import {
  type Adoption,
  type AdoptionView,
  judgeAdoption,
  readAdoption,
  recordedAdoption,
} from './ledger-adoption.js';
import { beginsAs, isStill, leafAt } from './ledger-look.js';
import { type LedgerMarkFile, type ReadMark, readLedgerMark, writeLedgerMark } from './mark-file.js';

/** Where the two files stand. */
export type MarkFiles = { readonly mark: string; readonly adoption: string };

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

/** `of` names what the service opens and admits, once it reads. */
type Parts = {
  readonly follower: Follower;
  readonly ledger: Ledger;
  readonly of: () => string;
  readonly files: MarkFiles;
};

/** `mark`: as found at the start; `kept`: as last written by this process. `first`: the leaf of message 1. */
type Watch = Parts & {
  readonly view: AdoptionView;
  readonly mark: ReadMark | undefined;
  readonly recorded: Adoption[];
  head: string;
  headAtMark: string;
  kept: LedgerMarkFile | undefined;
  first: string | undefined;
  adopted: string | null;
};

const known = (mark: ReadMark | undefined): LedgerMarkFile | undefined =>
  mark === undefined || 'broken' in mark ? undefined : mark;

const hear = (watch: Watch, event: LedgerEvent): void => {
  watch.head = link(watch.head, event.digest);
  if (event.seq <= (known(watch.mark)?.end ?? 0)) watch.headAtMark = watch.head;
  if (event.family !== 'registry' || event.void) return;
  const adoption = recordedAdoption(event, watch.view);
  if (adoption === undefined) return;
  watch.recorded.push(adoption);
  if (watch.kept !== undefined) watch.adopted = adoption.digest;
};

const differs = async (watch: Watch, mark: ReadMark): Promise<string | undefined> => {
  if ('broken' in mark) return `what was known of it is lost: ${watch.files.mark} cannot be read`;
  const end = watch.follower.position();
  if (end < mark.end) return `it ends at ${end}, it was known up to ${mark.end}`;
  const still = mark.leaf === null || (await isStill(watch.ledger, mark.end, mark.leaf));
  if (still === undefined) throw new RuntimeFault('WRIT-RUN-006', `nobody shows message ${mark.end}`);
  if (!still) return `message ${mark.end} is not the one that was known`;
  return mark.of === watch.of() && mark.head !== watch.headAtMark
    ? `an event before ${mark.end + 1} is not the one that was known`
    : undefined;
};

/** Why the adoption is not one of this ledger that came after the mark; `undefined` when it is. */
const misses = async (watch: Watch, adoption: Adoption, mark: ReadMark): Promise<string | undefined> => {
  if (known(mark)?.adopted === adoption.digest) return 'the adoption was of an earlier ledger';
  if (adoption.time <= mark.at)
    return `the adoption (${adoption.time}) is older than what was known (${mark.at})`;
  return beginsAs(watch, adoption.ledger);
};

const fromFile = ({ files, view }: Watch, now: string): Adoption | string => {
  const frame = readAdoption(files.adoption);
  if (frame === undefined) return 'nobody has adopted it';
  const adoption = judgeAdoption(frame, view);
  if (typeof adoption === 'string') return adoption;
  return adoption.expires > now ? adoption : `the adoption expired at ${adoption.expires}`;
};

const adoptionFor = async (watch: Watch, mark: ReadMark, now: string): Promise<Adoption | string> => {
  let why: string | undefined;
  for (const candidate of [fromFile(watch, now), ...watch.recorded.toReversed()]) {
    const reason = typeof candidate === 'string' ? candidate : await misses(watch, candidate, mark);
    if (reason === undefined) return candidate;
    why ??= reason;
  }
  return why as string;
};

/** What was signed while the ledger was known is not for a loss that comes later. */
const lastSeen = (watch: Watch, now: string): string | null => {
  const filed = fromFile(watch, now);
  return (typeof filed === 'string' ? watch.recorded.at(-1)?.digest : filed.digest) ?? watch.adopted;
};

const assertSame = async ({ ledger, first, kept }: Watch): Promise<void> => {
  for (const [seq, leaf] of [[1, first] as const, [kept?.end ?? 0, kept?.leaf] as const])
    if (leaf && (await isStill(ledger, seq, leaf)) === false)
      throw new RuntimeFault('WRIT-LED-006', `message ${seq} is another than before, or gone`);
};

const keep = async (watch: Watch, at: string): Promise<void> => {
  await assertSame(watch);
  const { follower, ledger, files, kept, adopted, head } = watch;
  const end = follower.position();
  if (kept?.end === end && kept.adopted === adopted) return;
  const leaf = end === 0 ? null : await leafAt(ledger, end);
  if (end > 0) watch.first ??= await leafAt(ledger, 1);
  // Gone in this very moment: the mark stays as it was, and whoever looks next finds it.
  if (leaf === undefined) return;
  watch.kept = { end, leaf, of: watch.of(), head, at, adopted };
  writeLedgerMark(files.mark, watch.kept);
};

const check = async (watch: Watch, now: string): Promise<void> => {
  const { mark } = watch;
  const difference = mark && (await differs(watch, mark));
  if (mark === undefined || difference === undefined) {
    watch.adopted = lastSeen(watch, now);
  } else {
    const adoption = await adoptionFor(watch, mark, now);
    if (typeof adoption === 'string') throw new RuntimeFault('WRIT-LED-013', `${difference}; ${adoption}`);
    watch.adopted = adoption.digest;
  }
  await keep(watch, now);
};

/** Watches a follower that has not started yet. */
export const watchMark = (parts: Parts, view: AdoptionView): LedgerMark => {
  const mark = readLedgerMark(parts.files.mark);
  const watch: Watch = {
    ...parts,
    view,
    mark,
    recorded: [],
    head: ZERO_DIGEST,
    headAtMark: ZERO_DIGEST,
    kept: undefined,
    first: undefined,
    adopted: known(mark)?.adopted ?? null,
  };
  parts.follower.listen((event) => hear(watch, event));
  return { check: (now) => check(watch, now), keep: (at) => keep(watch, at) };
};
