// What other services report: floods that they shed, intent ids used twice. Everything that a report embeds is verified here again.
import {
  type AgentScope,
  type ConductReport,
  environmentOf,
  type FloodReport,
  type Frame,
  type IdReuseReport,
  organisationOf,
  type ParsedSubject,
  type Refused,
  type ReportingService,
  ReportingServices,
  refused,
  subjects,
} from '@writ/contracts';
import { frameBytes, joinMessage } from '@writ/crypto';
import {
  agentOf,
  decideFlood,
  decideIdReuse,
  enforcementPointOf,
  type History,
  historyOf,
  type RecordedIntent,
  type RegistryKey,
} from '@writ/domain';
import type { SubmitDone, WriteRefusal } from '@writ/ledger';
import { openLive, type Plane, type Received, type StoredFrames } from '@writ/runtime';
import type { Submit } from './submit.js';

export type ReportDeps = {
  readonly plane: Plane;
  /** Of the decisions. */
  readonly frames: StoredFrames;
  readonly submit: Submit;
  readonly historyIn: (environment: string) => History;
};

type Given = { readonly document: ConductReport; readonly frame: Frame; readonly service: ReportingService };

/** Whether a key may report on a subject: a service's own, under its own name. */
export const mayReport = (key: RegistryKey, sender: ParsedSubject): boolean =>
  sender.kind === 'report' &&
  (ReportingServices as readonly string[]).includes(sender.service) &&
  key.role === sender.service &&
  key.holder === sender.service;

/** Refused, or `undefined`: nobody is answered. */
const outcomeOf = (done: SubmitDone<{ readonly kind: string } | Refused> | WriteRefusal) => {
  if (done.kind === 'indeterminate') return refused('WRIT-LED-002', done.reason);
  if (done.kind !== 'done') return refused(done.code, done.reason);
  return done.result.kind === 'refused' ? (done.result as Refused) : undefined;
};

const onFlood = async ({ plane, submit }: ReportDeps, given: Given, flood: FloodReport) => {
  const { asker } = flood;
  const registry = plane.registry();
  const known = agentOf(registry, asker) !== undefined || enforcementPointOf(registry, asker) !== undefined;
  if (!known) return refused('WRIT-CON-006', 'nobody of that name is registered');
  const done = await submit(environmentOf(asker), given.document.id, (state) =>
    decideFlood({ ...given, flood, known, now: plane.timestamp() }, state),
  );
  if (done.kind === 'done' && done.seqs[0] !== undefined)
    plane.log.warn({ event: 'flood', asker, kind: flood.kind, shed: flood.shed, seq: done.seqs[0] });
  return outcomeOf(done);
};

/** The second intent, verified as its agent's: whoever reports it, it speaks for itself. */
const openIntent = async (plane: Plane, { intent: frame, session }: IdReuseReport) => {
  const agent: AgentScope = String(frame.signed['subject']).slice('gov.intent.'.length);
  const message = joinMessage(frameBytes(frame), [], session && frameBytes(session));
  const opened = await openLive(plane, 'intent', subjects.intent(agent), message);
  if (opened.kind === 'refused') return opened;
  const own =
    opened.key.role === 'agent' && opened.key.holder === agent && organisationOf(agent) === plane.org;
  if (!own) return refused('WRIT-FRM-007', 'the intent is not signed by its agent');
  return { kind: 'intent', id: opened.document.id, agent, digest: opened.digest } as const;
};

const recordedIntent = async (frames: StoredFrames, event: string): Promise<RecordedIntent | undefined> => {
  const stored = await frames.of(event);
  if (stored === undefined) return undefined;
  const { signed } = JSON.parse(Buffer.from(stored).toString('utf8')) as {
    signed: { data: Pick<RecordedIntent, 'agent' | 'intentDigest'> };
  };
  return { event, agent: signed.data.agent, intentDigest: signed.data.intentDigest };
};

const onIdReuse = async (deps: ReportDeps, given: Given, reuse: IdReuseReport) => {
  const { plane, frames, submit, historyIn } = deps;
  const intent = await openIntent(plane, reuse);
  if (intent.kind === 'refused') return intent;
  const { agent } = intent;
  const environment = environmentOf(agent);
  const recorded = await recordedIntent(frames, reuse.recorded);
  const history = historyOf(historyIn(environment), agent).decisions;
  const done = await submit(environment, given.document.id, (state) =>
    decideIdReuse({ ...given, reuse, intent, recorded, history, now: plane.timestamp() }, state),
  );
  if (done.kind === 'done' && done.result.kind === 'flagged')
    plane.log.warn({ event: 'flagged', agent, detector: 'intent-id-reused', seq: done.seqs[0] });
  return outcomeOf(done);
};

/** Judges a report and records what is borne out. */
export const takeReport = async (
  deps: ReportDeps,
  { document, frame, sender }: Received<'conduct-report'>,
): Promise<Refused | undefined> => {
  if (sender.kind !== 'report') return refused('WRIT-FRM-008', 'not a subject for reports');
  const given = { document, frame, service: sender.service as ReportingService };
  const { data } = document;
  return data.about === 'flood' ? onFlood(deps, given, data) : onIdReuse(deps, given, data);
};
