// NDJSON with one level only, for tools that want columns. No two members of an event ever share a name.
import { canonicalize, type JsonObject, type JsonValue } from '@writ/crypto';
import type { ExportedEvent } from './event.js';
import { type ExportFormat, lineFormat } from './format.js';

/** A name within a path: dots and backslashes of its own are escaped, so that paths stay apart. */
const segment = (name: string): string => name.replaceAll('\\', '\\\\').replaceAll('.', '\\.');

const isBranch = (value: JsonValue): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0;

const flatten = (value: JsonObject, path: string): readonly (readonly [string, JsonValue])[] =>
  Object.entries(value).flatMap(([name, member]) => {
    const here = `${path}${segment(name)}`;
    if (isBranch(member)) return flatten(member, `${here}.`);
    const leaf = typeof member === 'object' && member !== null ? canonicalize(member) : member;
    return [[here, leaf] as const];
  });

/** One event as a flat JSON object: members of objects by dotted path, lists as JSON text, the place in the ledger in front. */
export const toFlatJson = (event: ExportedEvent): string => {
  const { seq, time, subject, digest, document } = event;
  const place = {
    'ledger.seq': seq,
    'ledger.time': time,
    'ledger.subject': subject,
    'ledger.digest': digest,
  };
  return JSON.stringify({ ...place, ...Object.fromEntries(flatten(document as unknown as JsonObject, '')) });
};

/** NDJSON: one flat JSON object a line. */
export const ndjson: ExportFormat = lineFormat('ndjson', 'application/x-ndjson', 'ndjson', toFlatJson);
