// Owns which secrets each service may see, and lays them out in a folder per service. It never copies the root key, the bootstrap
// seed, or a person's or agent's key.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { type ServiceName, Services } from '@writ/contracts';
import { eraserFileBeside, type InstallPaths, PlaneServices, sealPasswordFiles } from '@writ/runtime';
import { secretFiles } from '@writ/service-read-model';

/** A file of a service's folder: `path` beneath it, and what it holds. */
type Laid = { readonly path: string; readonly text: string };

// Whoever keeps or reads private values.
const VAULT_USERS: readonly ServiceName[] = ['decision', 'approval', 'receipt-ledger', 'kill-switch'];

/** The files of the installation that `service` needs: the pin, its own keys, and the credentials of its own stores. */
export const filesOf = (service: ServiceName, paths: InstallPaths): readonly string[] => {
  const signs = PlaneServices.some((name) => name === service);
  const { database, token } = secretFiles(paths);
  const seals = sealPasswordFiles(paths);
  const adoption = [paths.adoptionFile].filter((file) => service === 'registry' && existsSync(file));
  const policies = [paths.witnessesFile, paths.anchorsFile].filter((file) => existsSync(file));
  return [
    paths.orgFile,
    paths.natsSeed(service),
    ...(signs ? [paths.keyFile(service)] : []),
    ...adoption,
    ...(service === 'registry'
      ? [paths.bootstrapFile, paths.kekFile, eraserFileBeside(paths.vaultCredentialsFile)]
      : []),
    ...(VAULT_USERS.includes(service) ? [paths.kekFile, paths.vaultCredentialsFile] : []),
    ...(service === 'sealer' ? [seals.writer, ...policies] : []),
    ...(service === 'read-model' ? [database, token, seals.reader] : []),
  ];
};

/** Where a service keeps what it must not forget. */
const keepingFolder = (service: ServiceName, paths: InstallPaths): readonly string[] => {
  if (service === 'sealer') return [basename(paths.sealerDir)];
  return PlaneServices.some((name) => name === service) ? [basename(paths.knownDir)] : [];
};

/**
 * Lays out `<dir>/<service>/` for every service: a home folder of its own with what `filesOf` names and an empty `run/` (the sealer: `sealer/` too, the others that
 * sign: `known/`), files 0600.
 * `settings` becomes its config.json. What else stood there is removed. Doing it again changes nothing.
 */
export const layOutServices = (
  dir: string,
  paths: InstallPaths,
  settings: Partial<Record<ServiceName, Readonly<Record<string, string>>>> = {},
): void => {
  for (const service of Services) {
    const copies = filesOf(service, paths).map((from) => ({
      path: relative(paths.root, from),
      text: readFileSync(from, 'utf8'),
    }));
    const config = settings[service];
    const own = config === undefined ? [] : [{ path: 'config.json', text: `${JSON.stringify(config)}\n` }];
    const folders = ['run', ...keepingFolder(service, paths)];
    layOut(join(dir, service), [...copies, ...own], folders);
  }
};

const layOut = (home: string, files: readonly Laid[], folders: readonly string[]): void => {
  for (const folder of folders) mkdirSync(join(home, folder), { recursive: true, mode: 0o700 });
  for (const { path, text } of files) putFile(join(home, path), text);
  const wanted = new Set([...folders, ...files.flatMap(({ path }) => [path, dirname(path)])]);
  for (const entry of readdirSync(home, { recursive: true, encoding: 'utf8' })) {
    const known = wanted.has(entry) || folders.includes(dirname(entry));
    if (!known) rmSync(join(home, entry), { recursive: true, force: true });
  }
};

/** Writes a file so that a reader sees the old one or the new one; its folder is made with mode 0700. */
export const putFile = (path: string, text: string, mode = 0o600): void => {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const beside = `${path}.new`;
  rmSync(beside, { force: true });
  writeFileSync(beside, text, { mode });
  chmodSync(beside, mode);
  renameSync(beside, path);
};
