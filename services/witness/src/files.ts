// The folder of a witness: its key, which logs it knows, what it cosigned last. Writes are synced and replace at once.
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import {
  generateKeyPair,
  type KeyPair,
  type NoteKey,
  readKeyFile,
  readVerifierKey,
  verifierKey,
  writeKeyFile,
} from '@writ/crypto';
import { z } from 'zod';
import { WitnessFault } from './fault.js';

const Name = z.string().regex(/^[^\s+]{1,200}$/);
const Config = z.strictObject({
  name: Name,
  logs: z
    .array(z.strictObject({ origin: z.string().min(1).max(500), keys: z.array(z.string()).min(1).max(8) }))
    .max(10_000),
});
type Config = z.infer<typeof Config>;

/** A log that the witness cosigns for: its origin line, and the keys that may sign its checkpoints. */
export type KnownLog = { readonly origin: string; readonly keys: readonly NoteKey[] };

/** Where everything of a witness stands. */
export type WitnessPaths = {
  readonly dir: string;
  readonly config: string;
  readonly key: string;
  readonly state: string;
};

/** The paths in `dir` (made absolute); `config` may stand elsewhere. */
export const witnessPaths = (dir: string, config?: string): WitnessPaths => {
  const at = (name: string) => join(resolve(dir), name);
  return {
    dir: resolve(dir),
    config: config === undefined ? at('witness.json') : resolve(config),
    key: at('witness.jwk'),
    state: at('state'),
  };
};

/** Writes a file beside and moves it over: synced, mode 0600, the folder too. */
export const replaceSynced = (path: string, text: string): void => {
  const beside = `${path}.${process.pid}.new`;
  const fd = openSync(beside, 'w', 0o600);
  try {
    writeSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(beside, path);
  const folder = openSync(dirname(path), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
};

const readConfig = ({ config, dir }: WitnessPaths): Config => {
  try {
    return Config.parse(JSON.parse(readFileSync(config, 'utf8')));
  } catch {
    throw new WitnessFault('WRIT-WIT-001', dir);
  }
};

const keyOf = (text: string): NoteKey => {
  const key = readVerifierKey(text);
  if (key?.kind !== 'log') throw new WitnessFault('WRIT-WIT-004', 'that of a log is wanted');
  return key;
};

/** What a witness is: its name and key, and the logs that it knows. Throws WRIT-WIT-001, -004, and as `readKeyFile`. */
export const readWitness = (
  paths: WitnessPaths,
): { readonly name: string; readonly pair: KeyPair; readonly logs: readonly KnownLog[] } => {
  const { name, logs } = readConfig(paths);
  const known = logs.map(({ origin, keys }) => ({ origin, keys: keys.map(keyOf) }));
  return { name, pair: readKeyFile(paths.key), logs: known };
};

/** Makes the folder of a new witness; an existing one keeps its key and name. Returns its verifier key. */
export const initWitness = (paths: WitnessPaths, name: string): string => {
  if (!Name.safeParse(name).success)
    throw new WitnessFault('WRIT-WIT-004', 'a name has neither white space nor plus');
  mkdirSync(paths.state, { recursive: true, mode: 0o700 });
  if (!existsSync(paths.key)) writeKeyFile(paths.key, generateKeyPair());
  if (!existsSync(paths.config))
    replaceSynced(paths.config, `${JSON.stringify({ name, logs: [] }, null, 2)}\n`);
  return witnessKey(paths);
};

/** The verifier key of the witness, for the policies of those who rely on it. */
export const witnessKey = (paths: WitnessPaths): string => {
  const { name, pair } = readWitness(paths);
  return verifierKey({ kind: 'witness', name, key: pair });
};

/** Adds a key of a log; the origin is the key's name unless given. Takes effect at the next start. */
export const trustLog = (paths: WitnessPaths, key: string, origin?: string): KnownLog => {
  const known = keyOf(key);
  const name = origin ?? known.name;
  const config = readConfig(paths);
  const keys = [...new Set([...(config.logs.find((log) => log.origin === name)?.keys ?? []), key])];
  const logs = [...config.logs.filter((log) => log.origin !== name), { origin: name, keys }];
  replaceSynced(paths.config, `${JSON.stringify({ ...config, logs }, null, 2)}\n`);
  return { origin: name, keys: keys.map(keyOf) };
};
