// Answers state requests: the halts in force over an asker, with its nonce; the key path and the boundary when wanted.
import { type AgentScope, covers, environmentOf, LeaseTimes, refused, subjects } from '@writ/contracts';
import {
  type AuthorityState,
  agentOf,
  autonomyOf,
  boundaryFor,
  type ConductState,
  containmentOf,
  enforcementPointOf,
  haltPosition,
  haltsInForce,
  mostImportant,
  preservedOf,
  type StopState,
} from '@writ/domain';
import {
  type Answer,
  type Folded,
  FRESH_MS,
  type Plane,
  type Received,
  type RegistryFrames,
  signLiveWith,
  type WriterPool,
} from '@writ/runtime';

import type { HaltFacts } from './halt-facts.js';

export type StateDeps = {
  readonly plane: Plane;
  readonly authority: WriterPool<AuthorityState>;
  readonly stop: WriterPool<StopState>;
  readonly conduct: Folded<ConductState>;
  readonly registryFrames: RegistryFrames;
  readonly haltFacts: HaltFacts;
  readonly epoch: number;
  /** Whether every halt that was published a moment ago is recorded. */
  readonly current: () => boolean;
};

/** An answer stays below what the bus carries in one message, bytes. */
const ANSWER_MAX_BYTES = 900 * 1024;

/** The frames up to that size, with their line feeds; the first that does not fit ends the answer. */
const thatFit = (frames: readonly Uint8Array[]): readonly Uint8Array[] => {
  let left = ANSWER_MAX_BYTES;
  const beyond = frames.findIndex((frame) => {
    left -= frame.length + 1;
    return left < 0;
  });
  return beyond < 0 ? frames : frames.slice(0, beyond);
};

const statusOf = (plane: Plane, asker: AgentScope) =>
  agentOf(plane.registry(), asker)?.status ??
  (enforcementPointOf(plane.registry(), asker) === undefined ? 'unknown' : 'active');

/**
 * Refuses (WRIT-HLT-003) while the own view is not fresh: a halt may be missing from it. The reply: the signed state and the frames
 * asked for, each on a line of its own; among them, for a client that missed a notice, the recorded halts and releases that concern
 * it (it checks a release itself).
 */
export const answerState = async (
  deps: StateDeps,
  { document }: Received<'state-request'>,
): Promise<Answer> => {
  const { plane, authority, stop, conduct, registryFrames, haltFacts, epoch } = deps;
  if (!plane.fresh(FRESH_MS) || !deps.current())
    return refused('WRIT-HLT-003', 'the view of the halts is not up to date');
  const { agent, nonce, want } = document.data;
  const asker = document.subject.slice('gov.state.'.length);
  const environment = environmentOf(asker);
  const state = authority.state(environment);
  const kept = preservedOf(stop.state(environment), agent);
  const boundary = boundaryFor(plane.registry(), agent);
  const actsForMany = enforcementPointOf(plane.registry(), asker) !== undefined;
  const concerns = ({ scope }: { readonly scope: string }): boolean =>
    covers(scope, agent) || covers(scope, asker) || (actsForMany && covers(environment, scope));
  const halts = haltsInForce(state);
  const data = {
    agent,
    nonce,
    epoch,
    haltPosition: haltPosition(state),
    validMs: LeaseTimes.validMs,
    halts: [...mostImportant(halts.filter(concerns))],
    status: statusOf(plane, agent) as 'active' | 'retired' | 'orphaned' | 'unknown',
    containment: containmentOf(conduct.of(environment), agent),
    autonomy: autonomyOf(conduct.of(environment), agent, boundary?.boundary.spec.autonomy ?? 'shadow'),
    preserved:
      kept === undefined || kept.restored !== undefined
        ? null
        : { digest: kept.digest, event: kept.event, at: kept.at },
    revokedKeys: [...registryFrames.revokedKeys()].slice(-256),
  };
  const at = { time: plane.timestamp() };
  const { bytes: signed } = await signLiveWith('state', subjects.state(asker), data, plane.key, at);
  const path = want.includes('keys') ? registryFrames.keyPath() : [];
  const documents = want.includes('boundary') ? registryFrames.documentsFor(agent) : [];
  const inForce = new Set(halts.map((halt) => halt.id));
  const facts = want.includes('halts') ? haltFacts.of(environment, inForce, concerns) : [];
  return { kind: 'frames', frames: thatFit([signed, ...path, ...facts, ...documents]) };
};
