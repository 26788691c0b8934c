// Session keys: the certificate that an identity key signs for one, and its check. Whose key the identity's is, and whether it counts,
// is for the caller.
import {
  type AgentScope,
  type CommandId,
  type Frame,
  type JsonObject,
  KeyPossession,
  type Kid,
  livePayloadType,
  SessionKey,
  sessionSubject,
  type Timestamp,
} from '@writ/contracts';
import { FRAME_OFFSETS, frameBytes, refuseFrame } from './frame.js';
import { importPublic, type KeyPair, type PublicKey } from './keys.js';
import { openFrame } from './open-frame.js';
import { signFrame, signFrameWith } from './sign-frame.js';
import type { SigningKey } from './signer/signer.js';

/** Whose session key it is to be, and from when until when: 24 hours at most. */
export type SessionCertificate = {
  readonly agent: AgentScope;
  readonly role: 'agent' | 'enforcement-point';
  readonly notBefore: Timestamp;
  readonly notAfter: Timestamp;
  readonly time: Timestamp;
  /** A UUIDv7. */
  readonly id: CommandId;
};

/** A session key as its certificate says; `identity` is the kid of the key that vouches for it. */
export type VouchedKey = Pick<SessionCertificate, 'agent' | 'role' | 'notBefore' | 'notAfter'> & {
  readonly identity: Kid;
  readonly key: PublicKey;
};

type Checked = { readonly ok: true; readonly vouched: VouchedKey } | ReturnType<typeof refuseFrame>;

/** A certificate is small: it stands in every event that embeds a frame of its key. */
export const SESSION_KEY_LIMITS = { maxBytes: 4096, maxDepth: 8 } as const;

/** Certificates that held when they were met before: the kid in one names the key that it was verified with. */
const held = new Map<string, Checked>();
const KEEP = 4096;

/**
 * The certificate frame of a session key, signed by the identity key, wherever that is held; the session key itself proves that it is
 * in the same hands. Rejects with SignerError when an external signer made no valid signature.
 */
export const certifySessionKey = async (
  identity: SigningKey,
  session: KeyPair,
  { agent, role, notBefore, notAfter, time, id }: SessionCertificate,
): Promise<Uint8Array> => {
  const subject = sessionSubject(agent);
  const possession = signFrame(
    livePayloadType('key-possession'),
    {
      ...{ type: 'writ.key-possession.v1', id, kid: session.kid, subject, time },
      data: { x: session.x, role, holder: agent, scope: agent },
    },
    session,
  );
  const data = {
    session: { kid: session.kid, x: session.x },
    ...{ agent, notBefore, notAfter },
    possession: JSON.parse(Buffer.from(possession).toString('utf8')) as JsonObject,
  };
  const document = { type: 'writ.session-key.v1', id, kid: identity.kid, subject, time, data };
  return signFrameWith(livePayloadType('session-key'), document, identity, SESSION_KEY_LIMITS);
};

const no = (reason: string): Checked => refuseFrame('WRIT-KEY-030', reason);

const publicKey = (x: string): PublicKey | undefined => {
  try {
    return importPublic(x);
  } catch {
    return undefined;
  }
};

const possessionOf = (frame: Frame, key: PublicKey): KeyPossession | undefined => {
  try {
    const opened = openFrame(frameBytes(frame), livePayloadType('key-possession'), key, SESSION_KEY_LIMITS);
    const parsed = opened.ok ? KeyPossession.safeParse(opened.document) : undefined;
    return parsed?.success === true ? parsed.data : undefined;
  } catch {
    return undefined;
  }
};

const check = (certificate: Uint8Array, identity: PublicKey): Checked => {
  const opened = openFrame(certificate, livePayloadType('session-key'), identity, SESSION_KEY_LIMITS);
  if (!opened.ok) return no(`${opened.code} ${opened.reason}`);
  const parsed = SessionKey.safeParse(opened.document);
  if (!parsed.success) return no(`field ${parsed.error.issues[0]?.path.join('.') ?? ''} does not fit`);
  const { id, time, subject, data } = parsed.data;
  const { session, agent, notBefore, notAfter } = data;
  const key = publicKey(session.x);
  if (key?.kid !== session.kid || key.kid === identity.kid) return no('it names no key, or its own');
  const possession = possessionOf(data.possession, key);
  const said = possession?.data;
  const same =
    subject === sessionSubject(agent) &&
    possession?.subject === subject &&
    possession.id === id &&
    possession.time === time &&
    said?.x === session.x &&
    said.holder === agent &&
    said.scope === agent;
  if (!same || (said?.role !== 'agent' && said?.role !== 'enforcement-point'))
    return no('the session key does not say the same of itself');
  const vouched = { identity: identity.kid, key, agent, role: said.role, notBefore, notAfter };
  return { ok: true, vouched };
};

/**
 * Opens a certificate with the identity keys that `find` knows. Guarantees: `ok` only when it is signed by the key that it names, the
 * session key proves its possession for the same agent and certificate, and the window is 24 hours at most. Whose the
 * identity key is, whether it counts, and the time are for the caller. WRIT-FRM-005 identity key unknown, WRIT-KEY-030. Total.
 */
export const openSessionKey = (
  certificate: Uint8Array,
  find: (kid: Kid) => PublicKey | undefined,
): Checked => {
  const text = Buffer.from(certificate).toString('latin1');
  const kid = text.slice(FRAME_OFFSETS.kid, FRAME_OFFSETS.kid + 43);
  const identity = find(kid);
  if (identity?.kid !== kid) return refuseFrame('WRIT-FRM-005', 'the key of the certificate is not known');
  const before = held.get(text);
  if (before !== undefined) return before;
  const found = check(certificate, identity);
  if (!found.ok) return found;
  if (held.size >= KEEP) held.delete(held.keys().next().value as string);
  held.set(text, found);
  return found;
};

/** Whether a session key may have signed a document of that time. Times of one form: compared as they stand. */
export const vouchesAt = ({ notBefore, notAfter }: VouchedKey, time: Timestamp): boolean =>
  notBefore <= time && time < notAfter;
