// Session keys of agents as tests want them: honest, or forged in one point.
import { type JsonObject, livePayloadType, sessionSubject } from '@writ/contracts';
import { generateKeyPair, joinMessage, type KeyPair, signFrame, splitMessage } from '@writ/crypto';
import { uuidv7 } from '@writ/runtime';

export type SessionOptions = {
  readonly key?: KeyPair;
  readonly role?: string;
  /** Seconds from `at`. */
  readonly from?: number;
  readonly to?: number;
  readonly at?: number;
  /** Who signs the proof of possession, and what it says otherwise. */
  readonly possessor?: KeyPair;
  readonly proof?: object;
  readonly proofData?: object;
  /** What the certificate says otherwise, beside its data and in it. */
  readonly as?: object;
  readonly data?: object;
};

/** A certificate frame with the session key that it is for. */
export type TestSession = { readonly key: KeyPair; readonly certificate: Uint8Array };

/** Certifies a session key of `agent` with its identity key. */
export const sessionOf = (agent: string, identity: KeyPair, options: SessionOptions = {}): TestSession => {
  const { key = generateKeyPair(), role = 'agent', at = Date.now(), from = -60, to = 3600 } = options;
  const iso = (seconds: number): string => new Date(at + seconds * 1000).toISOString();
  const subject = sessionSubject(agent);
  const { possessor = key } = options;
  const named = { id: uuidv7(), subject, time: iso(0) };
  const proof = {
    ...{ ...named, type: 'writ.key-possession.v1', kid: possessor.kid },
    data: { x: key.x, role, holder: agent, scope: agent, ...options.proofData },
    ...options.proof,
  };
  const possession = signFrame(livePayloadType('key-possession'), proof, possessor);
  const data = {
    ...{ session: { kid: key.kid, x: key.x }, agent, notBefore: iso(from), notAfter: iso(to) },
    possession: JSON.parse(Buffer.from(possession).toString('utf8')) as JsonObject,
    ...options.data,
  };
  const document = { ...named, type: 'writ.session-key.v1', kid: identity.kid, data, ...options.as };
  return { key, certificate: signFrame(livePayloadType('session-key'), document, identity) };
};

/** A message of the session key as it goes onto the wire. */
export const underSession = (message: Uint8Array, { certificate }: TestSession): Uint8Array => {
  const { frame, rest } = splitMessage(message);
  return joinMessage(frame, rest, certificate);
};
