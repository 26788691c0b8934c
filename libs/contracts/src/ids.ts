// Names, ids, digests and times as they stand on the wire. Nothing here generates; it only checks.
import { z } from 'zod';

/** One token of a scope: lower case, digits and hyphens, 1-63 characters. */
export const Token = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/);

/** `<org>.<project>.<env>`: the consistency boundary and shard of the ledger. */
export const EnvironmentScope = z.string().regex(/^([a-z0-9][a-z0-9-]{0,62}\.){2}[a-z0-9][a-z0-9-]{0,62}$/);

/** `<org>.<project>.<env>.<agent>`: an agent, or an enforcement point in the same name space. */
export const AgentScope = z.string().regex(/^([a-z0-9][a-z0-9-]{0,62}\.){3}[a-z0-9][a-z0-9-]{0,62}$/);

/** One to four tokens: an organisation, project, environment or agent. */
export const Scope = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}(\.[a-z0-9][a-z0-9-]{0,62}){0,3}$/);

/** A UUIDv7 (RFC 9562) in lower case: the id of an intent or a command. */
export const CommandId = z
  .string()
  .regex(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);

/** `<command id>.<family>.<n>`, with `.<project>.<env>` for a halt that covers several environments. */
export const EventId = z
  .string()
  .max(240)
  .regex(/^[a-z0-9][a-z0-9-]{0,62}\.[a-z]+\.\d{1,4}(\.[a-z0-9][a-z0-9-]{0,62}){0,2}$/);

/** SHA-256, 32 bytes, unpadded base64url. */
export const Digest = z.string().regex(/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/);

/** RFC 7638 thumbprint of an Ed25519 key. */
export const Kid = Digest;

/** An Ed25519 public key, 32 bytes, unpadded base64url. */
export const PublicKeyX = Digest;

/** An Ed25519 signature, 64 bytes, unpadded base64url. */
export const Signature = z.string().regex(/^[A-Za-z0-9_-]{85}[AQgw]$/);

/** RFC 3339 UTC with milliseconds. */
export const Timestamp = z
  .string()
  .regex(/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/);

/** A position in the ledger; 0 is before the first message. */
export const LedgerSeq = z.int().min(0);

/** A version of one ledger subject: 1, 2, ... */
export const Version = z.int().min(1);

/** Money and 64-bit integers: a decimal string. */
export const Decimal = z.string().regex(/^-?(0|[1-9]\d{0,30})(\.\d{1,18})?$/);

/** A name in a document: a rule, a gate, a limit. */
export const Name = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/);

export type Token = z.infer<typeof Token>;
export type EnvironmentScope = z.infer<typeof EnvironmentScope>;
export type AgentScope = z.infer<typeof AgentScope>;
export type Scope = z.infer<typeof Scope>;
export type CommandId = z.infer<typeof CommandId>;
export type EventId = z.infer<typeof EventId>;
export type Digest = z.infer<typeof Digest>;
export type Kid = z.infer<typeof Kid>;
export type Timestamp = z.infer<typeof Timestamp>;
export type LedgerSeq = z.infer<typeof LedgerSeq>;

/** The environment `<org>.<project>.<env>` of an agent scope. */
export const environmentOf = (agent: AgentScope): EnvironmentScope => agent.split('.').slice(0, 3).join('.');

/** The organisation of any scope. */
export const organisationOf = (scope: Scope): Token => scope.split('.')[0] as Token;

/** Whether `outer` is `inner` or one of its ancestors. */
export const covers = (outer: Scope, inner: Scope): boolean =>
  inner === outer || inner.startsWith(`${outer}.`);

export type Signature = z.infer<typeof Signature>;
export type Version = z.infer<typeof Version>;
export type Decimal = z.infer<typeof Decimal>;
export type Name = z.infer<typeof Name>;
