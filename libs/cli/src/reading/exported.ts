// Owns reading the read model's export of exact frames. It believes none of them.
import type { StoredMessage } from '@writ/ledger';
import type { Api } from './api.js';

type ExportLine = {
  readonly seq: number;
  readonly time: string;
  readonly subject: string;
  readonly frame?: string;
  readonly frame64?: string;
};

/** The stored messages from 1 on, up to `end` or the read model's head, byte for byte. */
export async function* exportedMessages(api: Api, end?: number): AsyncIterable<StoredMessage> {
  for await (const line of api.lines(`/v1/export${end === undefined ? '' : `?to=${end}`}`)) {
    const { seq, time, subject, frame, frame64 } = JSON.parse(line) as ExportLine;
    const bytes = frame === undefined ? Buffer.from(frame64 ?? '', 'base64') : Buffer.from(frame, 'utf8');
    yield { seq, time, subject, bytes };
  }
}
