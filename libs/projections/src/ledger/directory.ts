// The keys that count, folded from registry events in ledger order, beside the pinned roots. It certifies nothing itself.
import type { Digest, Kid, Token } from '@writ/contracts';
import {
  evolveRegistry,
  type KeyDirectory,
  type KeyRecord,
  type Recorded,
  type RegistryState,
  registryInitial,
} from '@writ/domain';

/** A root key of an organisation, pinned outside the ledger. */
export type PinnedRoot = { readonly org: Token; readonly kid: Kid; readonly x: Digest };

/** The directory of every organisation in one ledger. `fold` takes effective registry events only. */
export interface FoldedDirectory extends KeyDirectory {
  fold(event: Recorded): void;
}

const pinned = ({ org, kid, x }: PinnedRoot): KeyRecord => ({
  kid,
  x,
  role: 'root',
  holder: 'root',
  scope: org,
  certifiedAt: 0,
});

/** Creates the directory with nothing folded. */
export const createDirectory = (roots: readonly PinnedRoot[]): FoldedDirectory => {
  const rootKeys = new Map(roots.map((root) => [root.kid, pinned(root)]));
  const registries = new Map<string, RegistryState>();
  return {
    find: (kid) => {
      for (const state of registries.values()) {
        const found = state.keys.get(kid);
        if (found !== undefined) return found;
      }
      return rootKeys.get(kid);
    },
    fold: (event) => {
      const state = registries.get(event.subject) ?? registryInitial;
      registries.set(event.subject, evolveRegistry(state, event));
    },
  };
};
