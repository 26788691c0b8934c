// Keeps one gate true: feeds it halts, leases, notices and state replies, and asks the plane whenever it is not sure.
import { parseHaltBody, parseSubject, subjects } from '@writ/contracts';
import { frameBytes } from '@writ/crypto';
import { environment, type Session } from '../session.js';
import type { GateStatus } from '../types.js';
import { readHaltFact } from './facts.js';
import { planeTime } from './gate.clock.js';
import { decideGate, wantsState } from './gate.decide.js';
import { evolveGate } from './gate.evolve.js';
import type { Target } from './gate.halts.js';
import { type GateEvent, type GateState, gateInitial } from './gate.state.js';
import type { GateListener } from './listener.js';
import { readState, type StateReading, type Want } from './state-read.js';
import { whenOpen } from './when-open.js';

export type EngagedListener = (halt: string, told: 'notice' | 'state') => void;

export interface GateKeeper {
  check(target: Target): GateStatus;
  state(): GateState;
  /** The plane's clock now, epoch ms; `late` is an upper bound. */
  planeTime(bound?: 'late'): number;
  /** Waits while only the lease is missing; a halt answers at once. */
  whenOpen(target: Target, timeoutMs: number, signal?: AbortSignal): Promise<GateStatus>;
  /** Reads the state, with what is wanted behind it; `undefined` when the plane did not answer. */
  read(want: Want): Promise<StateReading | undefined>;
  /** Called inside every change, before anything else can run. */
  onChange(listener: GateListener): void;
  /** Called with the id of a halt kept here whenever the plane tells of it: `notice` may repeat what is known. */
  onEngaged(listener: EngagedListener): void;
  /** Called after every fresh state reply. */
  onRead(listener: (reading: StateReading) => void): void;
  stop(): void;
}

const BEAT_MS = 100;
/**
 * How long a state reply is waited for: twice as long after each failure, so that a plane that is asked by too many at once still
 * answers those who wait for it.
 */
const READ_TIMEOUT_MS = { least: 600, most: 2400 } as const;
/** How long a read that is only to be sure is put off, at random between these: a thousand agents must not ask at once. */
const SOON_MS = { least: 500, most: 2500 } as const;

type Keeper = {
  state: GateState;
  reading: Promise<StateReading | undefined> | undefined;
  nextReadAt: number;
  failures: number;
  /** When the read that is only to be sure is due (monotonic). */
  soonAt: number | undefined;
  needsKeys: boolean;
  /** The newest lease while one waits for its turn: an older one is not worth a verification. */
  newestLease: { readonly message: Uint8Array; readonly heardAt: number } | undefined;
  readonly listeners: GateListener[];
  readonly engaged: EngagedListener[];
  readonly readers: ((reading: StateReading) => void)[];
};

/** Starts keeping: subscribes first, then asks, so that nothing falls between. */
export const keepGate = (session: Session): GateKeeper => {
  const { clock, credentials } = session;
  const serves = credentials.role === 'agent' ? 'self' : 'environment';
  const keeper: Keeper = {
    state: gateInitial(credentials.scope, clock.now(), serves),
    reading: undefined,
    nextReadAt: 0,
    failures: 0,
    soonAt: undefined,
    needsKeys: true,
    newestLease: undefined,
    listeners: [],
    engaged: [],
    readers: [],
  };
  const apply = (event: GateEvent): void => {
    const previous = keeper.state;
    keeper.state = evolveGate(previous, event, clock.now());
    for (const listener of keeper.listeners) listener(keeper.state, previous);
    tellEngaged(keeper, event);
    // A halt has closed the gate: whether to ask as well is left to the next beat.
    if (event.kind !== 'state' && event.kind !== 'halt-heard') maybeRead(session, keeper, read);
  };
  const read = (want: Want): Promise<StateReading | undefined> => readOnce(session, keeper, apply, want);
  listen(session, keeper, apply);
  const timer = setInterval(() => apply({ kind: 'beat' }), BEAT_MS);
  timer.unref();
  const check = (target: Target) => decideGate(keeper.state, clock.now(), target);
  return {
    check,
    state: () => keeper.state,
    planeTime: (bound) => planeTime(keeper.state, clock.now(), bound),
    whenOpen: (target, timeoutMs, signal) =>
      whenOpen(keeper.listeners, () => check(target), timeoutMs, signal),
    read,
    onChange: (listener) => void keeper.listeners.push(listener),
    onEngaged: (listener) => void keeper.engaged.push(listener),
    onRead: (listener) => void keeper.readers.push(listener),
    stop: () => clearInterval(timer),
  };
};

