// The shared subject of receipts and halts: order on it is what makes "no receipt after a halt" true.
import { z } from 'zod';
import { ledgerEvent, unversionedEvent } from '../document.js';
import { Committed, Frame } from '../frame.js';
import { HaltId, HaltInForce, HaltTool } from '../halt/halt.js';
import {
  AgentScope,
  CommandId,
  Digest,
  EnvironmentScope,
  EventId,
  Kid,
  Name,
  Scope,
  Timestamp,
  Token,
} from '../ids.js';
import { Obligation } from '../obligation/obligation.js';

export const EnvironmentOpenedData = z.strictObject({
  environment: EnvironmentScope,
  registryEvent: EventId,
  haltsInForce: z.array(HaltInForce).max(64),
});

/** Who authorised: the decision, and the people or rule that turned an escalation into a grant. */
export const Authorisation = z.strictObject({
  via: z.enum(['policy', 'approval', 'timeout-fallback', 'override']),
  decision: z.strictObject({ id: EventId, digest: Digest }),
  approval: z.strictObject({ id: EventId, digest: Digest, people: z.array(Token).max(64) }).nullable(),
});

export const ReceiptIssuedData = z.strictObject({
  agent: AgentScope,
  intentId: CommandId,
  intentDigest: Digest,
  audience: z.strictObject({ name: AgentScope, kid: Kid }),
  request: Frame,
  /** The certificate of the session key that signed the request. */
  session: Frame.optional(),
  who: Authorisation,
  what: z.strictObject({
    tool: z.string().max(100),
    operation: z.string().max(64),
    resource: z.string().max(200),
    argsDigest: Digest,
    obligations: z.array(Obligation).max(16),
  }),
  when: z.strictObject({ issued: Timestamp, expires: Timestamp }),
  why: z.strictObject({
    boundary: z.strictObject({ name: Name, digest: Digest }),
    currentBoundaryDigest: Digest,
    rule: z.string().max(80).nullable(),
    codes: z.array(z.string().max(64)).max(16),
  }),
});

export const ReceiptWithheldData = z.strictObject({
  agent: AgentScope,
  intentId: CommandId,
  intentDigest: Digest,
  request: Frame,
  session: Frame.optional(),
  codes: z.array(z.string().max(64)).min(1).max(16),
});

export const HaltEngagedData = z.strictObject({
  environment: EnvironmentScope,
  halt: HaltId,
  scope: Scope,
  tool: HaltTool.optional(),
  person: Token,
  cause: z.enum(['human', 'violation', 'detector', 'owner', 'drill']),
  reason: Committed,
  heardAt: Timestamp,
});

export const HaltReleasedData = z.strictObject({
  environment: EnvironmentScope,
  halts: z.array(HaltId).min(1).max(64),
  scope: Scope,
  by: z.array(Token).min(1).max(8),
  commands: z.array(Frame).min(1).max(8),
});

export const PermitRevokedData = z.strictObject({
  agent: AgentScope,
  intentId: CommandId,
  command: Frame.optional(),
  codes: z.array(z.string().max(64)).min(1).max(16),
});

export const authorityEvents = {
  'writ.authority.environment-opened.v1': ledgerEvent(
    'authority',
    'environment-opened',
    EnvironmentOpenedData,
  ),
  'writ.authority.receipt-issued.v1': ledgerEvent('authority', 'receipt-issued', ReceiptIssuedData),
  'writ.authority.receipt-withheld.v1': ledgerEvent('authority', 'receipt-withheld', ReceiptWithheldData),
  'writ.authority.halt-engaged.v1': unversionedEvent('authority', 'halt-engaged', HaltEngagedData),
  'writ.authority.halt-released.v1': unversionedEvent('authority', 'halt-released', HaltReleasedData),
  'writ.authority.permit-revoked.v1': unversionedEvent('authority', 'permit-revoked', PermitRevokedData),
} as const;
export type AuthorityEvent = z.infer<(typeof authorityEvents)[keyof typeof authorityEvents]>;

/** The unversioned facts of the kill-switch. */
export const UnversionedTypes = [
  'writ.authority.halt-engaged.v1',
  'writ.authority.halt-released.v1',
  'writ.authority.permit-revoked.v1',
] as const;

export type EnvironmentOpenedData = z.infer<typeof EnvironmentOpenedData>;
export type Authorisation = z.infer<typeof Authorisation>;
export type ReceiptIssuedData = z.infer<typeof ReceiptIssuedData>;
export type ReceiptWithheldData = z.infer<typeof ReceiptWithheldData>;
export type HaltEngagedData = z.infer<typeof HaltEngagedData>;
export type HaltReleasedData = z.infer<typeof HaltReleasedData>;
export type PermitRevokedData = z.infer<typeof PermitRevokedData>;
