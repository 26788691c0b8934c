// Key certificates: one role per key, certified with proof that the holder has the private half.
import { z } from 'zod';
import { liveDocument } from '../document.js';
import { Frame, type LiveKind } from '../frame.js';
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

/** The longest time from `notBefore` to `notAfter` of a session key: a day. */
export const SESSION_KEY_MAX_MS = 86_400_000;

/** What a session key may sign: what its holder sends of its own accord. It certifies nothing. */
export const SessionKinds = [
  'intent',
  'receipt-request',
  'outcome-report',
  'state-request',
  'preserve-request',
  'ack',
] as const satisfies readonly LiveKind[];

/** The subject of a session key's certificate and of its possession frame. No table of the bus has it: they serve nowhere else. */
export const sessionSubject = (agent: AgentScope): string => `gov.session.${agent}`;

/** NaN for a day that no calendar has, which Date.parse would take for another one. */
const calendarMs = (time: Timestamp): number => {
  const ms = Date.parse(time);
  return Number.isFinite(ms) && new Date(ms).toISOString() === time ? ms : Number.NaN;
};

/**
 * A short-lived key that the identity key of an agent or enforcement point (`agent`) vouches for; it travels beside the frames that it
 * signs. `possession`: a `key-possession` frame of the session key with the certificate's id, time and subject.
 */
export const SessionKeyData = z
  .strictObject({
    session: PublicKeyEntry,
    agent: AgentScope,
    notBefore: Timestamp,
    notAfter: Timestamp,
    possession: Frame,
  })
  .refine(({ notBefore, notAfter }) => calendarMs(notAfter) - calendarMs(notBefore) <= SESSION_KEY_MAX_MS, {
    path: ['notAfter'],
    message: 'more than 24 hours',
  });
/** `writ.session-key.v1`, signed by the identity key. */
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
