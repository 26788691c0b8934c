// Signs live documents of a service or a person: one envelope, one place. Never a ledger event.
import type { JsonObject, LiveDocumentOf, LiveKind } from '@writ/contracts';
import { livePayloadType } from '@writ/contracts';
import { type KeyPair, type SigningKey, signFrame, signFrameWith } from '@writ/crypto';
import { systemClock } from '../clock.js';
import { uuidv7 } from '../uuidv7.js';

/** RFC 3339 UTC with milliseconds, from wall-clock milliseconds. */
export const timestamp = (ms: number): string => new Date(ms).toISOString();

type At = { readonly id?: string; readonly time?: string };
type SignedLive = { readonly bytes: Uint8Array; readonly id: string };

const envelope = <K extends LiveKind>(
  kind: K,
  subject: string,
  data: LiveDocumentOf<K>['data'],
  { kid }: { readonly kid: string },
  at: At,
): JsonObject & { readonly id: string } => {
  const id = at.id ?? uuidv7();
  const time = at.time ?? timestamp(systemClock.now());
  return { type: `writ.${kind}.v1`, id, kid, subject, time, data } as unknown as JsonObject & { id: string };
};

/** Builds and signs a live document for exactly one subject. The id is a fresh UUIDv7 unless one is given. */
export const signLive = <K extends LiveKind>(
  kind: K,
  subject: string,
  data: LiveDocumentOf<K>['data'],
  key: KeyPair,
  at: At = {},
): SignedLive => {
  const document = envelope(kind, subject, data, key, at);
  return { bytes: signFrame(livePayloadType(kind), document, key), id: document.id };
};

/**
 * The same with any signing key; one in this process signs at once. Rejects with SignerError when an external signer made no valid
 * signature: nothing was signed, and nothing may be said.
 */
export const signLiveWith = async <K extends LiveKind>(
  kind: K,
  subject: string,
  data: LiveDocumentOf<K>['data'],
  key: SigningKey,
  at: At = {},
): Promise<SignedLive> => {
  const document = envelope(kind, subject, data, key, at);
  return { bytes: await signFrameWith(livePayloadType(kind), document, key), id: document.id };
};
