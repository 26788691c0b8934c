// Records who has stopped and who has not, and keeps the state that agents hand over.
import { covers, type EnvironmentScope, environmentOf, refused, subjects } from '@writ/contracts';
import { disclosureDigest } from '@writ/crypto';
import {
  type AuthorityState,
  acknowledgedBy,
  agents,
  decideAck,
  decidePreserve,
  decideRestore,
  decideUnconfirmed,
  fullHaltsCovering,
  haltsInForce,
  preservedOf,
  type RegistryKey,
  type StopState,
} from '@writ/domain';
import {
  type Answer,
  type OpenVault,
  type Plane,
  type Received,
  type StoredFrames,
  signLive,
  type WriterPool,
} from '@writ/runtime';

const RECORD_MS = 2_000;
/** An agent that has not acknowledged a halt after this long is recorded as unconfirmed, ms. */
const CONFIRM_MS = 2_000;

export type StopDeps = {
  readonly plane: Plane;
  readonly authority: WriterPool<AuthorityState>;
  readonly stop: WriterPool<StopState>;
  readonly vault: OpenVault;
  readonly frames: StoredFrames;
  /** Every halt ever folded in this environment, in force or released. */
  readonly knownHalts: (environment: EnvironmentScope) => ReadonlySet<string>;
  /** The agents that have shown themselves since the start: they are expected to answer. */
  readonly seen: ReadonlySet<string>;
};

const askerOf = (key: RegistryKey) => ({
  name: key.holder,
  role: key.role === 'agent' ? ('agent' as const) : ('enforcement-point' as const),
});

/** The stored event: just written, or found again for one that said nothing new. */
const stored = async (frames: StoredFrames, written: readonly Uint8Array[], id: string): Promise<Answer> => {
  const frame = written[0] ?? (await frames.of(id));
  return frame === undefined
    ? refused('WRIT-HLT-003', 'it is being recorded')
    : { kind: 'frames', frames: [frame] };
};

/** Records a signed acknowledgement. */
export const answerAck = async (
  { plane, stop, knownHalts, frames }: StopDeps,
  { document: ack, frame, key }: Received<'ack'>,
): Promise<Answer> => {
  const environment = environmentOf(ack.data.agent);
  const known = knownHalts(environment);
  const done = await stop.of(environment).submit({
    id: ack.id,
    deadline: performance.now() + RECORD_MS,
    decide: ({ state }) =>
      decideAck({ ack, frame, asker: askerOf(key), known: (halt) => known.has(halt) }, state),
  });
  if (done.kind !== 'done') return refused('WRIT-LED-002', done.reason);
  if (done.result.kind === 'refused') return done.result;
  plane.log.info({ event: 'halt.acknowledged', agent: ack.data.agent, state: ack.data.state });
  return stored(frames, done.frames, done.result.eventId);
};

/** `put` keeps the one disclosure behind the frame, vault first; `get` gives it back after the release. */
export const answerPreserve = (deps: StopDeps, message: Received<'preserve-request'>): Promise<Answer> =>
  message.document.data.op === 'put' ? put(deps, message) : get(deps, message);

const put = async (
  { stop, vault, frames }: StopDeps,
  { document: request, frame, key, disclosures }: Received<'preserve-request'>,
): Promise<Answer> => {
  const { agent, digest, bytes } = request.data;
  const [disclosure, ...more] = disclosures;
  if (
    disclosure === undefined ||
    more.length > 0 ||
    disclosureDigest(disclosure) !== digest ||
    disclosure.length !== bytes
  ) {
    return refused('WRIT-FRM-013', 'exactly the one disclosure of the digest and size named must follow');
  }
  await vault.put([{ agent, month: request.time.slice(0, 7), digest, disclosure }]);
  const done = await stop.of(environmentOf(agent)).submit({
    id: request.id,
    deadline: performance.now() + RECORD_MS,
    decide: ({ state }) => decidePreserve({ request, frame, asker: askerOf(key) }, state),
  });
  if (done.kind !== 'done') return refused('WRIT-LED-002', done.reason);
  return done.result.kind === 'refused' ? done.result : stored(frames, done.frames, done.result.eventId);
};

const get = async (
  { plane, authority, stop, vault }: StopDeps,
  { document: request, frame, key }: Received<'preserve-request'>,
): Promise<Answer> => {
  const { agent } = request.data;
  const environment = environmentOf(agent);
  const kept = preservedOf(stop.state(environment), agent);
  const disclosure = kept === undefined ? undefined : await vault.get(kept.digest);
  if (kept === undefined || disclosure === undefined)
    return refused('WRIT-HLT-005', 'nothing is kept for this agent');
  const done = await stop.of(environment).submit({
    id: request.id,
    deadline: performance.now() + RECORD_MS,
    decide: ({ state }) =>
      decideRestore(
        {
          request,
          frame,
          asker: askerOf(key),
          halted: fullHaltsCovering(authority.state(environment), agent).length > 0,
        },
        state,
      ),
  });
  if (done.kind !== 'done') return refused('WRIT-LED-002', done.reason);
  if (done.result.kind === 'refused') return done.result;
  const reply = signLive(
    'preserved',
    subjects.preserve(request.subject.slice('gov.preserve.'.length)),
    { agent, digest: kept.digest, event: kept.event },
    plane.key,
  );
  return { kind: 'frames', frames: [reply.bytes, Buffer.from(disclosure)] };
};

/** Records, per halt in force, the agents beneath it that were here and have not acknowledged. */
export const recordUnconfirmed = async ({ plane, authority, stop, seen }: StopDeps): Promise<void> => {
  const before = plane.clock.now() - CONFIRM_MS;
  for (const environment of authority.scopes()) {
    const state = stop.state(environment);
    for (const halt of haltsInForce(authority.state(environment))) {
      if (Date.parse(halt.engagedAt) > before || halt.tool !== undefined) continue;
      const acknowledged = new Set(acknowledgedBy(state, halt.id).map((ack) => ack.agent));
      const silent = agents(plane.registry(), environment)
        .filter(
          (a) =>
            a.status !== 'retired' &&
            covers(halt.scope, a.agent) &&
            seen.has(a.agent) &&
            !acknowledged.has(a.agent),
        )
        .map((a) => a.agent);
      await stop.of(environment).submit({
        id: halt.id,
        deadline: performance.now() + RECORD_MS,
        decide: (view) => decideUnconfirmed({ environment, halt: halt.id, agents: silent }, view.state),
      });
    }
  }
};
