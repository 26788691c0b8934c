// Owns a vault in memory: for tests and for trials without Postgres. Nothing in it outlives the process.
import { checkEntries, type Vault } from './vault.js';

/** A vault with the same contract as the one in Postgres, without durability and encryption. */
export function createMemoryVault(): Vault {
  const kept = new Map<string, string>();
  return {
    async put(entries) {
      checkEntries(entries);
      for (const { digest, disclosure } of entries) if (!kept.has(digest)) kept.set(digest, disclosure);
    },
    get: async (digest) => kept.get(digest),
  };
}
