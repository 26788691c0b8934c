// What a registry rule is asked and what it answers. Shapes and the two commonest refusals only.
import {
  type AgentScope,
  type Digest,
  type LedgerDocumentOf,
  type Refused,
  type RegistryAction,
  type RegistryEvent,
  refused,
} from '@writ/contracts';
import type { Possession } from './registry.keys.js';
import type { RegistryState } from './registry.state.js';

/** A change: the event's type and data without the command. */
export type Change = {
  readonly [T in RegistryEvent['type']]: {
    readonly type: T;
    readonly agent?: AgentScope;
    readonly data: Omit<LedgerDocumentOf<T>['data'], 'command'>;
  };
}[RegistryEvent['type']];

/** A command as its rule sees it. */
export type Asking = {
  readonly state: RegistryState;
  readonly org: string;
  readonly now: string;
  readonly digests: { readonly boundary?: string | undefined; readonly gate?: string | undefined };
  readonly possession: Possession;
  /** The pseudonym of the data subject whom the command is about. */
  readonly subject?: Digest | undefined;
};

/** The command of that name. */
export type Of<D extends RegistryAction['do']> = Extract<RegistryAction, { readonly do: D }>;
/** What a rule answers. */
export type Ruling = Change | Refused;

/** There is no such thing (WRIT-REG-002). */
export const missing = (what: string): Refused => refused('WRIT-REG-002', `there is no ${what}`);
/** It exists already (WRIT-REG-003). */
export const exists = (what: string): Refused => refused('WRIT-REG-003', `${what} exists already`);
