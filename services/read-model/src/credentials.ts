// Owns the read model's secrets on disk: passwords of the two Postgres roles, and the token of the API. It prints none.
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ReadSideCredentials } from '@writ/projections';
import { type HomePaths, RuntimeFault, readPrivateFile, writePrivateFile } from '@writ/runtime';

const secret = (): string => randomBytes(24).toString('base64url');

/** Where both secrets stand, mode 0600. */
export const secretFiles = (paths: Pick<HomePaths, 'keysDir'>) => ({
  database: join(paths.keysDir, 'read-model-credentials.json'),
  token: join(paths.keysDir, 'read-model-api.token'),
});

/** The passwords of the roles, made when the file is missing: for whoever prepares the database. Throws as `readCredentials`. */
export const databaseCredentials = (file: string): ReadSideCredentials => {
  if (!existsSync(file)) writePrivateFile(file, JSON.stringify({ projector: secret(), query: secret() }));
  return readCredentials(file);
};

/** The passwords of the roles. Throws WRIT-PRJ-003 (no file), WRIT-KEY-102 (mode), WRIT-KEY-104 (contents). */
export const readCredentials = (file: string): ReadSideCredentials => {
  if (!existsSync(file)) throw new RuntimeFault('WRIT-PRJ-003', `there is no ${file}`);
  try {
    const { projector, query } = JSON.parse(readPrivateFile(file)) as Partial<ReadSideCredentials>;
    if (typeof projector === 'string' && typeof query === 'string') return { projector, query };
  } catch (error) {
    if (error instanceof RuntimeFault) throw error;
  }
  throw new RuntimeFault('WRIT-KEY-104', file);
};

/** The token of the API, made when the file is missing. Throws WRIT-KEY-102 (mode), WRIT-KEY-104 (contents). */
export const apiToken = (file: string): string => {
  if (!existsSync(file)) writePrivateFile(file, secret());
  const token = readPrivateFile(file);
  if (/^[A-Za-z0-9_-]{16,200}$/.test(token)) return token;
  throw new RuntimeFault('WRIT-KEY-104', file);
};
