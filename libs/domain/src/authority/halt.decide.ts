// The kill-switch's side of the authority subject: opening, halts, releases, revocations. It never issues anything.
import {
  type AgentScope,
  type AuthorityEvent,
  type Command,
  type CommandId,
  type Committed,
  covers,
  type EnvironmentScope,
  type EventId,
  type Frame,
  type HaltTool,
  type KillSwitchAction,
  type Refused,
  type Scope,
  type Timestamp,
  type Token,
} from '@writ/contracts';
import { decided, draftOf, refusal } from '../draft.js';
import type { Decision, Draft } from '../recorded.js';
import type { AuthorityState, Halt, HaltName } from './authority.state.js';

type HaltEngaged = Extract<AuthorityEvent, { type: 'writ.authority.halt-engaged.v1' }>;

/** `<id>.authority.0.<project>.<env>`: the id of a kill-switch fact in one environment. */
export const factId = (id: string, environment: EnvironmentScope): EventId =>
  `${id}.authority.0.${environment.split('.').slice(1).join('.')}`;

/** `registryEvent`: the event that created the environment. `haltsInForce`: those over it at this moment. */
export type OpenEnvironmentInput = {
  readonly environment: EnvironmentScope;
  readonly registryEvent: { readonly id: EventId; readonly correlationid: string };
  readonly haltsInForce: readonly Halt[];
};

/** `opened` now or `known` from before, by which event. */
export type OpenEnvironmentResult = { readonly kind: 'opened' | 'known'; readonly eventId: EventId };

/** How many halts one document names. */
const HALTS_PER_DOCUMENT = 64;

/** As many as a document names; those that no tool narrows come first. */
export const mostImportant = (halts: readonly Halt[]): readonly Halt[] =>
  [...halts]
    .sort((a, b) => Number(a.tool !== undefined) - Number(b.tool !== undefined))
    .slice(0, HALTS_PER_DOCUMENT);

/** Opens an environment once, with the halts that already cover it. Asked again it answers `known`. */
export const decideOpenEnvironment = (
  { environment, registryEvent, haltsInForce }: OpenEnvironmentInput,
  state: AuthorityState,
): Decision<OpenEnvironmentResult> => {
  if (state.opened !== undefined) return decided({ kind: 'known', eventId: state.opened.event });
  const id = factId(registryEvent.id.split('.')[0]!, environment);
  const causes = { id, causationid: registryEvent.id, correlationid: registryEvent.correlationid };
  const covering = haltsInForce.filter(
    (halt) => covers(halt.scope, environment) || covers(environment, halt.scope),
  );
  const data = { environment, registryEvent: registryEvent.id, haltsInForce: [...mostImportant(covering)] };
  return decided(
    { kind: 'opened', eventId: id },
    draftOf('writ.authority.environment-opened.v1', causes, data),
  );
};

/** One halt in one environment. `scope` may be wider than the environment; the fact is written once in each. */
export type HaltInput = {
  readonly haltId: HaltName;
  readonly environment: EnvironmentScope;
  readonly scope: Scope;
  readonly tool?: HaltTool | undefined;
  readonly person: Token;
  readonly cause: HaltEngaged['data']['cause'];
  readonly reason: Committed;
  readonly heardAt: Timestamp;
  /** What led to it, when it was not a person's publish: the flag, the decision, the command. */
  readonly causationid?: string;
  readonly correlationid?: string;
};

/** The `halt engaged` fact; unconditional, so there is nothing to decide. Its id is the same on every attempt. */
export const haltDraft = (input: HaltInput): Draft => {
  const { haltId, environment, scope, tool, person, cause, reason, heardAt } = input;
  const data = { environment, halt: haltId, scope, person, cause, reason, heardAt };
  return draftOf(
    'writ.authority.halt-engaged.v1',
    {
      id: factId(haltId, environment),
      causationid: input.causationid ?? haltId,
      correlationid: input.correlationid ?? haltId,
    },
    tool === undefined ? data : { ...data, tool },
  );
};

/**
 * `signers`: who signed a release of these halts, each with their own frame; `authorised` says that every one of them may
 * release this scope. `elsewhere`: named halts that are in force in other environments of the scope, not in this one.
 */
