// Sending and opening private values in tests: commands with disclosures, and the vault as its reader.
import { readFileSync } from 'node:fs';
import { type LiveDocumentOf, type ServiceName, subjects } from '@writ/contracts';
import { joinMessage } from '@writ/crypto';
import { connectPostgres, createPostgresVault, readKek } from '@writ/runtime';
import { type Answer, readAnswer } from './answer.js';
import type { Person } from './person.js';
import type { TestPlane } from './plane.js';

type Action = LiveDocumentOf<'command'>['data']['action'];

/** Sends a command of a person with disclosures behind it. */
export const tellPrivately = async (
  person: Person,
  service: ServiceName,
  action: Action,
  disclosures: readonly string[],
  id?: string,
): Promise<Answer> => {
  const signed = await person.signCommand(service, action, id === undefined ? {} : { id });
  return sendPrivately(person, service, joinMessage(signed, disclosures));
};

/** Sends a message of a person as it is. */
export const sendPrivately = async (
  { name, bus }: Person,
  service: ServiceName,
  bytes: Uint8Array,
): Promise<Answer> =>
  readAnswer((await bus.request(subjects.command(service, 'acme', name), bytes, { timeout: 8000 })).data);

/** Every disclosure that the vault holds now, by digest, opened as the reader's role with the vault's own key. */
export const openedVault = async (plane: TestPlane): Promise<ReadonlyMap<string, string>> => {
  const { reader } = JSON.parse(readFileSync(plane.paths.vaultCredentialsFile, 'utf8')) as { reader: string };
  const url = new URL(plane.databaseUrl);
  url.username = 'writ_vault_reader';
  url.password = reader;
  const pool = connectPostgres(url.toString());
  try {
    const vault = createPostgresVault(pool, readKek(plane.paths.kekFile));
    const { rows } = await pool.query<{ digest: string }>('select digest from vault.entry');
    const held = await Promise.all(
      rows.map(async ({ digest }) => [digest, await vault.get(digest)] as const),
    );
    return new Map(
      held.map(([digest, text]) => [digest, Buffer.from(text ?? '', 'base64url').toString('utf8')]),
    );
  } finally {
    await pool.end();
  }
};
