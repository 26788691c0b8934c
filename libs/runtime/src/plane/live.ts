// Signs live documents of a service or a person: one envelope, one place. Never a ledger event.
import type { JsonObject, LiveDocumentOf, LiveKind } from '@writ/contracts';
import { livePayloadType } from '@writ/contracts';
import { type KeyPair, signFrame } from '@writ/crypto';
import { systemClock } from '../clock.js';
import { uuidv7 } from '../uuidv7.js';

/** RFC 3339 UTC with milliseconds, from wall-clock milliseconds. */
export const timestamp = (ms: number): string => new Date(ms).toISOString();

/** Builds and signs a live document for exactly one subject. The id is a fresh UUIDv7 unless one is given. */
export const signLive = <K extends LiveKind>(
  kind: K,
  subject: string,
  data: LiveDocumentOf<K>['data'],
  key: KeyPair,
  at: { readonly id?: string; readonly time?: string } = {},
): { readonly bytes: Uint8Array; readonly id: string } => {
  const id = at.id ?? uuidv7();
  const time = at.time ?? timestamp(systemClock.now());
  const document = {
    type: `writ.${kind}.v1`,
    id,
    kid: key.kid,
    subject,
    time,
    data,
  } as unknown as JsonObject;
  return { bytes: signFrame(livePayloadType(kind), document, key), id };
};
