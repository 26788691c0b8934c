// Records halts: every publish of GOV_HALTS becomes a fact in every environment that it covers, until it is acknowledged there.
import {
  covers,
  type EnvironmentScope,
  HaltId,
  parseHaltBody,
  parseSubject,
  type Scope,
} from '@writ/contracts';
import { commit, disclosureDigest } from '@writ/crypto';
import {
  type AuthorityState,
  environments,
  factId,
  type Halt,
  type HaltInput,
  haltDraft,
  hasSeenHalt,
  isOpened,
} from '@writ/domain';
import type { StoredMessage } from '@writ/ledger';
import type { OpenVault, Plane, WriterPool } from '@writ/runtime';
import { haltsOver } from './environments.js';
import type { Facts } from './facts.js';
import type { HaltRecord } from './halt-record.js';

/** A halt as it was published, with the id that it will bear. */
export type HeardHalt = {
  readonly id: string;
  readonly subject: string;
  readonly body: string;
  readonly heardAt: string;
};

export type HaltDeps = {
  readonly plane: Plane;
  readonly authority: WriterPool<AuthorityState>;
  readonly facts: Facts;
  readonly vault: OpenVault;
  readonly record: HaltRecord;
};

/** The environments of this organisation that a scope touches. */
export const environmentsUnder = (plane: Plane, scope: Scope): readonly EnvironmentScope[] =>
  environments(plane.registry())
    .map((environment) => environment.scope)
    .filter((environment) => covers(scope, environment) || covers(environment, scope));

/** The halt that a captured message is; the record names it. */
export const heardFrom = (message: StoredMessage, record: HaltRecord): HeardHalt => ({
  id: HaltId.parse(record.nameOf(message.seq, message.time)),
  subject: message.subject,
  body: new TextDecoder().decode(message.bytes),
  heardAt: message.time,
});

const causeOf = (person: string) =>
  person === 'svc-anomaly' ? 'detector' : person === 'svc-decision' ? 'violation' : 'human';

/** One halt, whichever environment it is recorded in. */
type HaltAnywhere = Omit<HaltInput, 'environment'>;

const engage = async (
  { plane, facts }: HaltDeps,
  halt: HaltAnywhere,
  where: readonly EnvironmentScope[],
): Promise<readonly Uint8Array[]> => {
  const drafts = where.map((environment) => ({ environment, draft: haltDraft({ ...halt, environment }) }));
  const frames = await Promise.all(drafts.map(({ environment, draft }) => facts.append(environment, draft)));
  const { haltId, scope, person } = halt;
  plane.log.warn({ event: 'halt.recorded', halt: haltId, scope, person, environments: where.length });
  return frames;
};

/**
 * Appends `halt engaged` in every environment that the halt touches and that does not have it yet; each until it is acknowledged.
 * Resolves with the stored frames. A subject that is no halt of this organisation records nothing.
 */
export const recordHalt = async (deps: HaltDeps, halt: HeardHalt): Promise<readonly Uint8Array[]> => {
  const { plane } = deps;
  const parsed = parseSubject(halt.subject);
  if (parsed?.kind !== 'halt' || !covers(plane.org, parsed.scope)) return [];
  const missing = environmentsUnder(plane, parsed.scope).filter((e) => needs(deps, halt.id, e));
  if (missing.length === 0) return [];
  const { person, scope } = parsed;
  const { reason, tool } = parseHaltBody(halt.body);
  // Whoever halts may write anything: a lone surrogate has no canonical form, and must not keep the halt from being recorded.
  const { committed, disclosures } = commit(reason === undefined ? {} : { reason: reason.toWellFormed() });
  keepReason(deps, halt, scope, disclosures);
  const { id: haltId, heardAt } = halt;
  const anywhere = {
    haltId,
    scope,
    tool,
    person,
    cause: causeOf(person),
    reason: committed,
    heardAt,
  } as const;
  return engage(deps, anywhere, missing);
};

/**
 * Whether an environment still lacks this halt. One that was opened after the halt had been recorded elsewhere was opened with
 * the halts then in force: an old halt that was released long ago must not come back there.
 */
const needs = ({ authority, record }: HaltDeps, halt: string, environment: EnvironmentScope): boolean => {
  const state = authority.state(environment);
  if (hasSeenHalt(state, halt, factId(halt, environment))) return false;
  const first = record.first(halt);
  if (first === undefined) return true;
  return state.opened !== undefined && state.opened.seen < first.seq && !record.isOver(halt);
};

/**
 * The halts in force in other environments that cover this one and were never in force here: recorded while it was being
 * opened, or more than its opening could name. None before it is opened.
 */
export const missedIn = (
  { authority }: Pick<HaltDeps, 'authority'>,
  environment: EnvironmentScope,
): readonly Halt[] => {
  const state = authority.state(environment);
  if (!isOpened(state)) return [];
  return haltsOver(authority, environment).filter(
    (halt) => !hasSeenHalt(state, halt.id, factId(halt.id, environment)),
  );
};

/** Records in every open environment the halts that it missed. */
export const recordMissed = async (deps: HaltDeps): Promise<void> => {
  for (const { scope: environment } of environments(deps.plane.registry()))
    for (const { id } of missedIn(deps, environment)) {
      const first = deps.record.first(id);
      if (first === undefined) continue;
      const { halt: haltId, scope, tool, person, cause, reason, heardAt } = first;
      await engage(deps, { haltId, scope, tool, person, cause, reason, heardAt }, [environment]);
    }
};

/** The reason goes to the vault; that it cannot be kept never delays a halt. */
const keepReason = (
  { plane, vault }: HaltDeps,
  halt: HeardHalt,
  scope: Scope,
  disclosures: readonly string[],
): void => {
  const [disclosure] = disclosures;
  if (disclosure === undefined) return;
  const entry = {
    agent: scope,
    month: halt.heardAt.slice(0, 7),
    digest: disclosureDigest(disclosure),
    disclosure,
  };
  vault
    .put([entry])
    .catch((error: Error) =>
      plane.log.error({ event: 'halt.reason-lost', halt: halt.id, error: error.name }),
    );
};
