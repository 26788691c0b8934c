// What a reader may say about disclosures: shown, erased by an order that the ledger records, or not available. It opens no vault.
import type { Digest, ErasedData, EventId } from '@writ/contracts';
import { disclosureDigest, readDisclosure, sha256 } from '@writ/crypto';
import { type ErasureOrder, explainMissing, type Missing, type MissingDisclosure } from '@writ/domain';

/** A list of digests that a vault gives out for an order of erasure. */
export type ErasedList = { readonly order: EventId; readonly digests: readonly Digest[] };

/** Whether a list is exactly the one that the record of the erasure is over: count and digest. In any order; total. */
export const isErasedList = (
  record: Pick<ErasedData, 'disclosures'>,
  digests: readonly Digest[],
): boolean => {
  const text = [...digests]
    .sort()
    .map((digest) => `${digest}\n`)
    .join('');
  return (
    new Set(digests).size === digests.length &&
    record.disclosures.count === digests.length &&
    record.disclosures.digest === sha256(text)
  );
};

/** What became of one digest of a commitment. */
export type DisclosureStatus =
  | { readonly digest: Digest; readonly kind: 'disclosed' }
  | ({ readonly digest: Digest } & Missing);

/** Orders by their event: `erasures` of the registry's state, or a Map. */
export type Erasures = {
  readonly get: (order: EventId) => ErasureOrder | undefined;
  readonly values: () => Iterable<ErasureOrder>;
};

type Explanations = {
  readonly erasures: Erasures;
  readonly lists?: readonly ErasedList[] | undefined;
};

/** What a status is told from: the disclosures given, the orders folded from the registry, the lists given with them. */
export type DisclosureEvidence = Explanations & { readonly disclosures: Iterable<string> };

/** The same, with the digests of the disclosures given. */
export type Evidence = Explanations & { readonly given: ReadonlySet<Digest> };

/** A list counts only when it is the recorded one: a forged or shortened list explains nothing. */
const listedIn = ({ erasures, lists = [] }: Explanations): ReadonlyMap<Digest, EventId> =>
  new Map(
    lists
      .filter(({ order, digests }) => {
        const done = erasures.get(order)?.done;
        return done !== undefined && isErasedList(done, digests);
      })
      .flatMap(({ order, digests }) => digests.map((digest) => [digest, order] as const)),
  );

/** Tells what became of the digests of one commitment. */
export type Teller = (
  digests: readonly Digest[],
  about: Omit<MissingDisclosure, 'listedUnder'>,
) => readonly DisclosureStatus[];

/** `disclosureStatuses` for many commitments: the evidence is weighed once. */
export const tellDisclosures = (evidence: Evidence): Teller => {
  const listed = listedIn(evidence);
  const explain = (digest: Digest, about: Omit<MissingDisclosure, 'listedUnder'>): DisclosureStatus => ({
    digest,
    ...explainMissing(evidence.erasures.values(), { ...about, listedUnder: listed.get(digest) }),
  });
  return (digests, about) =>
    digests.map((digest) =>
      evidence.given.has(digest) ? { digest, kind: 'disclosed' } : explain(digest, about),
    );
};

/**
 * Tells for digests of commitments whether they are disclosed, erased (with the order, the event that records it and its ledger
 * position) or not available. A disclosure that fits no digest is ignored here: that is for the check of the bundle. An erasure
 * takes nothing from the record: signatures, chains and tree are over the digests, which stay. Pure and total.
 */
export const disclosureStatuses = (
  digests: readonly Digest[],
  about: Omit<MissingDisclosure, 'listedUnder'>,
  { disclosures, ...explanations }: DisclosureEvidence,
): readonly DisclosureStatus[] => {
  const given = new Set([...disclosures].filter((text) => readDisclosure(text).ok).map(disclosureDigest));
  return tellDisclosures({ ...explanations, given })(digests, about);
};
