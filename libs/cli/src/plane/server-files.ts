// Owns what a NATS server and a Postgres that run elsewhere (in containers) are given: configuration without secrets, one password.

import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type InstallPaths, readPrivateFile, serverSettings, writePrivateFile } from '@writ/runtime';
import { putFile } from './service-files.js';

/** Where the NATS container keeps its streams. */
const NATS_STORE = '/data';
const NATS_PORT = 4222;
// Health only, and only from within the container.
const MONITOR = 'http: "127.0.0.1:8222"\n';

/** Passwords of Postgres that this command makes and keeps beside the keys, mode 0600. */
export const passwordFiles = ({ keysDir }: InstallPaths) => ({
  postgres: join(keysDir, 'postgres.password'),
  readModelOwner: join(keysDir, 'read-model-owner.password'),
});

/** The password in a file, made when the file is missing. */
export const passwordIn = (file: string): string => {
  if (!existsSync(file)) writePrivateFile(file, randomBytes(24).toString('base64url'));
  return readPrivateFile(file);
};

/**
 * Lays out `<dir>/nats/` (server.conf and the accounts: public keys only) and `<dir>/postgres/password`. The files are readable for
 * other accounts of the host that reaches the folder: the servers run under accounts of their own. Mount each for its server only.
 */
export const layOutServers = (dir: string, paths: InstallPaths): void => {
  const accounts = basename(paths.natsPermissions);
  const settings = serverSettings({ host: '0.0.0.0', port: NATS_PORT, storeDir: NATS_STORE }, accounts);
  putFile(join(dir, 'nats', accounts), readFileSync(paths.natsPermissions, 'utf8'), 0o644);
  putFile(join(dir, 'nats', 'server.conf'), `${settings}${MONITOR}`, 0o644);
  putFile(join(dir, 'postgres', 'password'), `${passwordIn(passwordFiles(paths).postgres)}\n`, 0o444);
};
