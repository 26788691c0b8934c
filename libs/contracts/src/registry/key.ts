// Key certificates: one role per key, certified with proof that the holder has the private half.
import { z } from 'zod';
import { liveDocument } from '../document.js';
import { Frame } from '../frame.js';
import { AgentScope, CommandId, Digest, Kid, PublicKeyX, Scope, Timestamp, Token } from '../ids.js';

/** What a key may sign. One role per key. */
export const KeyRoles = [
  'root',
  'registrar',
  'decision',
  'approval',
  'receipt-ledger',
  'anomaly-detector',
  'kill-switch',
  'sealer',
  'witness',
  'agent',
  'enforcement-point',
  'person',
] as const;
export const KeyRole = z.enum(KeyRoles);
export type KeyRole = z.infer<typeof KeyRole>;

export const PublicKeyEntry = z.strictObject({ kid: Kid, x: PublicKeyX });

/** What the holder of a new key signs with it: proof of possession, bound to role, holder and scope. */
export const KeyPossessionData = z.strictObject({
  x: PublicKeyX,
  role: KeyRole,
  holder: z.string().max(260),
  scope: Scope,
});
/** `writ.key-possession.v1`; its subject is the registry subject of the organisation, so that it serves nowhere else. */
export const KeyPossession = liveDocument('key-possession', KeyPossessionData);
export type KeyPossession = z.infer<typeof KeyPossession>;

/** A certificate: holder is an agent or enforcement-point scope, a person token, or a service name. */
export const KeyCertificate = z.strictObject({
  kid: Kid,
  x: PublicKeyX,
  role: KeyRole,
  holder: z.string().max(260),
  scope: Scope,
  possession: Frame,
});
export type KeyCertificate = z.infer<typeof KeyCertificate>;

/** A short-lived key that an agent's identity key vouches for; it travels beside the frames that it signs. */
export const SessionKeyData = z.strictObject({
  session: PublicKeyEntry,
  agent: AgentScope,
  notBefore: Timestamp,
  notAfter: Timestamp,
  possession: Frame,
});
export const SessionKey = liveDocument('session-key', SessionKeyData);
export type SessionKey = z.infer<typeof SessionKey>;

/** What a root key agrees to: the digest of the canonical data of a founding or an appointment, without its endorsements. */
export const RootEndorsementData = z.strictObject({ org: Token, what: Digest });
/** `writ.root-endorsement.v1`; its subject is the registry subject of the organisation, so that it serves nowhere else. */
export const RootEndorsement = liveDocument('root-endorsement', RootEndorsementData);
export type RootEndorsement = z.infer<typeof RootEndorsement>;

/** Endorsements of a founding or an appointment: at most one a root. */
export const Endorsements = z.array(Frame).max(16);

export const KeyReason = z.enum(['unspecified', 'rotated', 'compromised', 'holder-left', 'superseded']);
export const CommandRef = z.strictObject({ id: CommandId, kid: Kid, person: Token.nullable() });

export type PublicKeyEntry = z.infer<typeof PublicKeyEntry>;
export type KeyPossessionData = z.infer<typeof KeyPossessionData>;
export type SessionKeyData = z.infer<typeof SessionKeyData>;
export type RootEndorsementData = z.infer<typeof RootEndorsementData>;
export type KeyReason = z.infer<typeof KeyReason>;
export type CommandRef = z.infer<typeof CommandRef>;
