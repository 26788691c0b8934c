// Owns whose key signs what is exported. It certifies nothing: a verifier says whether the ledger knows the key, and whose it is.
import { generateKeyPair, readSigningKey, type SigningKey } from '@writ/crypto';
import { installPaths } from '@writ/runtime';
import { signerOf } from '../home.js';
import type { Io } from '../io.js';

/** The key of a person of this installation; a key for this once when nobody was named and it is not clear who it would be. */
export function exporterKey(io: Io, home: string, person: string | undefined): SigningKey {
  try {
    return readSigningKey(installPaths(home).personKey(signerOf(home, person)));
  } catch (error) {
    if (person !== undefined) throw error;
    io.err('signed with a key for this once: it proves itself, not who made it (--as names a person)');
    return generateKeyPair();
  }
}
