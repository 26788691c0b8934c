// Looks into the ledger for single messages and for the tree of its beginning, from the leader. It folds nothing and believes no signature.
import { setTimeout as pause } from 'node:timers/promises';
import type { AdoptedLedger } from '@writ/contracts';
import { appendLeaves, EMPTY_RANGE, hashText, ledgerLeafHash, rootOf, toBase64url } from '@writ/crypto';
import type { Follower, Ledger } from '@writ/ledger';
import { RuntimeFault } from '../faults.js';

const EVERYTHING = 'gov.ledger.>';
/** A leader that has only just taken over may not show the last messages yet; so often in a row they are gone. */
const TRIES = 3;
const TRY_MS = 250;

/** The leaf of the message at `seq`, standard base64; `undefined` when there is none. Rejects when nobody answers. */
export const leafAt = async (ledger: Ledger, seq: number): Promise<string | undefined> => {
  for await (const message of ledger.load(EVERYTHING, seq - 1))
    return message.seq === seq ? hashText(ledgerLeafHash(message)) : undefined;
  return undefined;
};

/** Whether the message is there as it was; `undefined` when nobody answers, which says nothing about the ledger. */
export const isStill = async (ledger: Ledger, seq: number, leaf: string): Promise<boolean | undefined> => {
  let answered = false;
  for (let tries = 1; tries <= TRIES; tries += 1) {
    if (tries > 1) await pause(TRY_MS);
    const found = await leafAt(ledger, seq).catch(() => 'nobody answers');
    if (found === leaf) return true;
    answered = found !== 'nobody answers';
  }
  return answered ? false : undefined;
};

/** A stream that was cut at its beginning can never be folded, and nobody waits for what is gone: WRIT-LED-006. */
export const assertBegins = async (ledger: Ledger): Promise<void> => {
  if ((await ledger.end()) === 0 || (await leafAt(ledger, 1)) !== undefined) return;
  throw new RuntimeFault('WRIT-LED-006', 'message 1 is missing: the ledger was cut at its beginning');
};

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

/** Why a ledger, folded as far as the follower is, does not begin with the adopted one; `undefined` when it does. */
export const beginsAs = async (
  { follower, ledger }: { readonly follower: Pick<Follower, 'position'>; readonly ledger: Ledger },
  { end, root }: AdoptedLedger,
): Promise<string | undefined> => {
  if (follower.position() < end) return `the adopted one ended at ${end}`;
  return (await rootUpTo(ledger, end)) === root ? undefined : 'the adopted one had other messages';
};
