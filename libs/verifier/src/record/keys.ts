// The keys that count: the pinned roots, then what the registry certified up to here, less what is distrusted. Judges no standing.
import type { Kid } from '@writ/contracts';
import { importPublic, type PublicKey } from '@writ/crypto';
import {
  type Distrust,
  type KeyDirectory,
  type KeyRecord,
  type PinnedRoots,
  type RegistryState,
  rootedDirectory,
} from '@writ/domain';

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

/** The directory over the pinned roots and a registry that is being folded. `distrust`: what is known of it from the beginning. */
export const createKeys = (pinned: PinnedRoots, registry: () => RegistryState, distrust?: Distrust): Keys => {
  const directory = rootedDirectory(pinned, registry, distrust);
  return {
    ...directory,
    publicKey: (kid) => {
      const record = directory.find(kid);
      return record === undefined ? undefined : imported(record);
    },
  };
};
