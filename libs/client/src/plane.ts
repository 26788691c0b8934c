// Puts one client together: bus, trust, gate, halts, acknowledgements. Shared by the agent's client and the enforcement point.
import { inboxOf } from '@writ/contracts';
import { isKeyPair } from '@writ/crypto';
import type { Engine } from './action/execute.js';
import { reportOutcome } from './action/outcome.js';
import { type ClientClock, pause, systemClock } from './clock.js';
import { type Credentials, checkCredentials, readCredentials } from './credentials.js';
import { signersOf } from './documents.js';
import { asError } from './errors.js';
import { keepGate } from './gate/keeper.js';
import { acknowledgeHalts } from './halt/acknowledge.js';
import { createFollowUp } from './halt/follow-up.js';
import { createRuns } from './halt/runs.js';
import { type HaltHooks, type HaltWatch, viewOf, watchHalts } from './halt/watch.js';
import type { Session } from './session.js';
import { createSigning, type SessionOption } from './signing.js';
import { connectBus } from './transport.js';
import { createTrust } from './trust/trust.js';
import type { ClientLog, ClientStatus, VerifierReport } from './types.js';

/** Options of both clients; times in milliseconds. */
export type ConnectOptions = HaltHooks & {
  /** Events by name, for a log: never arguments, keys or free text. */
  readonly log?: ClientLog;
  /** For the connection to the bus (default 5 s); WRIT-CLI-005 when nobody answers. */
  readonly connectTimeoutMs?: number;
  /** How long to wait for the first state reply (default 5 s). Without one the client is returned with its gate closed. */
  readonly startTimeoutMs?: number;
  /** How long aborted calls and the halt callback may take before they are reported as running on (default 1 s). */
  readonly haltDeadlineMs?: number;
  /** Whether running calls are aborted when the lease is lost, not only when a halt is heard (default true). */
  readonly abortOnLeaseLoss?: boolean;
  /**
   * Sign with a key that lives in memory, for an hour or `ttlSeconds` at a time (24 hours at most), and let the key of the
   * credentials do nothing but vouch for it. Default: off.
   */
  readonly session?: SessionOption;
  /** For tests. */
  readonly clock?: ClientClock;
};

export type Plane = {
  readonly engine: Engine;
  readonly session: Session;
  readonly halts: HaltWatch;
  status(): ClientStatus;
  verify(report: VerifierReport): Promise<void>;
  close(): Promise<void>;
};

/** Connects with credentials, or with the folder that holds them. */
export const joinPlane = async (from: Credentials | string, options: ConnectOptions): Promise<Plane> => {
  const credentials = typeof from === 'string' ? readCredentials(from) : checkCredentials(from);
  const closing = new AbortController();
  const session = await openSession(credentials, options, closing.signal);
  const keeper = keepGate(session);
  const runs = createRuns(() => session.clock.now().mono);
  const engine: Engine = { session, keeper, runs };
  const deadlineMs = options.haltDeadlineMs ?? 1000;
  const abortOnLeaseLoss = options.abortOnLeaseLoss ?? true;
  const halts = watchHalts(session, keeper, runs, [options], { deadlineMs, abortOnLeaseLoss });
  acknowledgeHalts(session, keeper, runs, deadlineMs);
  await session.bus.flush();
  await startWithin(halts.started, options.startTimeoutMs ?? 5000);
  return {
    engine,
    session,
    halts,
    status: () => statusOf(engine),
    verify: (report) => verifyEffect(engine, report),
    close: async () => {
      closing.abort();
      keeper.stop();
      await session.bus.close();
      const { key } = session.credentials;
      if (!isKeyPair(key)) await key.close?.();
    },
  };
};

const openSession = async (
  credentials: Credentials,
  options: ConnectOptions,
  closed: AbortSignal,
): Promise<Session> => {
  const { org, roots, threshold, scope, natsUrl, natsSeed } = credentials;
  const trust = createTrust(org, roots, threshold);
  const clock = options.clock ?? systemClock;
  const log = options.log ?? (() => undefined);
  const signing = createSigning(credentials, { session: options.session, clock, log, closed });
  const bus = await connectBus({
    url: natsUrl,
    inboxPrefix: inboxOf(scope),
    name: scope,
    connectTimeoutMs: options.connectTimeoutMs ?? 5000,
    ...(natsSeed === undefined ? {} : { seed: natsSeed }),
  });
  return {
    credentials,
    bus,
    trust,
    clock,
    log,
    signers: signersOf(scope),
    signing,
    followUp: createFollowUp(clock),
    closed,
  };
};

const startWithin = async (started: Promise<void>, ms: number): Promise<void> => {
  const enough = new AbortController();
  await Promise.race([started, pause(ms, enough.signal)]);
  enough.abort();
};

const statusOf = ({ session, keeper, runs }: Engine): ClientStatus => {
  const state = keeper.state();
  return {
    gate: keeper.check({ agent: session.credentials.scope }),
    connected: state.connected,
    halts: [...state.halts.values(), ...state.heard].map(viewOf),
    unproven: [...state.unproven],
    running: runs.active().length,
  };
};

const verifyEffect = async ({ session, keeper }: Engine, report: VerifierReport): Promise<void> => {
  const now = keeper.planeTime();
  const recorded = await reportOutcome(session, keeper, {
    ...report,
    as: 'verifier',
    effects: report.effects ?? [],
    startedAt: now,
    finishedAt: now,
  });
  if (recorded.kind === 'refused') throw asError(recorded);
};
