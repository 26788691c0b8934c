// Owns key certificates: one role, one holder, one scope, and the proof that the holder has the private half. It certifies nothing:
// that is the registry's.
import {
  KeyCertificate,
  KeyPossession,
  type KeyRole,
  livePayloadType,
  type Scope,
  subjects,
} from '@writ/contracts';
import {
  canonicalize,
  importPublic,
  type JsonValue,
  type KeyPair,
  openFrame,
  type SigningKey,
} from '@writ/crypto';
import { signLive, signLiveWith } from '../plane/live.js';

/** What a certificate is about. `holder`: an agent's or enforcement point's scope, a person, a service. */
export type CertificateRequest = {
  readonly pair: KeyPair;
  readonly role: KeyRole;
  readonly holder: string;
  readonly scope: Scope;
  readonly org: string;
  /** RFC 3339 UTC milliseconds. */
  readonly time: string;
  /** A UUIDv7. */
  readonly id: string;
};

type About = Omit<CertificateRequest, 'pair'>;

const asked = ({ role, holder, scope, org, time, id }: About, x: string) =>
  ['key-possession', subjects.ledger('registry', org), { x, role, holder, scope }, { id, time }] as const;

const certified = (
  { role, holder, scope }: About,
  { kid, x }: { readonly kid: string; readonly x: string },
  bytes: Uint8Array,
): KeyCertificate => {
  const possession = JSON.parse(Buffer.from(bytes).toString('utf8'));
  return KeyCertificate.parse({ kid, x, role, holder, scope, possession });
};

/** A certificate whose possession frame is signed by the new key itself, for the registry of this organisation only. */
export function certificateFor({ pair, ...about }: CertificateRequest): KeyCertificate {
  const [kind, subject, data, at] = asked(about, pair.x);
  return certified(about, pair, signLive(kind, subject, data, pair, at).bytes);
}

/** The same for a key wherever it is held. Rejects with SignerError. */
export async function certificateOf(key: SigningKey, about: About): Promise<KeyCertificate> {
  const [kind, subject, data, at] = asked(about, key.x);
  return certified(about, key, (await signLiveWith(kind, subject, data, key, at)).bytes);
}

/**
 * Whether a certificate's possession frame verifies under the certified key and says the same key, role, holder and scope for
 * the same organisation. Total: whatever comes in, it never throws.
 */
export function verifyPossession(certificate: KeyCertificate, org: string): boolean {
  const document = openPossession(certificate);
  const parsed = KeyPossession.safeParse(document);
  if (!parsed.success) return false;
  const { subject, data, kid } = parsed.data;
  const same = (['x', 'role', 'holder', 'scope'] as const).every(
    (field) => data[field] === certificate[field],
  );
  return same && kid === certificate.kid && subject === subjects.ledger('registry', org);
}

function openPossession({ kid, x, possession }: KeyCertificate): JsonValue | undefined {
  try {
    const key = importPublic(x);
    if (key.kid !== kid) return undefined;
    const bytes = Buffer.from(canonicalize(possession as unknown as JsonValue), 'utf8');
    const opened = openFrame(bytes, livePayloadType('key-possession'), key);
    return opened.ok ? opened.document : undefined;
  } catch {
    return undefined;
  }
}
