// Giving a draft its place and its signature. Never decides what is written; never touches the network.
import {
  DocumentLimits,
  type JsonObject,
  LEDGER_PAYLOAD_TYPE,
  type LedgerSeq,
  type ServiceName,
} from '@writ/contracts';
import { canonicalize, digestOf, type SigningKey, signFrameAsync } from '@writ/crypto';
import { type Chain, emptyChain, isUnversionedType, nextPlace, type Place } from '@writ/domain';
import type { EventDraft } from './event.js';
import type { Seal, SealedEvent } from './writer/types.js';

/** The largest document that a frame may hold: 48 KiB. */
export const MAX_DOCUMENT_BYTES = DocumentLimits.any.maxBytes;

export type SealRequest = {
  readonly draft: EventDraft;
  /** The NATS subject: the event is valid there and nowhere else. */
  readonly subject: string;
  /** The chain that the event continues. Unversioned facts of the kill-switch ignore it. */
  readonly chain: Chain;
  /** The ledger sequence to which the writer has folded all other subjects. */
  readonly seen: LedgerSeq;
  readonly key: SigningKey;
  /** Whose event it is: `source` becomes `/writ/<service>`. */
  readonly service: ServiceName;
  /** RFC 3339 UTC milliseconds; used when the draft has no time of its own. */
  readonly now: () => string;
};

const place = ({ draft, chain }: SealRequest): Place =>
  isUnversionedType(draft.type) ? {} : nextPlace(chain, draft.agent);

const buildDocument = (request: SealRequest): JsonObject => {
  const { draft, subject, seen, key, service, now } = request;
  return {
    specversion: '1.0',
    id: draft.id,
    type: draft.type,
    source: `/writ/${service}`,
    subject,
    time: draft.time ?? now(),
    datacontenttype: 'application/json',
    kid: key.kid,
    ...place(request),
    ...(draft.agent === undefined ? {} : { agent: draft.agent }),
    seen,
    causationid: draft.causationid,
    correlationid: draft.correlationid,
    ...(draft.traceparent === undefined ? {} : { traceparent: draft.traceparent }),
    data: draft.data,
  } as JsonObject;
};

const encoder = new TextEncoder();

/**
 * Builds and signs one event. Document, digest and size are there at once, so that a whole batch is chained before the first
 * signature is made; the frame follows, signed on the thread pool. Throws `CanonicalError` for data that has no canonical form.
 */
export const sealEvent = (request: SealRequest): SealedEvent => {
  const document = buildDocument(request);
  const bytes = encoder.encode(canonicalize(document));
  return {
    id: request.draft.id,
    document,
    digest: digestOf(LEDGER_PAYLOAD_TYPE, bytes),
    size: bytes.length,
    bytes: signFrameAsync(LEDGER_PAYLOAD_TYPE, document, request.key),
  };
};

/** The `seal` of a writer: one key, one service. */
export const createSealer =
  (signer: Pick<SealRequest, 'key' | 'service' | 'now'>): Seal =>
  (draft, at) =>
    sealEvent({ ...signer, draft, ...at });

/** Seals an unversioned fact of the kill-switch (`halt engaged`, `halt released`, `permit revoked`). */
export const sealFact = (request: Omit<SealRequest, 'chain'>): SealedEvent => {
  if (!isUnversionedType(request.draft.type)) throw new TypeError(`${request.draft.type} has a version`);
  return sealEvent({ ...request, chain: emptyChain });
};
