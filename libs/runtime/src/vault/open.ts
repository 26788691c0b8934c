// Opens the vault for a service: each role on a pool of its own, with that role's rights only.
import type { ServiceConfig } from '../config.js';
import { RuntimeFault } from '../faults.js';
import type { ServiceContext } from '../lifecycle.js';
import { connectPostgres, type PostgresPool } from '../postgres/connect.js';
import { createVaultEraser, erasedDigests, erasedUnder, type VaultEraser } from './erase.js';
import { type Kek, readKek } from './kek.js';
import { commandKek } from './kek-command.js';
import { createPostgresVault, withPlaces } from './postgres.js';
import { eraserFileBeside, eraserOf, usersOf, type VaultRole, vaultRoleUrl } from './prepare.js';
import { createSubjectNames, type SubjectNames } from './subject-names.js';
import { digestOfDisclosure, type Vault } from './vault.js';

/** What opening needs: the settings, and where lost connections are told. */
export type VaultContext = Pick<ServiceContext, 'config' | 'log'>;

/** A vault of two roles in one, and the names of data subjects. */
export type OpenVault = Vault & {
  readonly subjects: SubjectNames;
  /** The order under which the vault lists a digest as erased. */
  erasedUnder(digest: string): Promise<string | undefined>;
  close(): Promise<void>;
};

/** The eraser, and the names by which it knows data subjects. */
export type OpenEraser = VaultEraser & {
  readonly subjects: SubjectNames;
  /** Keeps the reasons that people gave: it may add to the vault, and cannot read what it added. */
  keep(scope: string, month: string, disclosures: readonly string[]): Promise<void>;
  close(): Promise<void>;
};

/** The vault as its reader alone. `ownerOf`: the agent or scope that a value is kept under. */
export type VaultReader = Pick<Vault, 'get'> & {
  ownerOf(digest: string): Promise<string | undefined>;
  /** The sorted digests that an order has destroyed. */
  erasedDigests(order: string): Promise<readonly string[]>;
  close(): Promise<void>;
};

/** The key-encryption key: behind the command of WRIT_VAULT_KEK_COMMAND where it is set, else in its file. */
export const openKek = (config: ServiceConfig): Promise<Kek> | Kek =>
  config.vaultKekCommand === undefined ? readKek(config.paths.kekFile) : commandKek(config.vaultKekCommand);

const connect = ({ config, log }: VaultContext, role: VaultRole, password: string): PostgresPool => {
  if (config.databaseUrl === undefined)
    throw new RuntimeFault('WRIT-CFG-001', 'WRIT_DATABASE_URL is not set');
  return connectPostgres(vaultRoleUrl(config.databaseUrl, role, password), {
    max: 4,
    name: `vault-${role}`,
    log,
  });
};

/** Opens the vault: `put` as its writer, `get` as its reader. */
export const openVault = async (context: ServiceContext): Promise<OpenVault> => {
  const kek = await openKek(context.config);
  const passwords = usersOf(context.config.paths.vaultCredentialsFile);
  const [writing, reading] = (['writer', 'reader'] as const).map((role) =>
    connect(context, role, passwords[role]),
  ) as [PostgresPool, PostgresPool];
  const [writer, reader] = [createPostgresVault(writing, kek), createPostgresVault(reading, kek)];
  return {
    put: async (entries) => writer.put(await withPlaces(reading, entries)),
    get: (digest) => reader.get(digest),
    subjects: createSubjectNames(reading, writing, kek),
    erasedUnder: (digest) => erasedUnder(reading, digest),
    close: async () => void (await Promise.all([writing.end(), reading.end()])),
  };
};

/** Opens the vault as its reader: it adds nothing and destroys nothing. */
export const openVaultReader = async (context: VaultContext): Promise<VaultReader> => {
  const { reader: password } = usersOf(context.config.paths.vaultCredentialsFile);
  const pool = connect(context, 'reader', password);
  const kek = await openKek(context.config);
  const owner = 'select agent from vault.entry where digest = $1';
  return {
    get: createPostgresVault(pool, kek).get,
    ownerOf: async (digest) => (await pool.query<{ agent: string }>(owner, [digest])).rows[0]?.agent,
    erasedDigests: (order) => erasedDigests(pool, order),
    close: () => pool.end(),
  };
};

/** Opens the vault as its eraser: it destroys, and reads no value. */
export const openEraser = async (context: ServiceContext): Promise<OpenEraser> => {
  const { config } = context;
  const { eraser: password } = eraserOf(eraserFileBeside(config.paths.vaultCredentialsFile));
  const pool = connect(context, 'eraser', password);
  const kek = await openKek(config);
  const writer = createPostgresVault(pool, kek);
  return {
    ...createVaultEraser(pool),
    subjects: createSubjectNames(pool, pool, kek),
    keep: (agent, month, disclosures) =>
      writer.put(
        disclosures.map((disclosure) => ({
          agent,
          month,
          disclosure,
          digest: digestOfDisclosure(disclosure),
        })),
      ),
    close: () => pool.end(),
  };
};
