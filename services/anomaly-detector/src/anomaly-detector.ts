// Watches conduct: flags, moves agents on the containment ladder, carries out people's commands about both. It halts through the bus.
import {
  type AgentScope,
  environmentOf,
  organisationOf,
  type Refused,
  refused,
  subjects,
} from '@writ/contracts';
import {
  boundaryFor,
  type ConductState,
  conductInitial,
  decideAutonomyCommand,
  decideClear,
  decideContainmentCommand,
  decideCoolDown,
  decideFlag,
  detect,
  dueClears,
  dueCoolDown,
  evolveConduct,
  gatedAt,
  type History,
  hasRole,
  historyInitial,
  historyOf,
  observe,
} from '@writ/domain';
import type { LedgerEvent } from '@writ/ledger';
import {
  type Answer,
  connectPlane,
  createIntake,
  type HaltDemand,
  type HaltDemands,
  keepHaltDemands,
  onlyHaltsOfAuthority,
  type Plane,
  type Received,
  rememberFrames,
  type ServiceStart,
  startTicker,
  type WriterPool,
} from '@writ/runtime';

import { mayReport, takeReport } from './reports.js';
import { createSubmit, type Submit } from './submit.js';

const FAMILIES = ['decision', 'outcome', 'approval', 'conduct', 'authority'] as const;

type Deps = {
  readonly plane: Plane;
  readonly conduct: WriterPool<ConductState>;
  readonly histories: Map<string, History>;
  readonly halts: HaltDemands;
  readonly submit: Submit;
};

const historyIn = ({ histories }: Deps, environment: string): History =>
  histories.get(environment) ?? historyInitial;

/** Everything that follows by rule about one agent now. Safe to repeat: deciders know what they have recorded. */
const judge = async (deps: Deps, agent: AgentScope): Promise<void> => {
  const environment = environmentOf(agent);
  for (const finding of detect(historyIn(deps, environment), deps.conduct.state(environment), agent)) {
    const done = await deps.submit(environment, finding.events.at(-1) ?? agent, (state) =>
      decideFlag({ finding, now: deps.plane.timestamp() }, state),
    );
    if (done.kind === 'done' && done.result.kind === 'flagged') {
      deps.plane.log.warn({ event: 'flagged', agent, detector: finding.detector, seq: done.seqs[0] });
    }
  }
};

const clear = async (deps: Deps, event: LedgerEvent): Promise<void> => {
  const { agent, intentId } = event.document.data as { agent: AgentScope; intentId: string };
  const environment = environmentOf(agent);
  const at = gatedAt(historyIn(deps, environment), intentId);
  const input = { agent, intentId, granted: event.document.id, grantedAt: event.seq, gatedAt: at };
  await deps.submit(environment, intentId, (state) => decideClear(input, state));
};

/** Approvals that came while the detector was away. What was flagged since then stays as it is. */
const clearMissed = async (deps: Deps): Promise<void> => {
  for (const [environment, history] of deps.histories)
    for (const input of dueClears(history, deps.conduct.state(environment)))
      await deps.submit(environment, input.intentId, (state) => decideClear(input, state));
};

const act = async (deps: Deps, event: LedgerEvent): Promise<void> => {
  if (event.family === 'decision') return judge(deps, (event.document.data as { agent: AgentScope }).agent);
  if (event.document.type === 'writ.approval.granted.v1') return clear(deps, event);
  const demand = demandOf(event);
  if (demand?.wanted === true) deps.halts.ask(demand.agent);
};

/** The highest step of the containment ladder is a halt. */
const demandOf = ({ document }: LedgerEvent): HaltDemand | undefined =>
  document.type === 'writ.conduct.containment-changed.v1'
    ? { agent: document.data.agent, wanted: document.data.to === 'halt' }
    : undefined;

