// Whether a frame that stands inside a recorded event is really signed by whom the event names. Believes nobody else's check.
import { type Frame, type LiveKind, liveDocuments, livePayloadType } from '@writ/contracts';
import { frameBytes, openFrameAsync } from '@writ/crypto';
import { findKey } from '@writ/domain';
import { type Plane, publicKeyOf } from '@writ/runtime';

/** What an event says about a frame that it embeds. */
export type Claim = {
  readonly kind: LiveKind;
  readonly frame: Frame;
  readonly digest: string;
  readonly role: string;
  readonly holder: string;
};

/** True when the frame opens under a certified key of that role and holder, has that digest and fits its schema. Never rejects. */
export const signedBy = async (
  plane: Pick<Plane, 'registry'>,
  { kind, frame, digest, role, holder }: Claim,
): Promise<boolean> => {
  try {
    const opened = await openFrameAsync(frameBytes(frame), livePayloadType(kind), (kid) => {
      const key = findKey(plane.registry(), kid);
      return key?.role === role && key.holder === holder ? publicKeyOf(key) : undefined;
    });
    return opened.ok && opened.digest === digest && liveDocuments[kind].safeParse(opened.document).success;
  } catch {
    return false;
  }
};
