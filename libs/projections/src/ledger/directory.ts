// The keys that count, folded from registry events in ledger order, beside the pinned roots. It certifies nothing itself.
import { type Digest, type Kid, subjects, type Token } from '@writ/contracts';
import {
  evolveRegistry,
  evolveVoidRegistry,
  type KeyDirectory,
  type KeyRecord,
  officeOf,
  type Recorded,
  type RegistryState,
  registryInitial,
} from '@writ/domain';

/** A root key of an organisation, pinned outside the ledger, and how many of its roots must agree (1 when absent). */
export type PinnedRoot = {
  readonly org: Token;
  readonly kid: Kid;
  readonly x: Digest;
  readonly threshold?: number;
};

/** The directory of every organisation in one ledger. `fold` takes effective registry events only. */
export interface FoldedDirectory extends KeyDirectory {
  fold(event: Recorded): void;
  /** What a void event certifies is void, not unknown. */
  foldVoid(event: Recorded): void;
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
  const step = (event: Recorded, evolve: typeof evolveRegistry): void => {
    registries.set(event.subject, evolve(registries.get(event.subject) ?? registryInitial, event));
  };
  return {
    find: (kid) => {
      const root = rootKeys.get(kid);
      if (root !== undefined) return root;
      for (const state of registries.values()) {
        const found = state.keys.get(kid);
        if (found !== undefined) return found;
      }
      return undefined;
    },
    threshold: (org) => {
      const pinnedNumbers = roots.filter((root) => root.org === org).map((root) => root.threshold ?? 1);
      const founded = registries.get(subjects.ledger('registry', org))?.threshold ?? 1;
      return Math.max(founded, ...pinnedNumbers);
    },
    office: (org) => officeOf(registries.get(subjects.ledger('registry', org)) ?? registryInitial),
    fold: (event) => step(event, evolveRegistry),
    foldVoid: (event) => step(event, evolveVoidRegistry),
  };
};
