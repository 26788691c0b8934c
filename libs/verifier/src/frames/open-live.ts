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
  SessionKinds,
} from '@writ/contracts';
import {
  frameBytes,
  openSessionKey,
  type PublicKey,
  readVerified,
  type VouchedKey,
  verifyFrameAsync,
  type verifyStrictAsync,
  vouchesAt,
} from '@writ/crypto';
import type { Embedded } from './embedded.js';

/** The session key that signed a frame: whose, in which role, vouched for by which key, and whether at the time that the frame states. */
export type VouchedBy = Pick<VouchedKey, 'identity' | 'agent' | 'role'> & { readonly inTime: boolean };

/** A live frame whose signature holds under the key that it names; or why not. */
export type OpenedLive =
  | {
      readonly ok: true;
      readonly kind: LiveKind;
      readonly kid: Kid;
      readonly digest: Digest;
      readonly document: LiveDocumentOf<LiveKind>;
      readonly vouched?: VouchedBy;
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

/** The session key of a certificate, to be found by its kid alone. */
const openVouched = (session: Frame, kind: LiveKind, find: FindPublicKey) => {
  const bytes = bytesOf(session);
  const allowed = (SessionKinds as readonly LiveKind[]).includes(kind);
  if (bytes !== undefined && allowed) return openSessionKey(bytes, find);
  return { ok: false, code: 'WRIT-KEY-030', reason: 'it is no certificate, or not for this' } as const;
};

/** What a certificate says about a frame of its key. */
export const vouchedBy = (vouched: VouchedKey, document: LiveDocumentOf<LiveKind>): VouchedBy => {
  const { identity, agent, role } = vouched;
  return { identity, agent, role, inTime: vouchesAt(vouched, document.time) };
};

/** Opens one embedded frame, with its session key where a certificate stands beside it. Total: never rejects. */
export const openLive = async (
  { kind, frame, session }: Omit<Embedded, 'name'>,
  find: FindPublicKey,
  verify: typeof verifyStrictAsync,
): Promise<OpenedLive> => {
  const { kid } = frame;
  const no = (code: string, reason: string): OpenedLive => ({ ok: false, kind, kid, code, reason });
  const bytes = bytesOf(frame);
  if (bytes === undefined) return no('WRIT-FRM-004', 'it has no canonical form');
  const vouching = session && openVouched(session, kind, find);
  if (vouching?.ok === false) return no(vouching.code, vouching.reason);
  const source = vouching?.vouched.key ?? find;
  const verified = await verifyFrameAsync(bytes, livePayloadType(kind), source, limitsOf(kind), verify);
  const opened = verified.ok ? readVerified(verified, limitsOf(kind)) : verified;
  // A certificate for another key than the one that signed: nothing that could become known later.
  if (!opened.ok && vouching !== undefined) return no('WRIT-FRM-003', opened.reason);
  if (!opened.ok) return no(opened.code, opened.reason);
  const document = parseLiveDocument(kind, opened.document);
  if (document === undefined) return no('WRIT-FRM-009', `it is no ${kind}`);
  const vouched = vouching && { vouched: vouchedBy(vouching.vouched, document) };
  return { ok: true, kind, kid, digest: opened.digest, document, ...vouched };
};
