// Erasure and legal hold: what is to be destroyed, what must be kept. A data subject stands here only under a keyed pseudonym.
import { z } from 'zod';
import { Committed } from '../frame.js';
import { AgentScope, CommandId, Digest, EventId, Name, Scope, Timestamp } from '../ids.js';

/** The pseudonym of a data subject: HMAC-SHA-256 under a key of the vault, unpadded base64url. */
export const SubjectPseudonym = Digest;
/** A calendar month, `2026-01`. */
export const Month = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/);

const agentMonth = z.strictObject({ kind: z.literal('agent-month'), agent: AgentScope, month: Month });
const oneIntent = z.strictObject({ kind: z.literal('intent'), intentId: CommandId });
const oneScope = z.strictObject({ kind: z.literal('scope'), scope: Scope });
/** In a command: the identifier is committed to, under the name `subject`, and travels beside the frame. */
const committedSubject = z.strictObject({ kind: z.literal('subject'), subject: Committed });
/** In an event. */
const namedSubject = z.strictObject({ kind: z.literal('subject'), subject: SubjectPseudonym });

/** What a person asks to be erased. */
export const ErasureRequest = z.discriminatedUnion('kind', [agentMonth, oneIntent, committedSubject]);
/** What is erased. */
export const ErasureTarget = z.discriminatedUnion('kind', [agentMonth, oneIntent, namedSubject]);
/** What a person asks to be kept. */
export const HoldRequest = z.discriminatedUnion('kind', [oneScope, oneIntent, committedSubject]);
/** What is kept, whoever orders its erasure and however old it is. */
export const HoldTarget = z.discriminatedUnion('kind', [oneScope, oneIntent, namedSubject]);

/** All of a class whose time of retention ended at or before the time. */
export const RetentionDueData = z.strictObject({ class: Name, before: Timestamp });

/**
 * What was destroyed for an order: how many data keys and disclosures, and SHA-256 over the sorted digests of the disclosures,
 * each followed by a line feed.
 */
export const ErasedData = z.strictObject({
  order: EventId,
  keys: z.int().min(0),
  disclosures: z.strictObject({ count: z.int().min(0), digest: Digest }),
});

export type ErasureRequest = z.infer<typeof ErasureRequest>;
export type ErasureTarget = z.infer<typeof ErasureTarget>;
export type HoldRequest = z.infer<typeof HoldRequest>;
export type HoldTarget = z.infer<typeof HoldTarget>;
export type RetentionDueData = z.infer<typeof RetentionDueData>;
export type ErasedData = z.infer<typeof ErasedData>;
