// In-toto Statements v1 and their DSSE envelopes (DSSE v1.0). Signing is the caller's: no key is ever held here.
import type { JsonObject } from '@writ/contracts';
import { canonicalize, pae } from '@writ/crypto';
import { sha256Hex } from '../foreign/bytes.js';
import { IN_TOTO_PAYLOAD_TYPE } from '../foreign/dsse/verify.js';
import type { ExportedEvent } from './event.js';
import { type ExportFormat, lineFormat } from './format.js';

/** The predicate of one ledger event: the document as it was signed and its place in the ledger. */
export const EVENT_PREDICATE_TYPE = 'urn:writ:predicate:ledger-event:v1';

/** What a statement is about: a name and the hex SHA-256 of exact bytes. */
export type StatementSubject = { readonly name: string; readonly digest: { readonly sha256: string } };

/** An in-toto Statement v1. */
export type Statement<P = JsonObject> = {
  readonly _type: 'https://in-toto.io/Statement/v1';
  readonly subject: readonly StatementSubject[];
  readonly predicateType: string;
  readonly predicate: P;
};

/** A DSSE envelope; `payload` and `sig` are padded base64. */
export type DsseEnvelope = {
  readonly payloadType: string;
  readonly payload: string;
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[];
};

/** Signs the pre-authentication encoding; gives the key's name and the raw signature. */
export type DsseSigner = (
  message: Uint8Array,
) => Promise<{ readonly keyid: string; readonly signature: Uint8Array }>;

/** The subject that stands for an event: its id, and the SHA-256 of its document's canonical bytes. */
export const subjectOf = (event: ExportedEvent): StatementSubject => ({
  name: event.document.id,
  digest: { sha256: sha256Hex(canonicalize(event.document)) },
});

/** The statement that an event stands in the ledger. Unsigned. */
export const eventToStatement = (event: ExportedEvent): Statement => ({
  _type: 'https://in-toto.io/Statement/v1',
  subject: [subjectOf(event)],
  predicateType: EVENT_PREDICATE_TYPE,
  predicate: {
    ledger: { seq: event.seq, time: event.time, subject: event.subject, digest: event.digest },
    event: event.document as unknown as JsonObject,
  },
});

/** The envelope of a statement, signed over its canonical JSON by the signer given. */
export const toDsse = async (statement: Statement<object>, signer: DsseSigner): Promise<DsseEnvelope> => {
  const payload = Buffer.from(canonicalize(statement), 'utf8');
  const { keyid, signature } = await signer(pae(IN_TOTO_PAYLOAD_TYPE, payload));
  return {
    payloadType: IN_TOTO_PAYLOAD_TYPE,
    payload: payload.toString('base64'),
    signatures: [{ keyid, sig: Buffer.from(signature).toString('base64') }],
  };
};

/** Statements, one a line, unsigned. */
export const inToto: ExportFormat = lineFormat('in-toto', 'application/x-ndjson', 'intoto.jsonl', (event) =>
  canonicalize(eventToStatement(event)),
);

/** Statements in DSSE envelopes, one a line, as attestation bundles are kept. */
export const dsseFormat = (signer: DsseSigner): ExportFormat =>
  lineFormat('dsse', 'application/x-ndjson', 'dsse.jsonl', async (event) =>
    JSON.stringify(await toDsse(eventToStatement(event), signer)),
  );
