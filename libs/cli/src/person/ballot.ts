// Owns the signed documents of a person: a vote bound to exactly one action, a command bound to one version. It sends nothing.
import { randomBytes } from 'node:crypto';
import { type CommandData, type ServiceName, subjects, type VoteData } from '@writ/contracts';
import { commit, joinMessage, type SigningKey } from '@writ/crypto';
import { signLiveWith, timestamp } from '@writ/runtime';

/** Who signs, and for which organisation. */
export type Signer = { readonly person: string; readonly org: string; readonly key: SigningKey };

/** What a vote is about: the facts of the open gate. */
export type GateBinding = Pick<
  VoteData,
  'environment' | 'intentId' | 'intentDigest' | 'boundaryDigest' | 'obligedDigest'
>;

/** A person's answer. The reason stands in the vote as a salted digest only; it travels beside it. */
export type Ballot = {
  readonly gate: GateBinding;
  readonly choice: VoteData['choice'];
  readonly reason?: string | undefined;
  /** RFC 3339 UTC milliseconds; two minutes from now when absent. */
  readonly expires?: string | undefined;
};

/** A signed message, ready for its subject. `id` names it, so that sending it twice is the same. */
export type Signed = { readonly subject: string; readonly bytes: Uint8Array; readonly id: string };

const EXPIRES_MS = 120_000;
const NONCE_BYTES = 16;

/** Signs a vote: intent digest, boundary digest, obliged digest, a fresh nonce, an expiry. */
export async function signVote(
  { person, org, key }: Signer,
  { gate, choice, reason, expires }: Ballot,
  now: number,
): Promise<Signed> {
  const subject = subjects.vote(org, person);
  const { committed, disclosures } = commit(reason === undefined ? {} : { reason });
  const { environment, intentId, intentDigest, boundaryDigest, obligedDigest } = gate;
  const data: VoteData = {
    ...{ environment, intentId, intentDigest, boundaryDigest, obligedDigest, choice },
    nonce: randomBytes(NONCE_BYTES).toString('base64url'),
    reason: committed,
    expires: expires ?? timestamp(now + EXPIRES_MS),
  };
  const { bytes, id } = await signLiveWith('vote', subject, data, key, { time: timestamp(now) });
  return { subject, bytes: joinMessage(bytes, disclosures), id };
}

/** Signs a command to a service, against a registry version, good for two minutes. `disclosures` travel behind the frame. */
export async function signCommand(
  { person, org, key }: Signer,
  service: ServiceName,
  command: {
    readonly action: CommandData['action'];
    readonly version: number;
    readonly disclosures?: readonly string[];
  },
  now: number,
): Promise<Signed> {
  const subject = subjects.command(service, org, person);
  const data: CommandData = {
    action: command.action,
    version: command.version,
    expires: timestamp(now + EXPIRES_MS),
  };
  const { bytes, id } = await signLiveWith('command', subject, data, key, { time: timestamp(now) });
  return { subject, bytes: joinMessage(bytes, command.disclosures ?? []), id };
}
