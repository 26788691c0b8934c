// Approval gates: opened for escalations, decided by people's signed votes or the gate's own fallback. It never permits by itself.
import { refused, subjects } from '@writ/contracts';
import {
  type ApprovalState,
  type AuthorityState,
  approvalInitial,
  approversNow,
  authorityInitial,
  decideVote,
  evolveApproval,
  evolveAuthority,
  fullHaltsCovering,
  type GateView,
  gateByDigest,
  gateOf,
  type RegistryState,
} from '@writ/domain';
import {
  type Answer,
  connectPlane,
  createIntake,
  type Folded,
  keepDisclosures,
  type OpenVault,
  openVault,
  type Plane,
  type Received,
  rememberFrames,
  type ServiceStart,
  type StoredFrames,
  startTicker,
  type WriterPool,
} from '@writ/runtime';
import { type GateKeeper, keepGates } from './gates.js';

const RECORD_MS = 2_000;

type Deps = {
  readonly plane: Plane;
  readonly gates: WriterPool<ApprovalState>;
  readonly authority: Folded<AuthorityState>;
  readonly frames: StoredFrames;
  readonly keeper: GateKeeper;
  readonly vault: OpenVault;
};

/** Who may approve at a gate as the registry stands now, whoever could when it was opened. */
export const approversNowAt = (registry: RegistryState, gate: GateView | undefined): readonly string[] =>
  gate === undefined
    ? []
    : approversNow(registry, gateByDigest(registry, gate.gate.digest)?.gate, gate.agent);

const answerVote = async (
  { plane, gates, authority, frames, keeper, vault }: Deps,
  message: Received<'vote'>,
): Promise<Answer> => {
  const { document: vote, frame, digest, key, disclosures } = message;
  const now = plane.timestamp();
  if (vote.data.expires <= now) return refused('WRIT-APR-008', `the vote expired at ${vote.data.expires}`);
  if (!vote.data.environment.startsWith(`${plane.org}.`))
    return refused('WRIT-APR-001', 'no such gate in this organisation');
  const gate = gateOf(gates.state(vote.data.environment), vote.data.intentId);
  if (gate !== undefined && !approversNowAt(plane.registry(), gate).includes(key.holder))
    return refused('WRIT-APR-002', 'you are not among the approvers of this gate now');
  if (gate !== undefined && fullHaltsCovering(authority.of(vote.data.environment), gate.agent).length > 0) {
    return refused('WRIT-APR-007', 'a halt covers the agent');
  }
  const scope = gate?.agent ?? vote.data.environment;
  const about = { scope, time: vote.time, intent: vote.data.intentId };
  const unkept = await keepDisclosures(vault, about, [vote.data.reason], disclosures);
  if (unkept !== undefined) return unkept;
  const notAfter = keeper.deadlineOf(vote.data.intentId);
  const until = notAfter === undefined ? {} : { notAfter };
  const done = await gates.of(vote.data.environment).submit({
    id: vote.id,
    deadline: performance.now() + RECORD_MS,
    decide: ({ state }) => {
      const approversNow = approversNowAt(plane.registry(), gateOf(state, vote.data.intentId));
      const cast = { vote, frame, digest, person: key.holder, approversNow };
      return decideVote({ ...cast, now: plane.timestamp(), ...until }, state);
    },
  });
  if (done.kind !== 'done') return refused('WRIT-LED-002', done.reason);
  if (done.result.kind === 'refused') return done.result;
  if (done.frames.length > 0) return { kind: 'frames', frames: done.frames };
  const stored = await frames.of(done.result.eventId);
  return stored === undefined
    ? refused('WRIT-LED-007', 'the vote is being recorded')
    : { kind: 'frames', frames: [stored] };
};

/** Starts the approval service. On start it opens the gates of escalations that it missed and runs out those that are due. */
export const startApproval: ServiceStart = async (context) => {
  const plane = await connectPlane(context, 'approval', ['decision', 'authority', 'approval']);
  const vault = await openVault(context);
  const authority = plane.fold('authority', authorityInitial, evolveAuthority);
  const gates = plane.writers('approval', approvalInitial, evolveApproval);
  const frames = rememberFrames(plane, 'approval', 10_000);
  const keeper = keepGates(plane, gates, authority);
  await plane.start();
  await keeper.sweep();
  keeper.live();

  const intake = createIntake(plane, {
    kind: 'vote',
    subject: subjects.vote(plane.org, '*'),
    queue: 'approval',
    rate: 50,
    burst: 100,
    mayHold: (key, sender) => key.role === 'person' && sender.kind === 'vote' && key.holder === sender.person,
    handle: (message) => answerVote({ plane, gates, authority, frames, keeper, vault }, message),
  });
  const ticker = startTicker(200, plane.log, () => keeper.sweep());
  return {
    stop: async () => {
      await ticker.stop();
      await intake.stop();
      await plane.stop();
      await vault.close();
    },
  };
};
