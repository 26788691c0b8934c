// Owns the change of a key file for its successor: made beside it, swapped in one step, the old one kept until it is not needed.
// Given again after an interruption it goes on where it was.
import { existsSync, linkSync, renameSync, rmSync } from 'node:fs';
import { generateKeyPair, readSigningKey, type SigningKey, writeKeyFile } from '@writ/crypto';

const beside = (path: string, what: 'next' | 'old'): string => path.replace(/\.jwk$/, `.${what}.jwk`);

/** The successor of a key file, made when there is none yet; `from`: a key file to take instead (an external signer's). */
export function nextKey(path: string, from?: string): SigningKey {
  const next = beside(path, 'next');
  if (from !== undefined && !existsSync(next)) linkSync(from, next);
  if (!existsSync(next)) writeKeyFile(next, generateKeyPair());
  return readSigningKey(next);
}

/** Whether a successor stands there and has not been taken yet. */
export const hasNextKey = (path: string): boolean => existsSync(beside(path, 'next'));

/** The key that was replaced and not forgotten yet. */
export function oldKey(path: string): SigningKey | undefined {
  const old = beside(path, 'old');
  return existsSync(old) ? readSigningKey(old) : undefined;
}

/**
 * Puts the successor in the place of the key file: whoever opens it meanwhile has the one or the other. The old one stays beside it
 * until `forgetOldKey`: what is signed with it still counts.
 */
export function takeNextKey(path: string): void {
  const old = beside(path, 'old');
  rmSync(old, { force: true });
  if (existsSync(path)) linkSync(path, old);
  renameSync(beside(path, 'next'), path);
}

/** Removes the key that was replaced, once it is retired or revoked. */
export function forgetOldKey(path: string): void {
  rmSync(beside(path, 'old'), { force: true });
}
