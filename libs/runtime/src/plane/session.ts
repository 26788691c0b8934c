// The session key behind a live message: its certificate, whose it is, when it is good. Standing goes by the identity key alone.
import {
  type Frame,
  type LiveKind,
  type Refused,
  refused,
  SessionKinds,
  type Timestamp,
} from '@writ/contracts';
import { openSessionKey, type VouchedKey, vouchesAt } from '@writ/crypto';
import { findKey, type RegistryKey, type RegistryState } from '@writ/domain';
import { publicKeyOf } from './plane.js';

/** A session key with the identity key that vouches for it. Whether that one is active is for the caller. */
export type Session = {
  readonly kind: 'session';
  readonly vouched: VouchedKey;
  readonly identity: RegistryKey;
  readonly frame: Frame;
};

/** How far a message may be behind the end of its key: it may have been on its way, and be repeated for so long. */
const LATE_MS = 2 * 60_000;

/** An old intent is stale by itself, or known; a state is read to learn the time. Their own time is enough. */
const TIMELESS: ReadonlySet<LiveKind> = new Set<LiveKind>(['intent', 'state-request']);

/** Opens the certificate behind a message. Refuses with WRIT-FRM-005, WRIT-KEY-030, -031 (whose it is), -033. */
export const openSession = (
  registry: RegistryState,
  kind: LiveKind,
  certificate: Uint8Array,
): Session | Refused => {
  if (!(SessionKinds as readonly LiveKind[]).includes(kind))
    return refused('WRIT-KEY-033', `a session key signs no ${kind}`);
  const opened = openSessionKey(certificate, (kid) => {
    const key = findKey(registry, kid);
    return key && publicKeyOf(key);
  });
  if (!opened.ok) return refused(opened.code, opened.reason);
  const { vouched } = opened;
  const identity = findKey(registry, vouched.identity);
  if (identity?.role !== vouched.role || identity.holder !== vouched.agent)
    return refused('WRIT-KEY-031', 'the certificate is not of its holder, or in its role');
  if (findKey(registry, vouched.key.kid) !== undefined)
    return refused('WRIT-KEY-033', 'a key of the registry is no session key');
  const frame = JSON.parse(Buffer.from(certificate).toString('utf8')) as Frame;
  return { kind: 'session', vouched, identity, frame };
};

/** Whether a session key may not have signed a document of that time, or is long over now (ms): then somebody dated it back. */
export const isOver = (vouched: VouchedKey, kind: LiveKind, time: Timestamp, now: number): boolean =>
  !vouchesAt(vouched, time) || (!TIMELESS.has(kind) && now >= Date.parse(vouched.notAfter) + LATE_MS);
