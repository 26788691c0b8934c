// One event of every type, from the golden frames of the published language.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LedgerDocument } from '@writ/contracts';
import { LEDGER_PAYLOAD_TYPE, parseLedgerDocument } from '@writ/contracts';
import { canonicalize, digestOf } from '@writ/crypto';
import type { ExportedEvent } from '@writ/interop';

const folder = join(import.meta.dirname, '../../../proto-schemas/golden');

/** The digest of a document, as the ledger makes it. */
export const digestOfDocument = (document: object): string =>
  digestOf(LEDGER_PAYLOAD_TYPE, Buffer.from(canonicalize(document)));

/** An event as it would be exported. */
export const exported = <D extends object>(document: D, seq = 7): ExportedEvent<D> => ({
  seq,
  time: '2026-01-02T03:04:05.678Z',
  subject: 'gov.ledger.authority.acme.shop.prod',
  document,
  digest: digestOfDocument(document),
});

/** Every ledger event type once. */
export const goldenEvents: readonly ExportedEvent[] = readdirSync(folder)
  .filter((name) => name.endsWith('.frame'))
  .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')).signed as unknown)
  .map(parseLedgerDocument)
  .flatMap((parsed) => (parsed.kind === 'known' ? [parsed.document as LedgerDocument] : []))
  .map((document, i) => exported(document, i + 1));
