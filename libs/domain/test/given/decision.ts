// One environment of acme with an agent, gates and a boundary; intents against it. For specs.
import type { Frame, Intent, JsonValue, PermissionBoundary } from '@writ/contracts';
import {
  type DecisionState,
  decideIntent,
  decideUndecided,
  decisionInitial,
  evolveDecision,
  evolveRegistry,
  type IntentInput,
  type Recorded,
  type RegistryState,
} from '../../src/index.js';
import { digest, iso, recorded, uuid } from './recorded.js';
import { AGENT, given, T0, withBot } from './registry.js';

/** A disclosure of a field, as a client would make it. */
export const disclosure = (name: string, value: JsonValue): string =>
  Buffer.from(JSON.stringify(['c2FsdHNhbHRzYWx0c2FsdA', name, value])).toString('base64url');

const gate = (name: string) => ({
  do: 'publish-gate' as const,
  gate: {
    apiVersion: 'writ/v1' as const,
    kind: 'ApprovalGate' as const,
    metadata: { name, scope: 'acme' },
    spec: {
      type: 'human' as const,
      approvers: { people: ['ann'], roles: [] },
      quorum: 1,
      deadlineSeconds: 1200,
      fallback: 'deny' as const,
      excludeOwner: false,
      grantSeconds: 300,
    },
  },
});

const base = given(...withBot, gate('people'), gate('night'));

/** The registry with that boundary in force, published without asking whether it makes sense. */
export const registryWith = (boundary?: PermissionBoundary): RegistryState => {
  if (boundary === undefined) return base;
  const { name, scope } = boundary.metadata;
  const command: Frame = { kid: digest(9), sig: `${'A'.repeat(85)}A`, signed: { id: uuid(T0, 9999) } };
  const draft = {
    id: `${uuid(T0, 9999)}.registry.0`,
    type: 'writ.registry.boundary-published.v1' as const,
    causationid: 'x',
    correlationid: 'x',
    data: { name, scope, digest: digest(700), boundary, command } as never,
  };
  return evolveRegistry(base, recorded(draft, { seq: 900, ver: base.ver + 1, time: iso(T0) }));
};

/** How an intent differs from a fresh update of pg:orders/1. */
export type Ask = {
  readonly at?: number;
  readonly n?: number;
  readonly idAt?: number;
  readonly time?: number;
  readonly deadline?: number;
  readonly content?: number;
  readonly args?: Readonly<Record<string, JsonValue>>;
  readonly halted?: boolean;
  readonly containment?: 'none' | 'watch' | 'gate' | 'isolate' | 'halt';
  readonly agent?: string;
  readonly operation?: string;
};

export const inputOf = (registry: RegistryState, ask: Ask): IntentInput => {
  const at = ask.at ?? T0;
  const time = ask.time ?? at;
  const committed = { _sd: [] };
  const intent: Intent = {
    type: 'writ.intent.v1',
    id: uuid(ask.idAt ?? time, ask.n ?? 1),
    kid: digest(200),
    subject: `gov.intent.${ask.agent ?? AGENT}`,
    time: iso(time),
    data: {
      action: { tool: 'sql', operation: ask.operation ?? 'update', resource: 'pg:orders/1', args: committed },
      reasoning: { private: committed },
      evidence: [{ source: 'warehouse', observedAt: iso(time - 30_000), value: committed }],
      reversal: { method: 'inverse-action', private: committed },
      deadline: iso(ask.deadline ?? time + 600_000),
      delegation: [],
    },
  };
  return {
    intent,
    frame: { kid: digest(200), sig: `${'A'.repeat(85)}A`, signed: intent as never },
    digest: digest(40_000 + (ask.content ?? 0)),
    disclosed: Object.entries(ask.args ?? {}).map(([name, value]) => disclosure(name, value)),
    now: iso(at),
    registry,
    conduct: { containment: () => ask.containment ?? 'none', autonomy: (_agent, fallback) => fallback },
    halted: () => ask.halted ?? false,
    obligedDigest: (obligations) => digest(obligations.length),
  };
};

let seq = 1000;

const fold = (state: DecisionState, events: readonly Recorded[]): DecisionState =>
  events.reduce(evolveDecision, state);

/** Decides an intent and folds what came of it. */
export const ask = (registry: RegistryState, how: Ask = {}, state: DecisionState = decisionInitial) => {
  const { result, events } = decideIntent(inputOf(registry, how), state);
  return place(result, events, state);
};

/** Sweeps an intent and folds what came of it. */
export const sweep = (registry: RegistryState, how: Ask = {}, state: DecisionState = decisionInitial) => {
  const { result, events } = decideUndecided(inputOf(registry, how), state);
  return place(result, events, state);
};

const place = <R>(
  result: R,
  drafts: Parameters<typeof recorded>[0][] | readonly Parameters<typeof recorded>[0][],
  state: DecisionState,
) => {
  seq += 1;
  const events = drafts.map((draft) => recorded(draft, { seq, ver: seq, time: iso(T0) }));
  return { result, events, state: fold(state, events) };
};
