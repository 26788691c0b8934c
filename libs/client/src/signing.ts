// With what this client signs: its identity key, or a short-lived session key that the identity key vouches for, renewed in time.
import { SESSION_KEY_MAX_MS } from '@writ/contracts';
import { certifySessionKey, generateKeyPair, type KeyPair, type SigningKey } from '@writ/crypto';
import { type ClientClock, timestamp } from './clock.js';
import type { Credentials } from './credentials.js';
import { WritError } from './errors.js';
import { newCommandId } from './new-id.js';
import type { ClientLog } from './types.js';

/** A key to sign with; for a session key with its certificate and the plane time (epoch ms) at which it ends. */
export type Signing = {
  readonly key: SigningKey;
  readonly certificate?: Uint8Array;
  readonly until?: number;
};

/** The key to sign a document of that plane time with. Rejects with SignerError when none can be certified. */
export type SigningAt = (at: number) => Promise<Signing>;

/** `true`: for an hour at a time. */
export type SessionOption = boolean | { readonly ttlSeconds: number };

const DEFAULT_MS = 3_600_000;
/** How far before now a session key begins: the time of the plane may turn out to be a little different. */
const EARLIER_MS = 60_000;
const LONGEST_MS = SESSION_KEY_MAX_MS - EARLIER_MS;
const AGAIN_MS = 10_000;

type Held = Required<Signing> & { readonly key: KeyPair; readonly from: number };

export type SigningOptions = {
  readonly session: SessionOption | undefined;
  readonly clock: ClientClock;
  readonly log: ClientLog;
  readonly closed: AbortSignal;
};

const lifeOf = (session: SessionOption | undefined): number | undefined => {
  if (session === undefined || session === false) return undefined;
  const ms = session === true ? DEFAULT_MS : session.ttlSeconds * 1000;
  if (!Number.isSafeInteger(ms) || ms < 1000 || ms > LONGEST_MS)
    throw new WritError('WRIT-CFG-001', `session.ttlSeconds: 1 to ${LONGEST_MS / 1000}`);
  return ms;
};

const certify = async (
  { key: identity, scope, role }: Credentials,
  at: number,
  life: number,
): Promise<Held> => {
  const key = generateKeyPair();
  const [from, until] = [at - EARLIER_MS, at + life];
  const about = { agent: scope, role, notBefore: timestamp(from), notAfter: timestamp(until) };
  const named = { ...about, time: timestamp(at), id: newCommandId(at) };
  return { key, certificate: await certifySessionKey(identity, key, named), from, until };
};

/**
 * Signs with the identity key or, with `session`, with a key that lives in memory only. A new one is certified when two thirds of
 * its life are over, and at once when the plane's time turns out to be another. Throws WRIT-CFG-001 (more than 24 hours).
 */
export const createSigning = (credentials: Credentials, options: SigningOptions): SigningAt => {
  const { session, clock, log, closed } = options;
  const life = lifeOf(session);
  if (life === undefined) return async () => ({ key: credentials.key });
  let held: Held | undefined;
  let renewing: Promise<Held> | undefined;
  let timer: NodeJS.Timeout | undefined;
  closed.addEventListener('abort', () => clearTimeout(timer));

  const renewIn = (ms: number, at: number): void => {
    const from = clock.now().mono;
    clearTimeout(timer);
    if (closed.aborted) return;
    timer = setTimeout(() => renewed(at + clock.now().mono - from).catch(() => undefined), ms);
    timer.unref();
  };
  const renew = async (at: number): Promise<Held> => {
    try {
      held = await certify(credentials, at, life);
      renewIn((life * 2) / 3, at);
      log({ event: 'session-key-certified' });
      return held;
    } catch (error) {
      log({ event: 'session-key-not-certified' });
      renewIn(AGAIN_MS, at);
      throw error;
    } finally {
      renewing = undefined;
    }
  };
  const renewed = (at: number): Promise<Held> => {
    renewing ??= renew(at);
    return renewing;
  };
  const covers = (at: number, key = held): key is Held =>
    key !== undefined && key.from <= at && at < key.until;
  return async (at) => {
    if (covers(at, held)) return held;
    const fresh = await renewed(at);
    return covers(at, fresh) ? fresh : renewed(at);
  };
};
