// The export formats by name. Those that need a signer are not here: see `dsseFormat`.
import { cef } from './cef.js';
import { cloudevents } from './cloudevents.js';
import { csv } from './csv.js';
import { inToto } from './in-toto.js';
import { ndjson } from './ndjson.js';
import { ocsf } from './ocsf.js';
import { otel } from './otel.js';

/** Every export format that needs nothing but the events. */
export const ExportFormats = { csv, ndjson, ocsf, cef, otel, cloudevents, 'in-toto': inToto } as const;

/** The name of one. */
export type ExportFormatName = keyof typeof ExportFormats;
