// The keys that count: the pinned roots, then what the registry certified up to here. Judges no standing.
import type { Kid, PublicKeyEntry, Token } from '@writ/contracts';
import { importPublic, type PublicKey } from '@writ/crypto';
import { findKey, type KeyDirectory, type KeyRecord, type RegistryState } from '@writ/domain';

/** A live view of the keys of one organisation. */
export interface Keys extends KeyDirectory {
  /** The key object of a certified key; `undefined` for one whose id is not its thumbprint. */
  publicKey(kid: Kid): PublicKey | undefined;
}

const imported = ({ kid, x }: KeyRecord): PublicKey | undefined => {
  try {
    const key = importPublic(x);
    return key.kid === kid ? key : undefined;
  } catch {
    return undefined;
  }
};

/** The directory over the pinned roots and a registry that is being folded. */
export const createKeys = (
  org: Token,
  roots: readonly PublicKeyEntry[],
  registry: () => RegistryState,
): Keys => {
  const pinned = new Map<Kid, KeyRecord>(
    roots.map(({ kid, x }) => [kid, { kid, x, role: 'root', holder: 'root', scope: org, certifiedAt: 0 }]),
  );
  const find = (kid: Kid): KeyRecord | undefined => pinned.get(kid) ?? findKey(registry(), kid);
  return {
    find,
    publicKey: (kid) => {
      const record = find(kid);
      return record === undefined ? undefined : imported(record);
    },
  };
};