const utf8 = new TextDecoder();

type Apply = (event: GateEvent) => void;
type Read = (want: Want) => Promise<StateReading | undefined>;

const tellEngaged = (keeper: Keeper, event: GateEvent): void => {
  const told = event.kind === 'halt-engaged' && event.position > 0 ? 'notice' : 'state';
  const ids =
    event.kind === 'halt-engaged'
      ? [event.halt.id]
      : event.kind === 'state'
        ? event.halts.map((h) => h.id)
        : [];
  for (const id of ids.filter((halt) => keeper.state.halts.has(halt))) {
    for (const tell of keeper.engaged) tell(id, told);
  }
};

const listen = (session: Session, keeper: Keeper, apply: Apply): void => {
  const { bus, credentials } = session;
  const env = environment(session);
  const hearHalt = (subject: string, body: Uint8Array): void => {
    const parsed = parseSubject(subject);
    if (parsed?.kind !== 'halt') return;
    const { tool } = parseHaltBody(utf8.decode(body));
    session.followUp.hold();
    apply({ kind: 'halt-heard', person: parsed.person, scope: parsed.scope, tool });
    void session.followUp.turn().then(() => session.log({ event: 'halt-heard' }));
  };
  const refused = (): void => {
    apply({ kind: 'deaf' });
    session.log({ event: 'subscription-refused', code: 'WRIT-ENF-002' });
  };
  for (const subject of haltSubjects(credentials.scope, credentials.role))
    bus.subscribe(subject, hearHalt, refused);
  bus.subscribe(
    subjects.lease(env),
    (_, message) => void hearLease(session, keeper, apply, message),
    refused,
  );
  bus.subscribe(
    subjects.notice(env),
    (_, message) => void hearNotice(session, keeper, apply, message),
    refused,
  );
  bus.onConnection((connected) => {
    keeper.nextReadAt = 0;
    keeper.failures = 0;
    apply({ kind: connected ? 'reconnected' : 'disconnected' });
    session.log({ event: connected ? 'reconnected' : 'disconnected' });
  });
};

/** An agent hears its four ancestors; an enforcement point every agent beside it as well (its own name among them). */
const haltSubjects = (scope: string, role: 'agent' | 'enforcement-point'): readonly string[] => {
  const tokens = scope.split('.');
  const above = [1, 2, 3].map((n) => `gov.halt.*.${tokens.slice(0, n).join('.')}`);
  const last = role === 'agent' ? scope : `${tokens.slice(0, 3).join('.')}.*`;
  return [...above, `gov.halt.*.${last}`];
};

const hearLease = async (
  session: Session,
  keeper: Keeper,
  apply: Apply,
  message: Uint8Array,
): Promise<void> => {
  const takesTurn = keeper.newestLease === undefined;
  const newest = { message, heardAt: session.clock.now().mono };
  keeper.newestLease = newest;
  if (!takesTurn) return;
  await session.followUp.turn();
  const { heardAt, message: bytes } = keeper.newestLease ?? newest;
  keeper.newestLease = undefined;
  const lease = session.trust.live('lease', bytes, session.signers.lease);
  if (!lease.ok) {
    keeper.needsKeys ||= lease.why === 'unknown-key';
    return;
  }
  const { data, time } = lease.document;
  if (data.environment !== environment(session)) return;
  const { epoch, haltPosition, validMs } = data;
  apply({ kind: 'lease', heardAt, planeMs: Date.parse(time), epoch, haltPosition, validMs });
};

const hearNotice = async (
  session: Session,
  keeper: Keeper,
  apply: Apply,
  message: Uint8Array,
): Promise<void> => {
  await session.followUp.turn();
  const notice = session.trust.live('notice', message, session.signers.notice);
  if (!notice.ok) {
    keeper.needsKeys ||= notice.why === 'unknown-key';
    return;
  }
  const { fact, position } = notice.document.data;
  const bytes = frameBytes(fact);
  if (applyFact(session, keeper, apply, bytes, position) === 'unproved') {
    await readOnce(session, keeper, apply, ['keys']);
    if (applyFact(session, keeper, apply, bytes, position) === 'unproved') {
      session.log({ event: 'release-not-proved', code: 'WRIT-ENF-008' });
    }
  }
};

