// Keeps the private values that came beside a signed document: each must open a commitment in it, and goes to the vault first.
import { type Committed, type Refused, refused } from '@writ/contracts';
import { disclosureDigest, readDisclosure } from '@writ/crypto';
import type { Vault } from '../vault/vault.js';

/** Whose values they are (an agent, or the scope that a person acted on) and when: the vault's key is per scope and month. */
export type KeepFor = {
  readonly scope: string;
  readonly time: string;
  /** The action that they are about: they go with its data subject and its retention. */
  readonly intent?: string | undefined;
};

/**
 * Resolves when every disclosure is durable in the vault; nothing to keep resolves at once. Refuses (WRIT-FRM-013) one that is
 * malformed, comes twice, or opens none of the commitments.
 */
export const keepDisclosures = async (
  vault: Pick<Vault, 'put'>,
  { scope, time, intent }: KeepFor,
  commitments: readonly Committed[],
  disclosures: readonly string[],
): Promise<Refused | undefined> => {
  if (disclosures.length === 0) return undefined;
  const expected = new Set(commitments.flatMap((commitment) => commitment._sd));
  const entries = disclosures.map((disclosure) => ({
    agent: scope,
    month: time.slice(0, 7),
    digest: disclosureDigest(disclosure),
    disclosure,
    ...(intent === undefined ? {} : { intent }),
  }));
  const distinct = new Set(entries.map((entry) => entry.digest));
  const fits = entries.every(
    ({ digest, disclosure }) => expected.has(digest) && readDisclosure(disclosure).ok,
  );
  if (!fits || distinct.size !== entries.length) {
    return refused('WRIT-FRM-013', 'a disclosure opens no commitment of this document');
  }
  await vault.put(entries);
  return undefined;
};
