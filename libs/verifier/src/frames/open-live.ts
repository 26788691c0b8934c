// Opens embedded live frames: signature, canonical form, schema. Whose key it must be is judged later, in ledger order.
import {
  type Digest,
  DocumentLimits,
  type Frame,
  type Kid,
  type LiveDocumentOf,
  type LiveKind,
  livePayloadType,
  parseLiveDocument,
} from '@writ/contracts';
import {
  frameBytes,
  type PublicKey,
  readVerified,
  verifyFrameAsync,
  type verifyStrictAsync,
} from '@writ/crypto';

/** A live frame whose signature holds under the key that it names; or why not. */
export type OpenedLive =
  | {
      readonly ok: true;
      readonly kind: LiveKind;
      readonly kid: Kid;
      readonly digest: Digest;
      readonly document: LiveDocumentOf<LiveKind>;
    }
  | {
      readonly ok: false;
      readonly kind: LiveKind;
      readonly kid: Kid;
      readonly code: string;
      readonly reason: string;
    };

export type FindPublicKey = (kid: Kid) => PublicKey | undefined;

const limitsOf = (kind: LiveKind) => (kind === 'intent' ? DocumentLimits.intent : DocumentLimits.any);

const bytesOf = (frame: Frame): Uint8Array | undefined => {
  try {
    return frameBytes(frame);
  } catch {
    return undefined;
  }
};

/** Opens one embedded frame. Total: never rejects. */
export const openLive = async (
  kind: LiveKind,
  frame: Frame,
  find: FindPublicKey,
  verify: typeof verifyStrictAsync,
): Promise<OpenedLive> => {
  const { kid } = frame;
  const no = (code: string, reason: string): OpenedLive => ({ ok: false, kind, kid, code, reason });
  const bytes = bytesOf(frame);
  if (bytes === undefined) return no('WRIT-FRM-004', 'it has no canonical form');
  const verified = await verifyFrameAsync(bytes, livePayloadType(kind), find, limitsOf(kind), verify);
  const opened = verified.ok ? readVerified(verified, limitsOf(kind)) : verified;
  if (!opened.ok) return no(opened.code, opened.reason);
  const document = parseLiveDocument(kind, opened.document);
  if (document === undefined) return no('WRIT-FRM-009', `it is no ${kind}`);
  return { ok: true, kind, kid, digest: opened.digest, document };
};
