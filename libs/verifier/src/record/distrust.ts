// What the registry of a ledger distrusts anywhere, read before the ledger is judged. Judges nothing else.
import { subjects } from '@writ/contracts';
import { endorses, link, openLedgerFrame } from '@writ/crypto';
import { type Distrust, distrustOf, noDistrust, type PinnedRoots, type RegistryState } from '@writ/domain';
import type { StoredMessage } from '../message.js';

/**
 * Reads all messages once and keeps those of the registry: what the keys that it distrusts signed is void from the position named
 * on, also what came before the distrust was declared. Hand the result to `verifyLedger`.
 */
export const distrustIn = async (
  messages: AsyncIterable<StoredMessage>,
  pinned: PinnedRoots,
): Promise<Distrust> => {
  const subject = subjects.ledger('registry', pinned.org);
  const registry: StoredMessage[] = [];
  for await (const message of messages) if (message.subject === subject) registry.push(message);
  return distrustOf(pinned, registry, { open: openLedgerFrame, endorses, link });
};

/** What a registry that was folded declares of keys itself; what was void from its beginning declares nothing. */
export const distrustDeclared = ({ keys }: RegistryState): Distrust =>
  new Map(
    [...keys.values()].flatMap(({ kid, distrustedFrom, voidBorn }) =>
      distrustedFrom === undefined || voidBorn === true ? [] : [[kid, distrustedFrom] as const],
    ),
  );

const isSame = (one: Distrust, other: Distrust): boolean =>
  one.size === other.size && [...one].every(([kid, from]) => other.get(kid) === from);

/** Roots distrust registrars, registrars no registrar: the second judgement settles it, the third shows it. */
const MOST_JUDGEMENTS = 8;

/**
 * Judges until what the messages declare of keys is what they were judged with: for parts of a registry, which `distrustIn` cannot fold. `settled`
 * is false for the last judgement of messages for which that never comes.
 */
export const judgeSettled = async <J extends { readonly declared: Distrust }>(
  judge: (distrust: Distrust, settled: boolean) => Promise<J>,
): Promise<J> => {
  let judged = await judge(noDistrust, true);
  let distrust = noDistrust;
  for (let n = 1; n < MOST_JUDGEMENTS; n += 1) {
    if (isSame(judged.declared, distrust)) return judged;
    distrust = judged.declared;
    judged = await judge(distrust, true);
  }
  return isSame(judged.declared, distrust) ? judged : judge(distrust, false);
};
