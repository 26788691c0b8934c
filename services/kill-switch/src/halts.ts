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
import { type AuthorityState, environments, factId, haltDraft, hasFact } from '@writ/domain';
import type { StoredMessage } from '@writ/ledger';
import type { OpenVault, Plane, WriterPool } from '@writ/runtime';
import type { Facts } from './facts.js';

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
  /** Where in the ledger each halt was first recorded. */
  readonly recordedAt: ReadonlyMap<string, number>;
};

/** The environments of this organisation that a scope touches. */
export const environmentsUnder = (plane: Plane, scope: Scope): readonly EnvironmentScope[] =>
  environments(plane.registry())
    .map((environment) => environment.scope)
    .filter((environment) => covers(scope, environment) || covers(environment, scope));

/** The halt that a captured message is: its id is its sequence in GOV_HALTS. */
export const heardFrom = (message: StoredMessage): HeardHalt => ({
  id: HaltId.parse(`halt-${message.seq}`),
  subject: message.subject,
  body: new TextDecoder().decode(message.bytes),
  heardAt: message.time,
});

const causeOf = (person: string) =>
  person === 'svc-anomaly' ? 'detector' : person === 'svc-decision' ? 'violation' : 'human';

/**
 * Appends `halt engaged` in every environment that the halt touches and that does not have it yet; each until it is acknowledged.
 * Resolves with the stored frames. A subject that is no halt of this organisation records nothing.
 */
export const recordHalt = async (deps: HaltDeps, halt: HeardHalt): Promise<readonly Uint8Array[]> => {
  const { plane, facts } = deps;
  const parsed = parseSubject(halt.subject);
  if (parsed?.kind !== 'halt' || !covers(plane.org, parsed.scope)) return [];
  const missing = environmentsUnder(plane, parsed.scope).filter((e) => needs(deps, halt.id, e));
  if (missing.length === 0) return [];
  const { reason, tool } = parseHaltBody(halt.body);
  const committed = commit(reason === undefined ? {} : { reason });
  keepReason(deps, halt, parsed.scope, committed.disclosures);
  const frames = await Promise.all(
    missing.map((environment) =>
      facts.append(
        environment,
        haltDraft({
          haltId: halt.id,
          environment,
          scope: parsed.scope,
          tool,
          person: parsed.person,
          cause: causeOf(parsed.person),
          reason: committed.committed,
          heardAt: halt.heardAt,
        }),
      ),
    ),
  );
  plane.log.warn({
    event: 'halt.recorded',
    halt: halt.id,
    scope: parsed.scope,
    person: parsed.person,
    environments: missing.length,
  });
  return frames;
};

/**
 * Whether an environment still lacks this halt. One that was opened after the halt had been recorded elsewhere was opened with
 * the halts then in force: an old halt that was released long ago must not come back there.
 */
const needs = ({ authority, recordedAt }: HaltDeps, halt: string, environment: EnvironmentScope): boolean => {
  const state = authority.state(environment);
  if (hasFact(state, factId(halt, environment))) return false;
  const first = recordedAt.get(halt);
  return first === undefined || (state.opened !== undefined && state.opened.seq < first);
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
