// Records who has stopped, and keeps the state that agents hand over.
import {
  type AgentScope,
  type EnvironmentScope,
  environmentOf,
  type Refused,
  refused,
  subjects,
} from '@writ/contracts';
import { disclosureDigest } from '@writ/crypto';
import {
  type AuthorityState,
  decideAck,
  decidePreserve,
  decideRestore,
  environments,
  explainMissing,
  fullHaltsCovering,
  type PreservedState,
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
  signLiveWith,
  type WriterPool,
} from '@writ/runtime';

const RECORD_MS = 2_000;

export type StopDeps = {
  readonly plane: Plane;
  readonly authority: WriterPool<AuthorityState>;
  readonly stop: WriterPool<StopState>;
  readonly vault: OpenVault;
  readonly frames: StoredFrames;
  /** Every halt ever folded in this environment, in force or released. */
  readonly knownHalts: (environment: EnvironmentScope) => ReadonlySet<string>;
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

/**
 * Refuses (WRIT-FRM-007) whoever speaks for another agent: the agent itself may, and an enforcement point for those beside it.
 * Before anything else: every environment that is named makes a writer, and what is handed over fills the vault.
 */
const mayNotSpeakFor = (plane: Plane, key: RegistryKey, agent: AgentScope): Refused | undefined => {
  const environment = environmentOf(agent);
  const mine = key.holder === agent;
  const beside = key.role === 'enforcement-point' && environmentOf(key.holder) === environment;
  const exists = environments(plane.registry()).some(({ scope }) => scope === environment);
  return (mine || beside) && exists
    ? undefined
    : refused('WRIT-FRM-007', 'this key may not speak for that agent');
};

/** Records a signed acknowledgement. */
export const answerAck = async (
  { plane, stop, knownHalts, frames }: StopDeps,
  { document: ack, frame, session, key }: Received<'ack'>,
): Promise<Answer> => {
  const no = mayNotSpeakFor(plane, key, ack.data.agent);
  if (no !== undefined) return no;
  const environment = environmentOf(ack.data.agent);
  const known = knownHalts(environment);
  const done = await stop.of(environment).submit({
    id: ack.id,
    deadline: performance.now() + RECORD_MS,
    decide: ({ state }) =>
      decideAck({ ack, frame, session, asker: askerOf(key), known: (halt) => known.has(halt) }, state),
  });
  if (done.kind !== 'done') return refused('WRIT-LED-002', done.reason);
  if (done.result.kind === 'refused') return done.result;
  // The ledger has it; a thousand lines at once would only take time.
  plane.log.debug({ event: 'halt.acknowledged', agent: ack.data.agent, state: ack.data.state });
  return stored(frames, done.frames, done.result.eventId);
};

/** `put` keeps the one disclosure behind the frame, vault first; `get` gives it back after the release. */
export const answerPreserve = async (
  deps: StopDeps,
  message: Received<'preserve-request'>,
): Promise<Answer> => {
  const { agent, op } = message.document.data;
  const no = mayNotSpeakFor(deps.plane, message.key, agent);
  if (no !== undefined) return no;
  return op === 'put' ? put(deps, message) : get(deps, message);
};

const put = async (
  { stop, vault, frames }: StopDeps,
  { document: request, frame, session, key, disclosures }: Received<'preserve-request'>,
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
  const environment = environmentOf(agent);
  const preserving = { request, frame, session, asker: askerOf(key) };
  const before = decidePreserve(preserving, stop.state(environment)).result;
  if (before.kind === 'refused') return before;
  await vault.put([{ agent, month: request.time.slice(0, 7), digest, disclosure }]);
  const done = await stop.of(environment).submit({
    id: request.id,
    deadline: performance.now() + RECORD_MS,
    decide: ({ state }) => decidePreserve(preserving, state),
  });
  if (done.kind !== 'done') return refused('WRIT-LED-002', done.reason);
  return done.result.kind === 'refused' ? done.result : stored(frames, done.frames, done.result.eventId);
};

/** Says whether a state that was kept was erased by somebody's order, or is not there for another reason. */
const refuseLost = async (plane: Plane, vault: OpenVault, kept: PreservedState): Promise<Refused> => {
  const missing = explainMissing(plane.registry().erasures.values(), {
    ...{ agent: kept.agent, month: '', committedAt: 0 },
    listedUnder: await vault.erasedUnder(kept.digest),
  });
  return missing.kind === 'erased'
    ? refused('WRIT-ERA-002', `erased by the order ${missing.order}, ledger position ${missing.seq}`)
    : refused('WRIT-HLT-005', 'nothing is kept for this agent');
};

const get = async (
  { plane, authority, stop, vault }: StopDeps,
  { document: request, frame, session, key }: Received<'preserve-request'>,
): Promise<Answer> => {
  const { agent } = request.data;
  const environment = environmentOf(agent);
  const kept = preservedOf(stop.state(environment), agent);
  const disclosure = kept === undefined ? undefined : await vault.get(kept.digest);
  if (kept === undefined) return refused('WRIT-HLT-005', 'nothing is kept for this agent');
  if (disclosure === undefined) return refuseLost(plane, vault, kept);
  const done = await stop.of(environment).submit({
    id: request.id,
    deadline: performance.now() + RECORD_MS,
    decide: ({ state }) =>
      decideRestore(
        {
          request,
          frame,
          session,
          asker: askerOf(key),
          halted: fullHaltsCovering(authority.state(environment), agent).length > 0,
        },
        state,
      ),
  });
  if (done.kind !== 'done') return refused('WRIT-LED-002', done.reason);
  if (done.result.kind === 'refused') return done.result;
  const reply = await signLiveWith(
    'preserved',
    subjects.preserve(request.subject.slice('gov.preserve.'.length)),
    { agent, digest: kept.digest, event: kept.event },
    plane.key,
  );
  return { kind: 'frames', frames: [reply.bytes, Buffer.from(disclosure)] };
};
