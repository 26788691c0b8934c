// The shapes around the signed frame: payload types, embedded frames, commitments. Signing lives in @writ/crypto.
import { z } from 'zod';
import { Digest, Kid, Signature } from './ids.js';
import type { JsonObject } from './json.js';

/** Byte and depth limits of signed documents (ARCHITECTURE §3). */
export const DocumentLimits = {
  intent: { maxBytes: 12 * 1024, maxDepth: 24 },
  any: { maxBytes: 48 * 1024, maxDepth: 32 },
} as const;

/** The DSSE payload type of every ledger event; no live document ever uses it. */
export const LEDGER_PAYLOAD_TYPE = 'application/vnd.writ.event+json';

/** The kinds of live document; each has a payload type of its own. */
export const LiveKinds = [
  'intent',
  'receipt-request',
  'outcome-report',
  'state-request',
  'preserve-request',
  'ack',
  'vote',
  'command',
  'notice',
  'lease',
  'state',
  'refusal',
  'preserved',
  'key-possession',
  'session-key',
  'root-endorsement',
  'conduct-report',
  'bundle-manifest',
] as const;
export type LiveKind = (typeof LiveKinds)[number];

/** The DSSE payload type of a kind of live document. */
export const livePayloadType = (kind: LiveKind): string => `application/vnd.writ.${kind}+json`;

/** A signed frame embedded in a document. Its canonical form is the frame's bytes. */
export const Frame = z.strictObject({
  kid: Kid,
  sig: Signature,
  signed: z.looseObject({}) as unknown as z.ZodType<JsonObject>,
});
export type Frame = z.infer<typeof Frame>;

/** An object whose private members stand as RFC 9901 salted digests, sorted. */
export const Committed = z.strictObject({ _sd: z.array(Digest).max(64) });
export type Committed = z.infer<typeof Committed>;

/** A disclosure: base64url of the JSON array [salt, name, value] (RFC 9901 §4.2.1). */
export const Disclosure = z
  .string()
  .max(32 * 1024)
  .regex(/^[A-Za-z0-9_-]+$/);
export type Disclosure = z.infer<typeof Disclosure>;
