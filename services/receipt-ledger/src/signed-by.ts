// Whether a frame that stands inside a recorded event is really signed by whom the event names. Believes nobody else's check.
import { type Frame, type LiveKind, liveDocuments, livePayloadType, type Timestamp } from '@writ/contracts';
import { frameBytes, openFrameAsync, type PublicKey, vouchesAt } from '@writ/crypto';
import { findKey, type RegistryKey } from '@writ/domain';
import { openSession, type Plane, publicKeyOf } from '@writ/runtime';

/** What an event says about a frame that it embeds. */
export type Claim = {
  readonly kind: LiveKind;
  readonly frame: Frame;
  /** The certificate of the session key that signed it. */
  readonly session?: Frame | undefined;
  readonly digest: string;
  readonly role: string;
  readonly holder: string;
};

type Signer = { readonly key: RegistryKey; readonly signing: PublicKey };

/** Whose key signed a frame: its own, or that which vouches for its session key at the time that it states. */
const signerOf = (plane: Pick<Plane, 'registry'>, { kind, frame, session }: Claim): Signer | undefined => {
  if (session === undefined) {
    const key = findKey(plane.registry(), frame.kid);
    return key && { key, signing: publicKeyOf(key) };
  }
  const opened = openSession(plane.registry(), kind, frameBytes(session));
  if (opened.kind === 'refused') return undefined;
  const { vouched, identity } = opened;
  return vouchesAt(vouched, frame.signed['time'] as Timestamp)
    ? { key: identity, signing: vouched.key }
    : undefined;
};

/** True when the frame opens under a certified key of that role and holder, or under a session key of it, has that digest and fits its schema. Never rejects. */
export const signedBy = async (plane: Pick<Plane, 'registry'>, claim: Claim): Promise<boolean> => {
  const { kind, frame, digest, role, holder } = claim;
  try {
    const signer = signerOf(plane, claim);
    if (signer?.key.role !== role || signer.key.holder !== holder) return false;
    const opened = await openFrameAsync(frameBytes(frame), livePayloadType(kind), signer.signing);
    return opened.ok && opened.digest === digest && liveDocuments[kind].safeParse(opened.document).success;
  } catch {
    return false;
  }
};
