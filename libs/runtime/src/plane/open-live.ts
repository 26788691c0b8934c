// Opens a live message: frame, key, signature, canonical form, schema, subject. Whoever verified it before is not believed.
import {
  type Code,
  DocumentLimits,
  type Frame,
  type LiveDocumentOf,
  type LiveKind,
  liveDocuments,
  livePayloadType,
  type Refused,
  refused,
} from '@writ/contracts';
import { openFrameAsync, splitMessage } from '@writ/crypto';
import { findKey, isKeyActive, type RegistryKey } from '@writ/domain';
import { type Plane, publicKeyOf } from './plane.js';
import { isOver, openSession } from './session.js';

/**
 * A live message whose signature holds under an active key of the registry, or under a session key that it vouches for: then `key` is
 * the identity key and `session` the certificate. Who may hold that key is for the caller.
 */
export type OpenedLive<K extends LiveKind> = {
  readonly kind: 'opened';
  readonly document: LiveDocumentOf<K>;
  readonly frame: Frame;
  readonly digest: string;
  readonly disclosures: readonly string[];
  readonly key: RegistryKey;
  readonly session?: Frame;
};

const standing = (key: RegistryKey | undefined): Refused | undefined => {
  if (key === undefined) return refused('WRIT-FRM-005', 'the key is not registered');
  return isKeyActive(key) ? undefined : refused('WRIT-FRM-006', 'the key is revoked or retired');
};

/** Opens one message of `kind` that came on `subject`. Refuses with WRIT-FRM-001 to -009, -012 and WRIT-KEY-030 to -033; never throws. */
export const openLive = async <K extends LiveKind>(
  plane: Plane,
  kind: K,
  subject: string,
  bytes: Uint8Array,
): Promise<OpenedLive<K> | Refused> => {
  const limits = kind === 'intent' ? DocumentLimits.intent : DocumentLimits.any;
  const { frame, certificate, rest } = splitMessage(bytes);
  const session = certificate && openSession(plane.registry(), kind, certificate);
  if (session?.kind === 'refused') return session;
  let key: RegistryKey | undefined;
  const find = (kid: string) => {
    key = session?.identity ?? findKey(plane.registry(), kid);
    return session?.vouched.key ?? (key && publicKeyOf(key));
  };
  const opened = await openFrameAsync(frame, livePayloadType(kind), find, limits);
  if (!opened.ok) return refused(opened.code as Code, opened.reason);
  const no = standing(key);
  if (no !== undefined || key === undefined)
    return no ?? refused('WRIT-FRM-005', 'the key is not registered');
  const parsed = liveDocuments[kind].safeParse(opened.document);
  if (!parsed.success)
    return refused('WRIT-FRM-009', `field ${parsed.error.issues[0]?.path.join('.') ?? ''} does not fit`);
  const document = parsed.data as LiveDocumentOf<K>;
  if (document.subject !== subject) return refused('WRIT-FRM-008', 'signed for another subject');
  if (session && isOver(session.vouched, kind, document.time, plane.clock.now()))
    return refused('WRIT-KEY-032', `good from ${session.vouched.notBefore} to ${session.vouched.notAfter}`);
  const signed = opened.document as Frame['signed'];
  return {
    kind: 'opened',
    document,
    frame: { kid: opened.kid, sig: opened.sig, signed },
    digest: opened.digest,
    disclosures: rest,
    key,
    ...(session && { session: session.frame }),
  };
};
