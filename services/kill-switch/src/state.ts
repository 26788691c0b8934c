// Answers state requests: the halts in force over an asker, with its nonce; the key path and the boundary when wanted.
import { type AgentScope, covers, environmentOf, LeaseTimes, subjects } from '@writ/contracts';
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
  preservedOf,
  type StopState,
} from '@writ/domain';
import {
  type Answer,
  type Folded,
  type Plane,
  type Received,
  type RegistryFrames,
  signLive,
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
};

const statusOf = (plane: Plane, asker: AgentScope) =>
  agentOf(plane.registry(), asker)?.status ??
  (enforcementPointOf(plane.registry(), asker) === undefined ? 'unknown' : 'active');

/**
 * The reply: the signed state, the recorded halts and releases that concern the asker (a client that missed a notice checks the
 * release itself), then the frames asked for; each on a line of its own.
 */
export const answerState = async (
  deps: StateDeps,
  { document }: Received<'state-request'>,
): Promise<Answer> => {
  const { plane, authority, stop, conduct, registryFrames, haltFacts, epoch } = deps;
  const { agent, nonce, want } = document.data;
  const asker = document.subject.slice('gov.state.'.length);
  const environment = environmentOf(asker);
  const state = authority.state(environment);
  const kept = preservedOf(stop.state(environment), agent);
  const boundary = boundaryFor(plane.registry(), agent);
  const actsForMany = enforcementPointOf(plane.registry(), asker) !== undefined;
  const concerns = ({ scope }: { readonly scope: string }): boolean =>
    covers(scope, agent) || covers(scope, asker) || (actsForMany && covers(environment, scope));
  const data = {
    agent,
    nonce,
    epoch,
    haltPosition: haltPosition(state),
    validMs: LeaseTimes.validMs,
    halts: haltsInForce(state).filter(concerns).slice(0, 64),
    status: statusOf(plane, agent) as 'active' | 'retired' | 'orphaned' | 'unknown',
    containment: containmentOf(conduct.of(environment), agent),
    autonomy: autonomyOf(conduct.of(environment), agent, boundary?.boundary.spec.autonomy ?? 'shadow'),
    preserved:
      kept === undefined || kept.restored !== undefined
        ? null
        : { digest: kept.digest, event: kept.event, at: kept.at },
    revokedKeys: [...registryFrames.revokedKeys()].slice(-256),
  };
  const signed = signLive('state', subjects.state(asker), data, plane.key, { time: plane.timestamp() }).bytes;
  const path = want.includes('keys') ? registryFrames.keyPath() : [];
  const documents = want.includes('boundary') ? registryFrames.documentsFor(agent) : [];
  return { kind: 'frames', frames: [signed, ...haltFacts.of(environment, concerns), ...path, ...documents] };
};
