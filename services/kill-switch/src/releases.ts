// Releases: a person's own signed command, checked here and by every client again. Never a plain publish.
import {
  type Command,
  covers,
  type EnvironmentScope,
  type EventId,
  environmentOf,
  type KillSwitchAction,
  type Refused,
  refused,
} from '@writ/contracts';
import {
  type AuthorityState,
  decideRelease,
  environments,
  haltsInForce,
  hasFact,
  hasRole,
  revokeDraft,
} from '@writ/domain';
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

/** Waits until what the author may have seen is folded here. Refuses a command against a registry that does not exist yet. */
const catchUp = async (plane: Plane, command: Command): Promise<Refused | undefined> => {
  await plane.follower.reached(await plane.ledger.end(), SETTLE_MS);
  const { ver } = plane.registry();
  return command.data.version > ver
    ? refused('WRIT-REG-004', `signed against version ${command.data.version}, the registry is at ${ver}`)
    : undefined;
};

type ReleaseAction = Extract<KillSwitchAction, { do: 'release' }>;

/** What a release comes to in one environment. */
type Part = {
  readonly environment: EnvironmentScope;
  readonly decision: ReturnType<typeof decideRelease>;
};

const decideParts = (
  { plane, authority }: ReleaseDeps,
  { document: command, frame, key }: Received<'command'>,
  { scope }: ReleaseAction,
): readonly Part[] => {
  const all = environmentsUnder(plane, scope);
  const holding = (environment: EnvironmentScope) =>
    haltsInForce(authority.state(environment)).map((halt) => halt.id);
  return all.map((environment) => {
    const input = {
      command,
      signers: [{ person: key.holder, frame }],
      authorised: hasRole(plane.registry(), key.holder, 'operator', scope),
      environment,
      now: plane.timestamp(),
      elsewhere: all.filter((other) => other !== environment).flatMap(holding),
    };
    return { environment, decision: decideRelease(input, authority.state(environment)) };
  });
};

/** The refusal of an environment where a named halt goes on: what was done elsewhere must not look like a release. */
const stillHalted = (
  { authority }: ReleaseDeps,
  { halts }: ReleaseAction,
  parts: readonly Part[],
): Refused | undefined =>
  firstRefusal(
    parts.filter(({ environment }) =>
      haltsInForce(authority.state(environment)).some((halt) => halts.includes(halt.id)),
    ),
  );

const firstRefusal = (parts: readonly Part[]): Refused | undefined => {
  const refusals = parts.flatMap(({ decision: { result } }) => (result.kind === 'refused' ? [result] : []));
  return refusals.find((result) => result.code !== 'WRIT-HLT-001') ?? refusals[0];
};

const storedFrames = async ({ frames }: ReleaseDeps, ids: readonly EventId[]): Promise<Answer> => {
  const found = (await Promise.all(ids.map((id) => frames.of(id)))).filter((frame) => frame !== undefined);
  return found.length === 0
    ? refused('WRIT-HLT-003', 'it is being recorded')
    : { kind: 'frames', frames: found };
};

const release = async (deps: ReleaseDeps, message: Received<'command'>): Promise<Answer> => {
  const { plane, facts } = deps;
  const { document: command, key, disclosures } = message;
  const { action } = command.data;
  if (action.do !== 'release') return refused('WRIT-FRM-009', 'not a release');
  if (!covers(plane.org, action.scope)) return refused('WRIT-HLT-002', 'another organisation');
  const about = { scope: action.scope, time: command.time };
  const no =
    (await keepDisclosures(deps.vault, about, [action.reason], disclosures)) ??
    (await catchUp(plane, command));
  if (no !== undefined) return no;
  const parts = decideParts(deps, message, action);
  const halted = stillHalted(deps, action, parts);
  if (halted !== undefined) return halted;
  const going = parts.flatMap(({ environment, decision }) =>
    decision.events.map((draft) => ({ environment, draft })),
  );
  if (going.length === 0) {
    const known = parts.flatMap(({ decision: { result } }) =>
      result.kind === 'known' ? [result.eventId] : [],
    );
    if (known.length > 0) return storedFrames(deps, known);
    return firstRefusal(parts) ?? refused('WRIT-HLT-001', 'nothing to release');
  }
  const written = await Promise.all(going.map(({ environment, draft }) => facts.append(environment, draft)));
  const { scope } = action;
  plane.log.warn({ event: 'halt.released', scope, person: key.holder, environments: going.length });
  return { kind: 'frames', frames: written };
};

const revoke = async (
  deps: ReleaseDeps,
  { document: command, frame, key }: Received<'command'>,
): Promise<Answer> => {
  const { plane, authority, facts } = deps;
  const { action } = command.data;
  if (action.do !== 'revoke-permit') return refused('WRIT-FRM-009', 'not a revocation');
  const no = await catchUp(plane, command);
  if (no !== undefined) return no;
  const environment = environmentOf(action.agent);
  if (!hasRole(plane.registry(), key.holder, 'operator', action.agent))
    return refused('WRIT-HLT-002', 'only an operator of the scope revokes');
  if (!environments(plane.registry()).some(({ scope }) => scope === environment))
    return refused('WRIT-HLT-002', 'there is no such environment');
  const draft = revokeDraft({
    agent: action.agent,
    intentId: action.intentId,
    codes: ['revoked-by-operator'],
    command: { id: command.id, frame },
  });
  if (hasFact(authority.state(environment), draft.id)) return storedFrames(deps, [draft.id]);
  if (command.data.expires <= plane.timestamp())
    return refused('WRIT-REG-005', `the command expired at ${command.data.expires}`);
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