const coolDown = async (deps: Deps): Promise<void> => {
  for (const environment of deps.conduct.scopes()) {
    for (const agent of dueCoolDown(deps.conduct.state(environment), deps.plane.timestamp())) {
      await deps.submit(environment, agent, (state) =>
        decideCoolDown({ agent, now: deps.plane.timestamp() }, state),
      );
    }
  }
};

const answerCommand = async (
  deps: Deps,
  { document: command, frame, key }: Received<'command'>,
): Promise<Answer> => {
  const { plane } = deps;
  const { action } = command.data;
  if (action.do !== 'set-containment' && action.do !== 'set-autonomy')
    return refused('WRIT-FRM-009', 'not a command for this service');
  const { agent } = action;
  const environment = environmentOf(agent);
  if (organisationOf(agent) !== plane.org) return refused('WRIT-CON-001', 'another organisation');
  const authorised = hasRole(plane.registry(), key.holder, 'operator', agent);
  const fallback = boundaryFor(plane.registry(), agent)?.boundary.spec.autonomy ?? 'shadow';
  const history = historyOf(historyIn(deps, environment), agent);
  const input = { command, frame, authorised, now: plane.timestamp() };
  const done = await deps.submit<{ readonly kind: string } | Refused>(environment, command.id, (state) =>
    action.do === 'set-containment'
      ? decideContainmentCommand(input, state)
      : decideAutonomyCommand({ ...input, history, fallback }, state),
  );
  if (done.kind !== 'done')
    return refused(done.kind === 'indeterminate' ? 'WRIT-LED-002' : done.code, done.reason);
  return done.result.kind === 'refused' ? (done.result as Refused) : { kind: 'frames', frames: done.frames };
};

/** Starts the anomaly detector. What it missed while it was away is judged once it has caught up. */
export const startAnomalyDetector: ServiceStart = async (context) => {
  const plane = await connectPlane(context, 'anomaly-detector', FAMILIES, onlyHaltsOfAuthority);
  const histories = new Map<string, History>();
  plane.follower.fold((event) => {
    if (event.family === 'registry' || event.family === 'authority') return;
    histories.set(event.scope, observe(histories.get(event.scope) ?? historyInitial, event));
  });
  const conduct = plane.writers('conduct', conductInitial, evolveConduct);
  const reason = 'containment ladder: halt';
  const halts = keepHaltDemands(plane, { person: 'svc-anomaly', reason, demandOf });
  const submit = createSubmit(conduct);
  const deps: Deps = { plane, conduct, histories, halts, submit };
  const frames = rememberFrames(plane, 'decision');
  await plane.start();
  halts.askMissing();
  for (const history of histories.values())
    for (const agent of history.agents.keys()) await judge(deps, agent);
  await clearMissed(deps);
  plane.follower.listen((event) => {
    if (event.void) return;
    act(deps, event).catch((error: Error) =>
      plane.log.error({ event: 'detector.failed', error: error.name }),
    );
  });

  const commands = createIntake(plane, {
    kind: 'command',
    subject: subjects.command('anomaly-detector', plane.org, '*'),
    queue: 'anomaly-detector',
    rate: 50,
    burst: 100,
    mayHold: (key, sender) =>
      key.role === 'person' && sender.kind === 'command' && key.holder === sender.person,
    handle: (message) => answerCommand(deps, message),
  });
  const reports = createIntake(plane, {
    kind: 'conduct-report',
    subject: subjects.report(plane.org, '*'),
    queue: 'anomaly-detector',
    rate: 50,
    burst: 500,
    mayHold: mayReport,
    handle: (message) =>
      takeReport(
        { plane, frames, submit, historyIn: (environment) => historyIn(deps, environment) },
        message,
      ),
  });
  const ticker = startTicker(1_000, plane.log, async () => {
    halts.askMissing();
    await coolDown(deps);
  });
  return {
    stop: async () => {
      await ticker.stop();
      await Promise.all([commands.stop(), reports.stop()]);
      await plane.stop();
    },
  };
};
