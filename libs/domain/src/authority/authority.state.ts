// The shared subject of receipts and halts of one environment, as folded: halts in force, receipts by intent, revocations.
import {
  type AgentScope,
  type CommandId,
  covers,
  type Digest,
  type EnvironmentScope,
  type EventId,
  type HaltId,
  type HaltInForce,
  type Kid,
  type LedgerSeq,
  type Timestamp,
} from '@writ/contracts';
import { Map as IMap, Set as ISet } from 'immutable';
import type { z } from 'zod';
import { haltTouches } from './tool.js';

/** The id of a halt: `halt-<n>`. */
export type HaltName = z.infer<typeof HaltId>;
/** A halt in force; one with `tool` concerns only matching actions. */
export type Halt = HaltInForce;

/** A receipt as outcome reports need it. */
export type ReceiptView = {
  readonly eventId: EventId;
  readonly digest: Digest;
  readonly intentId: CommandId;
  readonly agent: AgentScope;
  readonly audience: { readonly name: AgentScope; readonly kid: Kid };
  readonly argsDigest: Digest;
  readonly issued: Timestamp;
  readonly expires: Timestamp;
  readonly seq: LedgerSeq;
};

/**
 * `facts` are the ids of the kill-switch's unversioned events folded so far: each counts once, for ever. `withheld` holds the
 * event of each code that was recorded for an intent. `haltPosition` is the sequence of the last halt or release, 0 for none.
 */
export type AuthorityState = {
  readonly opened?: {
    readonly environment: EnvironmentScope;
    readonly event: EventId;
    readonly seq: LedgerSeq;
    /** How far the other subjects were folded when it was decided: a halt recorded elsewhere after that was not looked at. */
    readonly seen: LedgerSeq;
    /** The halts that it began under; they have no fact of their own here. */
    readonly halts: ISet<HaltName>;
  };
  readonly facts: ISet<EventId>;
  readonly halts: IMap<HaltName, Halt>;
  readonly haltPosition: LedgerSeq;
  readonly receipts: IMap<CommandId, ReceiptView>;
  readonly withheld: IMap<CommandId, IMap<string, EventId>>;
  readonly revoked: IMap<CommandId, EventId>;
};

/** Before any event: nothing is issued here. */
export const authorityInitial: AuthorityState = {
  facts: ISet(),
  halts: IMap(),
  haltPosition: 0,
  receipts: IMap(),
  withheld: IMap(),
  revoked: IMap(),
};

/** Whether the kill-switch has opened the environment; nothing is issued before. */
export const isOpened = (state: AuthorityState): boolean => state.opened !== undefined;

/** Every halt in force in this environment, in ledger order. */
export const haltsInForce = (state: AuthorityState): readonly Halt[] =>
  [...state.halts.values()].sort((a, b) => a.position - b.position);

/** What is to be done, as far as a halt narrowed to a tool looks at it. */
export type HaltedAction = { readonly resource: string; readonly operation: string };

/**
 * The halts that cover an agent. With an action: those that stop this action, a halt narrowed to a tool only where it
 * matches. Without one: every halt over the agent's scope, the narrowed ones too (for state replies).
 */
export const haltsCovering = (
  state: AuthorityState,
  agent: AgentScope,
  action?: HaltedAction,
): readonly Halt[] =>
  state.halts.isEmpty()
    ? []
    : haltsInForce(state).filter(
        (halt) => covers(halt.scope, agent) && (action === undefined || haltTouches(halt.tool, action)),
      );

/** The halts that stop an agent altogether: those over its scope that no tool narrows. */
export const fullHaltsCovering = (state: AuthorityState, agent: AgentScope): readonly Halt[] =>
  haltsCovering(state, agent).filter((halt) => halt.tool === undefined);

/** The receipt of an intent, when one was issued. */
export const receiptOf = (state: AuthorityState, intentId: CommandId): ReceiptView | undefined =>
  state.receipts.get(intentId);

/** Whether this very event of the kill-switch has been folded: it need not be appended again. */
export const hasFact = (state: AuthorityState, event: EventId): boolean => state.facts.has(event);

/** Whether a halt was ever in force here, by a fact of its own or from the opening on, released since or not. */
export const hasSeenHalt = (state: AuthorityState, halt: HaltName, fact: EventId): boolean =>
  state.facts.has(fact) || state.halts.has(halt) || state.opened?.halts.has(halt) === true;

/** The ledger sequence of the last halt or release here; 0 for none. Goes into the lease. */
export const haltPosition = (state: AuthorityState): LedgerSeq => state.haltPosition;
