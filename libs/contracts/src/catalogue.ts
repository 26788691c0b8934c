// The published language in one table: every ledger event type and every live document, by name.
import type { z } from 'zod';
import { approvalEvents } from './approval/approval.js';
import { authorityEvents } from './authority/authority.js';
import { BundleManifest } from './bundle/bundle.js';
import { type QuickCheck, quickCheck } from './check.js';
import { Command } from './command/command.js';
import { conductEvents } from './conduct/conduct.js';
import { decisionEvents } from './decision/decision.js';
import type { LiveKind } from './frame.js';
import { Intent } from './intent/intent.js';
import { Lease, Notice } from './lease/lease.js';
import { outcomeEvents } from './outcome/outcome.js';
import { OutcomeReport, ReceiptRequest } from './receipt/receipt-request.js';
import { KeyPossession, RootEndorsement, SessionKey } from './registry/key.js';
import { registryEvents } from './registry/registry.js';
import { Refusal } from './reply/refusal.js';
import { ConductReport } from './report/report.js';
import { Ack, Preserved, PreserveRequest, State, StateRequest } from './state/state.js';
import { stopEvents } from './stop/stop.js';
import { Vote } from './vote/vote.js';

/** Every ledger event type of this version, with its schema. */
export const ledgerEvents = {
  ...registryEvents,
  ...decisionEvents,
  ...authorityEvents,
  ...outcomeEvents,
  ...approvalEvents,
  ...conductEvents,
  ...stopEvents,
} as const;

export type LedgerEventType = keyof typeof ledgerEvents;
export type LedgerDocument = z.infer<(typeof ledgerEvents)[LedgerEventType]>;
/** The document of one event type. */
export type LedgerDocumentOf<T extends LedgerEventType> = z.infer<(typeof ledgerEvents)[T]>;

/** Every live document, by kind. */
export const liveDocuments = {
  intent: Intent,
  'receipt-request': ReceiptRequest,
  'outcome-report': OutcomeReport,
  'state-request': StateRequest,
  'preserve-request': PreserveRequest,
  ack: Ack,
  vote: Vote,
  command: Command,
  notice: Notice,
  lease: Lease,
  state: State,
  refusal: Refusal,
  preserved: Preserved,
  'key-possession': KeyPossession,
  'session-key': SessionKey,
  'root-endorsement': RootEndorsement,
  'conduct-report': ConductReport,
  'bundle-manifest': BundleManifest,
} as const satisfies { [K in LiveKind]: z.ZodType };

export type LiveDocumentOf<K extends LiveKind> = z.infer<(typeof liveDocuments)[K]>;

export type ParsedEvent =
  | { readonly kind: 'known'; readonly document: LedgerDocument }
  | { readonly kind: 'unknown-type' }
  | { readonly kind: 'invalid'; readonly reason: string };

const quickChecks = new Map<z.ZodType, QuickCheck | undefined>();

const fitsQuickly = (schema: z.ZodType, value: unknown): boolean => {
  if (!quickChecks.has(schema)) quickChecks.set(schema, quickCheck(schema));
  return quickChecks.get(schema)?.(value) === true;
};

/** Parses a live document strictly against its kind; `undefined` when it does not fit. */
export const parseLiveDocument = <K extends LiveKind>(
  kind: K,
  value: unknown,
): LiveDocumentOf<K> | undefined => {
  const schema: z.ZodType = liveDocuments[kind];
  if (fitsQuickly(schema, value)) return value as LiveDocumentOf<K>;
  const parsed = schema.safeParse(value);
  return parsed.success ? (parsed.data as LiveDocumentOf<K>) : undefined;
};

/**
 * Parses a ledger document strictly against its type. An old major version is upcast here once there is one; a type that
 * this version does not know is said so, never guessed.
 */
export const parseLedgerDocument = (value: unknown): ParsedEvent => {
  const type = (value as { readonly type?: unknown } | null)?.type;
  const schema = typeof type === 'string' ? (ledgerEvents as Record<string, z.ZodType>)[type] : undefined;
  if (schema === undefined) return { kind: 'unknown-type' };
  if (fitsQuickly(schema, value)) return { kind: 'known', document: value as LedgerDocument };
  const parsed = schema.safeParse(value);
  if (parsed.success) return { kind: 'known', document: parsed.data as LedgerDocument };
  const issue = parsed.error.issues[0];
  return { kind: 'invalid', reason: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}` };
};
