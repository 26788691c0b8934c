// Owns the names of the formats in which events go to other systems. How each looks is in @writ/interop.
import { type SigningKey, signWith } from '@writ/crypto';
import { dsseFormat, type ExportFormat, ExportFormats } from '@writ/interop';

/** Every format of events by its name. */
export const EventFormats = [
  ...(Object.keys(ExportFormats) as (keyof typeof ExportFormats)[]),
  'dsse',
] as const;
export type EventFormat = (typeof EventFormats)[number];

/** The format; that of DSSE signs each statement with the exporter's key. */
export function formatNamed(name: EventFormat, key: () => SigningKey): ExportFormat {
  if (name !== 'dsse') return ExportFormats[name];
  const signer = key();
  return dsseFormat(async (message) => ({ keyid: signer.kid, signature: await signWith(signer, message) }));
}