export type ReleaseInput = {
  readonly command: Command;
  readonly signers: readonly { readonly person: Token; readonly frame: Frame }[];
  readonly authorised: boolean;
  readonly environment: EnvironmentScope;
  readonly now: Timestamp;
  readonly required?: number;
  readonly elsewhere?: readonly HaltName[];
};

/** The halts that this command releases here, and the event that says so. */
export type ReleaseResult = {
  readonly kind: 'released' | 'known';
  readonly eventId: EventId;
  readonly halts: readonly HaltName[];
};

type Release = Extract<KillSwitchAction, { do: 'release' }>;

const distinctSigners = ({ signers }: ReleaseInput): readonly Token[] => [
  ...new Set(signers.map((s) => s.person)),
];

const mayRelease = (input: ReleaseInput): Decision<Refused> | undefined => {
  if (input.command.data.expires <= input.now) {
    return refusal('WRIT-REG-005', `the release expired at ${input.command.data.expires}`);
  }
  const people = distinctSigners(input).length;
  const required = input.required ?? 1;
  if (!input.authorised || people < required) {
    return refusal('WRIT-HLT-002', `this release needs ${required} operator(s) of the scope`);
  }
  return undefined;
};

const releasable = (
  release: Release,
  input: ReleaseInput,
  state: AuthorityState,
): readonly HaltName[] | Decision<Refused> => {
  const named = [...new Set(release.halts)].map((id) => ({ id, halt: state.halts.get(id) }));
  const unknown = named.filter((n) => n.halt === undefined && !input.elsewhere?.includes(n.id));
  if (unknown.length > 0)
    return refusal('WRIT-HLT-001', `not in force: ${unknown.map((n) => n.id).join(' ')}`);
  const here = named.flatMap((n) => n.halt ?? []);
  if (here.length === 0) return refusal('WRIT-HLT-001', 'none of the named halts is in force here');
  const wider = here.filter((halt) => !covers(release.scope, halt.scope));
  if (wider.length > 0) return refusal('WRIT-HLT-002', `wider than the released scope: ${wider[0]!.id}`);
  return here.map((halt) => halt.id);
};

/**
 * Decides a release in one environment: exactly the named halts go, any other that covers the same agent stays in force.
 * Refuses: expired (WRIT-REG-005), not authorised, too few people, or a halt wider than the released scope (WRIT-HLT-002), a
 * name that is not in force (WRIT-HLT-001). The same command again is `known`.
 */
export const decideRelease = (
  input: ReleaseInput,
  state: AuthorityState,
): Decision<ReleaseResult | Refused> => {
  const { command, environment, signers } = input;
  const { action } = command.data;
  if (action.do !== 'release') return refusal('WRIT-HLT-001', 'the command is not a release');
  const eventId = factId(command.id, environment);
  if (state.facts.has(eventId)) return decided({ kind: 'known', eventId, halts: action.halts });
  const no = mayRelease(input);
  if (no !== undefined) return no;
  const halts = releasable(action, input, state);
  if (!Array.isArray(halts)) return halts as Decision<Refused>;
  const draft = draftOf(
    'writ.authority.halt-released.v1',
    { id: eventId, causationid: command.id, correlationid: command.id },
    {
      environment,
      halts,
      scope: action.scope,
      by: distinctSigners(input).slice(0, 8),
      commands: signers.slice(0, 8).map((s) => s.frame),
    },
  );
  return decided({ kind: 'released', eventId, halts }, draft);
};

/** `command`: the person's command, when there is one; else the intent's own id gives the event its id. */
export type RevokeInput = {
  readonly agent: AgentScope;
  readonly intentId: CommandId;
  readonly codes: readonly string[];
  readonly command?: { readonly id: CommandId; readonly frame: Frame };
  readonly correlationid?: string;
};

/** The `permit revoked` fact: unconditional; from then on no receipt for this intent. */
export const revokeDraft = ({ agent, intentId, codes, command, correlationid }: RevokeInput): Draft =>
  draftOf(
    'writ.authority.permit-revoked.v1',
    {
      id: `${command?.id ?? intentId}.authority.9`,
      agent,
      causationid: command?.id ?? intentId,
      correlationid: correlationid ?? intentId,
    },
    {
      ...{ agent, intentId, codes: codes.slice(0, 16) },
      ...(command === undefined ? {} : { command: command.frame }),
    },
  );
