// How deciders write down what they decided: typed drafts and the two shapes of an answer. Decides nothing itself.
import {
  type AgentScope,
  type Code,
  type EventId,
  type Frame,
  type LedgerDocumentOf,
  type LedgerEventType,
  type Refused,
  refused,
} from '@writ/contracts';
import type { Decision, Draft } from './recorded.js';

type Causes = {
  readonly id: EventId;
  readonly agent?: AgentScope;
  readonly causationid: string;
  readonly correlationid: string;
};

/** A draft whose data must fit its type. */
export const draftOf = <T extends LedgerEventType>(
  type: T,
  causes: Causes,
  data: LedgerDocumentOf<T>['data'],
): Draft => ({ type, ...causes, data: data as object });

/** The certificate of a session key, where one signed the frame that the event embeds. */
export const vouchedBy = (session: Frame | undefined): { readonly session?: Frame } =>
  session === undefined ? {} : { session };

/** An answer with the events that make it true; without events it is answered from what is recorded. */
export const decided = <R>(result: R, ...events: readonly Draft[]): Decision<R> => ({ result, events });

/** A refusal: nothing is written. */
export const refusal = (code: Code, reason: string): Decision<Refused> => ({
  result: refused(code, reason),
  events: [],
});
