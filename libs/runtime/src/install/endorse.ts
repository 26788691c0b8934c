// Owns the endorsement of a founding or an appointment by one root key. It signs; it counts nothing and appends nothing.
import { type Frame, subjects, type Token } from '@writ/contracts';
import { endorsedDigest, type KeyPair, type SigningKey } from '@writ/crypto';
import { signLive, signLiveWith } from '../plane/live.js';

/** What is endorsed, and when. `data`: with or without endorsements. `id` a UUIDv7, `time` RFC 3339 UTC milliseconds. */
export type Endorsing = {
  readonly org: Token;
  readonly data: object;
  readonly time: string;
  readonly id: string;
};

const frameOf = ({ bytes }: { readonly bytes: Uint8Array }): Frame =>
  JSON.parse(Buffer.from(bytes).toString('utf8')) as Frame;

const parts = ({ org, data, time, id }: Endorsing) =>
  [
    'root-endorsement',
    subjects.ledger('registry', org),
    { org, what: endorsedDigest(data) },
    { id, time },
  ] as const;

/** The endorsement of a root key in this process. */
export function endorse(root: KeyPair, endorsing: Endorsing): Frame {
  const [kind, subject, data, at] = parts(endorsing);
  return frameOf(signLive(kind, subject, data, root, at));
}

/** The endorsement of a root key wherever it is held. Rejects with SignerError. */
export async function endorseWith(root: SigningKey, endorsing: Endorsing): Promise<Frame> {
  const [kind, subject, data, at] = parts(endorsing);
  return frameOf(await signLiveWith(kind, subject, data, root, at));
}