/** As many halts as a state reply can list. */
const LISTED_HALTS = 64;

/** Whether a halt behind a state reply may be in force: the reply does not list it only when it lists as many as it can. */
const isInForce = ({ data }: StateReading, id: string): boolean =>
  data.halts.length >= LISTED_HALTS || data.halts.some((halt) => halt.id === id);

/** A fact about halts that are not kept here changes nothing, unless the reply could not list them all: it is not worth a verification. */
const factsThatCount = (state: GateState, reading: StateReading): readonly Uint8Array[] => {
  if (reading.data.halts.length >= LISTED_HALTS) return reading.tail;
  const ids = [...state.halts.keys()].map((id) => JSON.stringify(id));
  return reading.tail.filter((frame) => {
    const text = utf8.decode(frame);
    return ids.some((id) => text.includes(id));
  });
};

const applyFact = (
  session: Session,
  keeper: Keeper,
  apply: Apply,
  bytes: Uint8Array,
  position: number,
  engages: (halt: string) => boolean = () => true,
) => {
  const reading = readHaltFact(session, keeper.state, bytes, position);
  if (reading.kind === 'events')
    for (const event of reading.events)
      if (event.kind !== 'halt-engaged' || engages(event.halt.id)) apply(event);
  if (reading.kind === 'unproved') keeper.needsKeys = true;
  return reading.kind;
};

/** Whether the halts listed do not tell all: one that is held is not among them, or there are more than can be listed. */
const lacksFacts = ({ state }: Keeper, reading?: StateReading): boolean =>
  state.unproven.size > 0 || (reading?.data.halts.length ?? 0) >= LISTED_HALTS;

const wantedOf = (keeper: Keeper, want: Want): Want => {
  const more = new Set(want);
  if (keeper.needsKeys) more.add('keys');
  if (lacksFacts(keeper)) more.add('halts');
  return [...more];
};

const readOnce = async (
  session: Session,
  keeper: Keeper,
  apply: Apply,
  want: Want,
): Promise<StateReading | undefined> => {
  const wanted = wantedOf(keeper, want);
  const at = planeTime(keeper.state, session.clock.now());
  const { least, most } = READ_TIMEOUT_MS;
  const reading = await readState(session, wanted, at, Math.min(most, least * 2 ** keeper.failures));
  if (session.closed.aborted) return undefined;
  if ('failed' in reading) {
    if (reading.failed === 'unknown-key') keeper.needsKeys = true;
    if (reading.failed !== 'no-answer')
      session.log({ event: `state-${reading.failed}`, code: 'WRIT-ENF-008' });
    return undefined;
  }
  if (wanted.includes('keys')) keeper.needsKeys = false;
  apply(reading.event);
  if (lacksFacts(keeper, reading) && !wanted.includes('halts'))
    return readOnce(session, keeper, apply, ['halts', ...want]);
  for (const frame of factsThatCount(keeper.state, reading))
    applyFact(session, keeper, apply, frame, 0, (id) => isInForce(reading, id));
  for (const tell of keeper.readers) tell(reading);
  return reading;
};

/** Asks when the gate wants it: at once when it is closed for lack of it, later when it is only to be sure. */
const maybeRead = (session: Session, keeper: Keeper, read: Read): void => {
  const now = session.clock.now();
  const wish = wantsState(keeper.state, now);
  if (wish !== 'soon') keeper.soonAt = undefined;
  if (wish === 'no' || keeper.reading !== undefined || now.mono < keeper.nextReadAt) return;
  if (wish === 'soon') {
    keeper.soonAt ??= now.mono + SOON_MS.least + Math.random() * (SOON_MS.most - SOON_MS.least);
    if (now.mono < keeper.soonAt) return;
    keeper.soonAt = undefined;
  }
  keeper.reading = read([]).finally(() => {
    keeper.reading = undefined;
  });
  void keeper.reading.then((reading) => {
    keeper.failures = reading === undefined ? keeper.failures + 1 : 0;
    const wait = Math.min(1000, 50 * 2 ** Math.min(keeper.failures, 5));
    keeper.nextReadAt = session.clock.now().mono + wait * (0.5 + Math.random() / 2);
  });
};
