// CloudEvents 1.0, JSON batch. A ledger document is one already and goes out unchanged.
import { canonicalize } from '@writ/crypto';
import type { ExportedEvent } from './event.js';
import type { ExportFormat } from './format.js';

/** One event in structured mode: exactly the canonical text of the document that was signed. */
export const toCloudEvent = (event: ExportedEvent): string => canonicalize(event.document);

/** The JSON batch format of CloudEvents 1.0.2: a JSON list. */
export const cloudevents: ExportFormat = {
  name: 'cloudevents',
  mediaType: 'application/cloudevents-batch+json',
  extension: 'cloudevents.json',
  start: '[\n',
  between: ',\n',
  end: '\n]\n',
  encode: toCloudEvent,
};
