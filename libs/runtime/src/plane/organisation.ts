// What an installation knows of its organisation: the pinned root. Read once, never written here.
import { readFileSync } from 'node:fs';
import { PublicKeyEntry, Token } from '@writ/contracts';
import { z } from 'zod';
import { RuntimeFault } from '../faults.js';

const OrganisationFile = z.looseObject({
  org: Token,
  roots: z.array(PublicKeyEntry).min(1).max(16),
  threshold: z.int().min(1),
});

/** The organisation and its pinned root keys. */
export type Organisation = Readonly<Pick<z.infer<typeof OrganisationFile>, 'org' | 'roots' | 'threshold'>>;

/** Reads org.json. Throws WRIT-CFG-002 when it is missing or not of the form that `writ init` writes. */
export const readOrganisation = (path: string): Organisation => {
  try {
    return OrganisationFile.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    throw new RuntimeFault('WRIT-CFG-002', `${path} (is it an installation? writ init makes one)`);
  }
};
