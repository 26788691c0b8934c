// The kill switch: halts, releases, leases, preserved state. It issues nothing; whatever fails here, agents stop.
import { covers, type EnvironmentScope, type Frame, type ParsedSubject, subjects } from '@writ/contracts';
import {
  type AuthorityState,
  authorityInitial,
  conductInitial,
  decideOpenEnvironment,
  environments,
  evolveAuthority,
  evolveConduct,
  evolveStop,
  haltsInForce,
  isOpened,
  type RegistryKey,
  stopInitial,
} from '@writ/domain';
import type { LedgerEvent } from '@writ/ledger';
import {
  connectPlane,
  createIntake,
  keepRegistryFrames,
  onlyHaltsOfAuthority,
  openVault,
  type Plane,
  rememberFrames,
  type ServiceStart,
  signLive,
  startTicker,
  type WriterPool,
} from '@writ/runtime';
import { answerAck, answerPreserve, recordUnconfirmed } from './acks.js';
import { createFacts } from './facts.js';
import { keepHaltFacts } from './halt-facts.js';
import { hear } from './hearing.js';
import { renewLeases } from './leases.js';
import { answerCommand } from './releases.js';
import { answerState } from './state.js';

const OPEN_MS = 5_000;

const isAsker = (key: RegistryKey, sender: ParsedSubject): boolean =>
  'asker' in sender &&
  key.holder === sender.asker &&
  (key.role === 'agent' || key.role === 'enforcement-point');

/** Opens every environment that the registry knows and that is not open yet, with the halts then in force over it. */
const openEnvironments = async (plane: Plane, authority: WriterPool<AuthorityState>): Promise<void> => {
  for (const { scope, event } of environments(plane.registry())) {
    if (isOpened(authority.state(scope))) continue;
    const inForce = authority
      .scopes()
      .flatMap((other) => haltsInForce(authority.state(other)).filter((halt) => covers(halt.scope, scope)));
    const distinct = [...new Map(inForce.map((halt) => [halt.id, halt])).values()];
    await authority.of(scope).submit({
      id: event,
      deadline: performance.now() + OPEN_MS,
      decide: ({ state }) =>
        decideOpenEnvironment(
          {
            environment: scope,
            registryEvent: { id: event, correlationid: event.split('.')[0] as string },
            haltsInForce: distinct,
          },
          state,
        ),
    });
  }
};

const notify = (plane: Plane, event: LedgerEvent): void => {
  const { document } = event;
  if (
    document.type !== 'writ.authority.halt-engaged.v1' &&
    document.type !== 'writ.authority.halt-released.v1'
  )
    return;
  const { environment } = document.data;
  const about =
    document.type === 'writ.authority.halt-engaged.v1'
      ? ('halt-engaged' as const)
      : ('halt-released' as const);
  const fact = JSON.parse(new TextDecoder().decode(event.bytes)) as Frame;
  const subject = subjects.notice(environment);
  plane.bus.publish(
    subject,
    signLive('notice', subject, { environment, about, position: event.seq, fact }, plane.key, {
      time: plane.timestamp(),
    }).bytes,
  );
};

/** Starts the kill switch: reads GOV_HALTS to its end and records what is missing before it renews a lease or answers anybody. */
export const startKillSwitch: ServiceStart = async (context) => {
  const plane = await connectPlane(
    context,
    'kill-switch',
    ['authority', 'stop', 'conduct'],
    onlyHaltsOfAuthority,
  );
  const vault = await openVault(context);
  const authority = plane.writers('authority', authorityInitial, evolveAuthority);
  const stop = plane.writers('stop', stopInitial, evolveStop);
  const conduct = plane.fold('conduct', conductInitial, evolveConduct);
  const registryFrames = keepRegistryFrames(plane);
  const frames = rememberFrames(plane, 'authority');
  const stopFrames = rememberFrames(plane, 'stop', 10_000);
  const haltFacts = keepHaltFacts();
  const halts = new Map<EnvironmentScope, Set<string>>();
  const recordedAt = new Map<string, number>();
  const seen = new Set<string>();
  let started = false;
  plane.follower.listen((event) => {
    if (event.void || event.family !== 'authority') return;
    haltFacts.take(event, authority.state(event.scope));
    if (event.document.type === 'writ.authority.halt-engaged.v1') {
      const { halt } = event.document.data;
      halts.set(event.scope, (halts.get(event.scope) ?? new Set()).add(halt));
      if (!recordedAt.has(halt)) recordedAt.set(halt, event.seq);
    }
    if (started) notify(plane, event);
  });
  await plane.start();
  started = true;

  const facts = createFacts(plane);
  const haltDeps = { plane, authority, facts, vault, recordedAt };
  await openEnvironments(plane, authority);
  const hearing = await hear(haltDeps);
  await hearing.caughtUp();

  const epoch = Math.floor(plane.clock.now() / 1000);
  const leases = renewLeases(plane, authority, epoch);
  const org = `${plane.org}.*.*.*`;
  const stopDeps = {
    frames: stopFrames,
    plane,
    authority,
    stop,
    vault,
    seen,
    knownHalts: (environment: EnvironmentScope) => halts.get(environment) ?? new Set<string>(),
  };
  const stateDeps = { plane, authority, stop, conduct, registryFrames, haltFacts, epoch };
  const see = <M extends { readonly sender: ParsedSubject }>(message: M): M => {
    if ('asker' in message.sender) seen.add(message.sender.asker);
    return message;
  };
  const intakes = [
    createIntake<'state-request'>(plane, {
      kind: 'state-request',
      subject: subjects.state(org),
      queue: 'kill-switch',
      mayHold: isAsker,
      handle: (m) => answerState(stateDeps, see(m)),
    }),
    createIntake<'ack'>(plane, {
      kind: 'ack',
      subject: subjects.ack(org),
      queue: 'kill-switch',
      mayHold: isAsker,
      handle: (m) => answerAck(stopDeps, see(m)),
    }),
    createIntake<'preserve-request'>(plane, {
      kind: 'preserve-request',
      subject: subjects.preserve(org),
      queue: 'kill-switch',
      rate: 20,
      burst: 40,
      mayHold: isAsker,
      handle: (m) => answerPreserve(stopDeps, see(m)),
    }),
    createIntake<'command'>(plane, {
      kind: 'command',
      subject: subjects.command('kill-switch', plane.org, '*'),
      queue: 'kill-switch',
      rate: 50,
      burst: 100,
      mayHold: (key, sender) =>
        key.role === 'person' && sender.kind === 'command' && key.holder === sender.person,
      handle: (m) => answerCommand({ plane, authority, facts, frames, vault }, m),
    }),
  ];
  const opener = startTicker(200, plane.log, async () => {
    await openEnvironments(plane, authority);
    await hearing.place();
  });
  const confirmer = startTicker(1_000, plane.log, () => recordUnconfirmed(stopDeps));
  return {
    stop: async () => {
      leases.stop();
      await opener.stop();
      await confirmer.stop();
      await Promise.all(intakes.map((intake) => intake.stop()));
      await hearing.stop();
      facts.stop();
      await plane.stop();
      await vault.close();
    },
  };
};
