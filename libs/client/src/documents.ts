// Makes the signed live documents of this side and names the subjects it reads. It sends nothing.
import {
  environmentOf,
  inboxOf,
  type LiveDocumentOf,
  type LiveKind,
  livePayloadType,
  type Refused,
  refused,
  subjects,
} from '@writ/contracts';
import { joinMessage, SignerError, signFrameWith } from '@writ/crypto';
import { timestamp } from './clock.js';
import { newCommandId } from './new-id.js';
import type { SigningAt } from './signing.js';
import type { Signer } from './trust/trust.js';

/** `certificate`: that of the session key which signed it, valid until the plane time `until`. */
export type SignedDocument = {
  readonly id: string;
  readonly frame: Uint8Array;
  readonly certificate?: Uint8Array;
  readonly until?: number;
};

/**
 * Signs one live document for one subject; `at` (epoch ms, plane time) stands in its id and its time. A key in this process signs at
 * once, a session key too. Rejects with SignerError when an external signer made no valid signature.
 */
export const signLive = async <K extends LiveKind>(
  kind: K,
  signing: SigningAt,
  subject: string,
  at: number,
  data: LiveDocumentOf<K>['data'],
): Promise<SignedDocument> => {
  const { key, ...session } = await signing(at);
  const id = newCommandId(at);
  const document = { type: `writ.${kind}.v1`, id, kid: key.kid, subject, time: timestamp(at), data };
  return { id, frame: await signFrameWith(livePayloadType(kind), document, key), ...session };
};

/** What goes onto the wire: the frame, its certificate, and what is disclosed. */
export const messageOf = (
  { frame, certificate }: Pick<SignedDocument, 'frame' | 'certificate'>,
  disclosures: readonly string[] = [],
): Uint8Array => joinMessage(frame, disclosures, certificate);

/** A signature that was not made, as a refusal with the signer's code (WRIT-KEY-010 to -013); throws anything else on. */
export const notSigned = (error: unknown): Refused => {
  if (error instanceof SignerError) return refused(error.code, error.message);
  throw error;
};

/** Who may have signed what this client hears, and for which subjects. */
export const signersOf = (self: string) => {
  const env = environmentOf(self);
  const at = (role: Signer['roles'][number], ...names: readonly string[]): Signer => ({
    roles: [role],
    subjects: names,
  });
  return {
    state: at('kill-switch', subjects.state(self), inboxOf(self)),
    preserved: at('kill-switch', subjects.preserve(self), inboxOf(self)),
    lease: at('kill-switch', subjects.lease(env)),
    notice: at('kill-switch', subjects.notice(env)),
    halt: at('kill-switch', subjects.ledger('authority', env)),
    decision: at('decision', subjects.ledger('decision', env)),
    receipt: at('receipt-ledger', subjects.ledger('authority', env)),
    outcome: at('receipt-ledger', subjects.ledger('outcome', env)),
    stop: at('kill-switch', subjects.ledger('stop', env)),
  } as const;
};
export type Signers = ReturnType<typeof signersOf>;
