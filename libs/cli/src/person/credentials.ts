// Owns reading a person's folder: the key that signs, the seed that connects, the pinned root. It never prints either.
import { existsSync, readFileSync } from 'node:fs';
import { PublicKeyEntry, Token } from '@writ/contracts';
import { readSigningKey, type SigningKey } from '@writ/crypto';
import { installPaths } from '@writ/runtime';
import { fault } from '../fault.js';

/** What `.writ/people/<person>/` holds. */
export type PersonCredentials = {
  readonly person: string;
  readonly org: string;
  readonly roots: readonly PublicKeyEntry[];
  readonly threshold: number;
  readonly key: SigningKey;
  readonly seedFile: string;
};

/** Reads the folder. WRIT-KEY-101: a file is missing; WRIT-KEY-104: person.json does not hold what it must. */
export function readPerson(home: string, person: string): PersonCredentials {
  const paths = installPaths(home);
  const file = paths.personFile(person);
  for (const needed of [file, paths.personKey(person), paths.personSeed(person)])
    if (!existsSync(needed)) fault('WRIT-KEY-101', needed);
  const { org, roots, threshold } = readPublic(file, person);
  return {
    person,
    org,
    roots,
    threshold,
    key: readSigningKey(paths.personKey(person)),
    seedFile: paths.personSeed(person),
  };
}

function readPublic(file: string, person: string): Pick<PersonCredentials, 'org' | 'roots' | 'threshold'> {
  try {
    const value = JSON.parse(readFileSync(file, 'utf8')) as {
      org?: unknown;
      roots?: unknown;
      person?: unknown;
      threshold?: unknown;
    };
    const roots = PublicKeyEntry.array().min(1).safeParse(value.roots);
    const org = Token.safeParse(value.org);
    const threshold = Number.isSafeInteger(value.threshold) ? (value.threshold as number) : 1;
    if (value.person === person && org.success && roots.success)
      return { org: org.data, roots: roots.data, threshold };
  } catch {
    // Not JSON: refused like any other content.
  }
  return fault('WRIT-KEY-104', file);
}
