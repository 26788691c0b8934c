// Looks for planted texts wherever bytes lie: in clear, in base64 or base64url at any offset (once or twice over), in hex. It opens nothing that is encrypted.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { withClient } from '@writ/runtime';

/** Somewhere to look: a name for the report, and the bytes that lie there. */
export type Place = { readonly name: string; readonly bytes: Uint8Array };

/** A planted text that was found, and where. */
export type Found = { readonly planted: string; readonly at: string };

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** The characters of a base64 text that depend on nothing but `text`, when `before` bytes stand ahead of it. */
const base64At = (text: string, before: number): string => {
  const encoded = Buffer.concat([Buffer.alloc(before), Buffer.from(text)]).toString('base64url');
  const from = Math.ceil((before * 8) / 6);
  const to = Math.floor(((before + Buffer.byteLength(text)) * 8) / 6);
  return encoded.slice(from, to);
};

/** A text in base64url and base64, wherever it begins. */
const encodedForms = (text: string): readonly string[] =>
  [0, 1, 2]
    .map((before) => base64At(text, before))
    .flatMap((one) => [one, one.replaceAll('-', '+').replaceAll('_', '/')]);

/** Every form in which a text is looked for: a disclosure is base64url, and a frame that holds one is, in an export, once more. */
export const formsOf = (text: string): readonly Buffer[] => {
  const once = encodedForms(text);
  const plain = [text, ...once, ...once.flatMap(encodedForms)];
  const all = [...plain, ...plain.map((one) => hexOf(Buffer.from(one)))];
  return [...new Set(all)].map((one) => Buffer.from(one));
};

/** The planted texts that lie in these places. */
export const findPlanted = (planted: readonly string[], places: Iterable<Place>): readonly Found[] => {
  const sought = planted.map((text) => ({ text, forms: formsOf(text) }));
  const found: Found[] = [];
  for (const { name, bytes } of places) {
    const held = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (const { text, forms } of sought)
      if (forms.some((form) => held.includes(form))) found.push({ planted: text, at: name });
  }
  return found;
};

/** Every file beneath a folder; what is gone or grows while it is read is read as it is. */
export function* filesBeneath(folder: string, from = folder): Generator<Place> {
  for (const entry of readdirSync(folder)) {
    const path = join(folder, entry);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isDirectory()) yield* filesBeneath(path, from);
    else if (stat?.isFile()) yield { name: relative(from, path), bytes: readFileSync(path) };
  }
}

/** Every table of every schema of a database, as text: bytea as hex, out-of-line values unpacked. */
export const tablesOf = async (databaseUrl: string): Promise<readonly Place[]> =>
  withClient(databaseUrl, async (client) => {
    const { rows } = await client.query<{ schema: string; name: string }>(
      `select schemaname as schema, tablename as name from pg_tables
       where schemaname not in ('pg_catalog', 'information_schema') order by 1, 2`,
    );
    const places: Place[] = [];
    for (const { schema, name } of rows) {
      const held = await client.query<{ row: string }>(
        `select whole_row::text as row from "${schema}"."${name}" whole_row`,
      );
      const text = held.rows.map(({ row }) => row).join('\n');
      places.push({ name: `${schema}.${name}`, bytes: Buffer.from(text) });
    }
    return places;
  });
