// Releases: a person's own signed command, checked here and by every client again. Never a plain publish.
import { covers, type EnvironmentScope, type Refused, refused } from '@writ/contracts';
import { type AuthorityState, decideRelease, haltsInForce, hasRole, revokeDraft } from '@writ/domain';
import {
  type Answer,
  keepDisclosures,
  type OpenVault,
  type Plane,
  type Received,
  type StoredFrames,
  type WriterPool,
} from '@writ/runtime';
import type { Facts } from './facts.js';
import { environmentsUnder } from './halts.js';

export type ReleaseDeps = {
  readonly plane: Plane;
  readonly authority: WriterPool<AuthorityState>;
  readonly facts: Facts;
  readonly frames: StoredFrames;
  readonly vault: OpenVault;
};

const SETTLE_MS = 2_000;

const release = async (
  deps: ReleaseDeps,
  { document: command, frame, key, disclosures }: Received<'command'>,
): Promise<Answer> => {
  const { plane, authority, facts, frames } = deps;
  const { action } = command.data;
  if (action.do !== 'release') return refused('WRIT-FRM-009', 'not a release');
  if (!covers(plane.org, action.scope)) return refused('WRIT-HLT-002', 'another organisation');
  const about = { scope: action.scope, time: command.time };
  const unkept = await keepDisclosures(deps.vault, about, [action.reason], disclosures);
  if (unkept !== undefined) return unkept;
  await plane.follower.reached(await plane.ledger.end(), SETTLE_MS);
  const environments = environmentsUnder(plane, action.scope);
  const holding = (environment: EnvironmentScope) =>
    haltsInForce(authority.state(environment)).map((halt) => halt.id);
  const decide = (environment: EnvironmentScope) =>
    decideRelease(
      {
        command,
        signers: [{ person: key.holder, frame }],
        authorised: hasRole(plane.registry(), key.holder, 'operator', action.scope),
        environment,
        now: plane.timestamp(),
        elsewhere: environments.filter((e) => e !== environment).flatMap(holding),
      },
      authority.state(environment),
    );
  const decisions = environments.map((environment) => ({ environment, decision: decide(environment) }));
  const going = decisions.filter(({ decision }) => decision.events.length > 0);
  const known = decisions.flatMap(({ decision }) =>
    decision.result.kind === 'known' ? [decision.result.eventId] : [],
  );
  if (going.length === 0 && known.length > 0) {
    return {
      kind: 'frames',
      frames: (await Promise.all(known.map((id) => frames.of(id)))).filter((f) => f !== undefined),
    };
  }
  if (going.length === 0)
    return (
      firstRefusal(decisions.map(({ decision }) => decision.result)) ??
      refused('WRIT-HLT-001', 'nothing to release')
    );
  const written = await Promise.all(
    going.flatMap(({ environment, decision }) =>
      decision.events.map((draft) => facts.append(environment, draft)),
    ),
  );
  plane.log.warn({
    event: 'halt.released',
    scope: action.scope,
    person: key.holder,
    environments: going.length,
  });
  return { kind: 'frames', frames: written };
};

const firstRefusal = (results: readonly { readonly kind: string }[]): Refused | undefined =>
  results.find(
    (result): result is Refused => result.kind === 'refused' && (result as Refused).code !== 'WRIT-HLT-001',
  ) ?? results.find((result): result is Refused => result.kind === 'refused');

const revoke = async (
  { plane, facts }: ReleaseDeps,
  { document: command, frame, key }: Received<'command'>,
): Promise<Answer> => {
  const { action } = command.data;
  if (action.do !== 'revoke-permit') return refused('WRIT-FRM-009', 'not a revocation');
  if (!hasRole(plane.registry(), key.holder, 'operator', action.agent))
    return refused('WRIT-HLT-002', 'only an operator of the scope revokes');
  if (command.data.expires <= plane.timestamp())
    return refused('WRIT-REG-005', `the command expired at ${command.data.expires}`);
  const environment = action.agent.split('.').slice(0, 3).join('.');
  const draft = revokeDraft({
    agent: action.agent,
    intentId: action.intentId,
    codes: ['revoked-by-operator'],
    command: { id: command.id, frame },
  });
  return { kind: 'frames', frames: [await facts.append(environment, draft)] };
};

/** Carries out an operator's command. The answer is the recorded facts, one a line. */
export const answerCommand = (deps: ReleaseDeps, message: Received<'command'>): Promise<Answer> => {
  switch (message.document.data.action.do) {
    case 'release':
      return release(deps, message);
    case 'revoke-permit':
      return revoke(deps, message);
    default:
      return Promise.resolve(refused('WRIT-FRM-009', 'not a command for this service'));
  }
};
