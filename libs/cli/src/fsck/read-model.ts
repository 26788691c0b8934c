// Owns the read model as fsck asks it: over its API, else in its database with the role that only reads. It believes none of it.
import { existsSync } from 'node:fs';
import { exportedMessages as exportRows, ledgerHead, openReader, roleUrls } from '@writ/projections';
import { connectPostgres, createSealReader, installPaths, sealPasswordFiles, sealUrl } from '@writ/runtime';
import { readCredentials, secretFiles } from '@writ/service-read-model';
import { isUnreachable } from '../fault.js';
import { type Api, openApi } from '../reading/api.js';
import { exportedMessages } from '../reading/exported.js';
import type { Compared } from './compare-messages.js';

/** Its head: how far it is, and the digest of the bytes of the message there (empty at 0). */
export type Head = { readonly seq: number; readonly digest: string };

/** Where a note was found. */
export type Note = { readonly where: string; readonly note: string };

/** The read model, however it is reached. */
export type ReadModelSource = {
  readonly via: 'api' | 'database';
  readonly head: Head;
  /** Everything that it stores, up to its end and beyond its own head. */
  readonly messages: () => AsyncIterable<Compared>;
  /** The last checkpoint of the sealer, and the last cosigned one, as they stand in Postgres. */
  readonly notes: readonly Note[];
  readonly close: () => Promise<void>;
};

type Latest = {
  readonly latest: { readonly note: string };
  readonly witnessed: { readonly note: string } | null;
};

const overApi = async (api: Api): Promise<ReadModelSource> => {
  const head = (await api.get<Head>('/v1/ledger/head')) as Head;
  const found = await api.get<Latest>('/v1/checkpoint').catch(() => undefined);
  const notes = [
    ...(found === undefined
      ? []
      : [{ where: 'the sealer’s database, last signed', note: found.latest.note }]),
    ...(found?.witnessed
      ? [{ where: 'the sealer’s database, last cosigned', note: found.witnessed.note }]
      : []),
  ];
  return { via: 'api', head, messages: () => exportedMessages(api), notes, close: async () => undefined };
};

const ALL = Number.MAX_SAFE_INTEGER;

const notesIn = async (home: string, databaseUrl: string): Promise<readonly Note[]> => {
  const password = sealPasswordFiles(installPaths(home)).reader;
  if (!existsSync(password)) return [];
  const pool = connectPostgres(sealUrl(databaseUrl, 'reader', password), { max: 1 });
  try {
    const seals = createSealReader(pool);
    const [latest, cosigned] = [await seals.latest(), await seals.latestCosigned()];
    return [
      ...(latest === undefined ? [] : [{ where: 'the sealer’s database, last signed', note: latest.note }]),
      ...(cosigned?.cosigned
        ? [{ where: 'the sealer’s database, last cosigned', note: cosigned.cosigned }]
        : []),
    ];
  } finally {
    await pool.end();
  }
};

const inDatabase = async (home: string, databaseUrl: string): Promise<ReadModelSource> => {
  const credentials = readCredentials(secretFiles(installPaths(home)).database);
  const reader = openReader(roleUrls(databaseUrl, credentials).query);
  try {
    const head = await ledgerHead(reader);
    const notes = await notesIn(home, databaseUrl);
    const messages = async function* (): AsyncIterable<Compared> {
      for await (const { frame, ...row } of exportRows(reader, { from: 1, to: ALL }))
        yield { ...row, bytes: frame };
    };
    return { via: 'database', head, messages, notes, close: () => reader.destroy() };
  } catch (error) {
    await reader.destroy();
    throw error;
  }
};

/** Opens it: the API where it answers, else the database where its address is known. Text: why it cannot be reached. */
export const openReadModel = async (
  home: string,
  databaseUrl: string | undefined,
): Promise<ReadModelSource | string> => {
  const api = openApi(home);
  const asked =
    api &&
    (await overApi(api).catch((error: unknown) =>
      isUnreachable(error) ? undefined : Promise.reject(error),
    ));
  if (asked !== undefined) return asked;
  if (databaseUrl === undefined) return 'the read model does not answer, and WRIT_DATABASE_URL is not set';
  try {
    return await inDatabase(home, databaseUrl);
  } catch (error) {
    const { code, name } = error as { readonly code?: string; readonly name: string };
    return `its database does not answer: ${code ?? name}`;
  }
};
