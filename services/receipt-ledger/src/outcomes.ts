// Records what happened: one report per receipt, `unknown` when nobody reports, reconciliation by a person.
import { environmentOf, type Refused, refused } from '@writ/contracts';
import {
  type AuthorityState,
  decideReconcile,
  decideReport,
  decideUnknown,
  dueUnknown,
  environments,
  hasRole,
  type OutcomeState,
  type ReceiptView,
  receiptOf,
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

export type OutcomeDeps = {
  readonly plane: Plane;
  readonly authority: WriterPool<AuthorityState>;
  readonly outcome: WriterPool<OutcomeState>;
  readonly frames: StoredFrames;
  readonly vault: OpenVault;
};

const RECORD_MS = 2_000;

type Done = {
  readonly kind: 'done';
  readonly result: { readonly kind: string; readonly eventId?: string };
  readonly frames: readonly Uint8Array[];
};

const stored = async (frames: StoredFrames, done: Done): Promise<Answer> => {
  const frame = done.frames[0] ?? (await frames.of(done.result.eventId ?? ''));
  return frame === undefined
    ? refused('WRIT-RCP-015', 'the outcome is being recorded')
    : { kind: 'frames', frames: [frame] };
};

const isEnvironment = (plane: Pick<Plane, 'registry'>, environment: string): boolean =>
  environments(plane.registry()).some(({ scope }) => scope === environment);

/**
 * Whether this key may report about this agent at all: the agent itself, or another holder of the same environment that acts for
 * it or verifies it. What it may say about which receipt is for the decider.
 */
const mayReport = (plane: Pick<Plane, 'registry'>, { document, key }: Received<'outcome-report'>) => {
  const { agent, as } = document.data;
  const environment = environmentOf(agent);
  if (!isEnvironment(plane, environment)) return refused('WRIT-REG-002', 'there is no such environment');
  const neighbour = environmentOf(key.holder) === environment;
  const acting = key.role === 'enforcement-point' || as === 'verifier';
  return key.holder === agent || (neighbour && acting)
    ? undefined
    : refused('WRIT-FRM-007', 'this key may not report about this agent');
};

/** Answers an outcome report with the stored outcome event. Nothing is kept for one that would be refused. */
export const answerOutcome = async (
  deps: OutcomeDeps,
  message: Received<'outcome-report'>,
): Promise<Answer> => {
  const { plane, authority, outcome, frames, vault } = deps;
  const { document, frame, session, key, disclosures } = message;
  const no = mayReport(plane, message);
  if (no !== undefined) return no;
  const environment = environmentOf(document.data.agent);
  const decide = (state: OutcomeState) =>
    decideReport(
      {
        report: document,
        frame,
        session,
        asker: { name: key.holder, kid: key.kid },
        receipt: receiptOf(authority.state(environment), document.data.intentId),
        now: plane.timestamp(),
      },
      state,
    );
  const foreseen = decide(outcome.state(environment)).result;
  if (foreseen.kind === 'refused') return foreseen;
  const about = { scope: document.data.agent, time: document.time, intent: document.data.intentId };
  const unkept = await keepDisclosures(vault, about, [document.data.result], disclosures);
  if (unkept !== undefined) return unkept;
  const done = await outcome.of(environment).submit({
    id: document.id,
    deadline: performance.now() + RECORD_MS,
    decide: ({ state }) => decide(state),
  });
  if (done.kind !== 'done') return refused('WRIT-LED-002', done.reason);
  return done.result.kind === 'refused' ? done.result : stored(frames, done as Done);
};

/** A command works against a version that exists: one made for a later registry than ours is refused, not guessed at. */
const tooNew = (plane: Pick<Plane, 'registry'>, { document }: Received<'command'>): Refused | undefined => {
  const { version } = document.data;
  const { ver } = plane.registry();
  return version > ver
    ? refused('WRIT-REG-004', `made against version ${version}; the registry is at ${ver}`)
    : undefined;
};

/** Answers an operator's command to reconcile an unknown outcome. Nothing is kept for one that would be refused. */
export const answerReconcile = async (deps: OutcomeDeps, message: Received<'command'>): Promise<Answer> => {
  const { plane, outcome, frames, vault } = deps;
  const { document, frame, key, disclosures } = message;
  const { action } = document.data;
  if (action.do !== 'reconcile') return refused('WRIT-FRM-009', 'not a command for this service');
  if (!isEnvironment(plane, action.environment))
    return refused('WRIT-REG-002', 'there is no such environment');
  const decide = (state: OutcomeState) => {
    const later = tooNew(plane, message);
    if (later !== undefined) return { result: later, events: [] };
    const authorised = hasRole(plane.registry(), key.holder, 'operator', action.environment);
    return decideReconcile({ command: document, frame, authorised, now: plane.timestamp() }, state);
  };
  const foreseen = decide(outcome.state(action.environment)).result;
  if (foreseen.kind === 'refused') return foreseen;
  const about = { scope: action.environment, time: document.time, intent: action.intentId };
  const unkept = await keepDisclosures(vault, about, [action.reason], disclosures);
  if (unkept !== undefined) return unkept;
  const done = await outcome.of(action.environment).submit({
    id: document.id,
    deadline: performance.now() + RECORD_MS,
    decide: ({ state }) => decide(state),
  });
  if (done.kind !== 'done') return refused('WRIT-LED-002', done.reason);
  return done.result.kind === 'refused' ? done.result : stored(frames, done as Done);
};

/** Keeps the receipts that wait for a report; `sweep` records `unknown` for those that waited too long. */
export const watchUnreported = ({ plane, outcome }: OutcomeDeps): { sweep(): Promise<void> } => {
  const open = new Map<string, ReceiptView>();
  plane.follower.listen((event) => {
    const { document } = event;
    if (event.void) return;
    if (document.type === 'writ.authority.receipt-issued.v1') {
      const { data } = document;
      open.set(data.intentId, {
        eventId: document.id,
        digest: event.digest,
        intentId: data.intentId,
        agent: data.agent,
        audience: data.audience,
        argsDigest: data.what.argsDigest,
        issued: data.when.issued,
        expires: data.when.expires,
        seq: event.seq,
      });
    } else if (event.family === 'outcome') open.delete((document.data as { intentId: string }).intentId);
  });
  return {
    sweep: async () => {
      const now = plane.timestamp();
      for (const receipt of open.values()) {
        const environment = environmentOf(receipt.agent);
        const [due] = dueUnknown([receipt], outcome.state(environment), now);
        if (due === undefined) continue;
        await outcome.of(environment).submit({
          id: due.intentId,
          deadline: performance.now() + RECORD_MS,
          decide: ({ state }) => decideUnknown({ receipt: due, now: plane.timestamp() }, state),
        });
      }
    },
  };
};
