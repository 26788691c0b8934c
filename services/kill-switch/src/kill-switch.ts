// The kill switch: halts, releases, leases, preserved state. It issues nothing; whatever fails here, agents stop.
import {
  authorityInitial,
  conductInitial,
  evolveAuthority,
  evolveConduct,
  evolveStop,
  stopInitial,
} from '@writ/domain';
import {
  connectPlane,
  keepRegistryFrames,
  type OpenVault,
  onlyHaltsOfAuthority,
  openVault,
  type Plane,
  rememberFrames,
  type ServiceStart,
  startTicker,
} from '@writ/runtime';
import { openEnvironments } from './environments.js';
import { createFacts } from './facts.js';
import { keepHaltFacts } from './halt-facts.js';
import { keepHaltRecord } from './halt-record.js';
import { type Hearing, hear } from './hearing.js';
import { type IntakeDeps, openIntakes } from './intakes.js';
import { renewLeases } from './leases.js';
import { createNotices, type Notices } from './notices.js';
import { createUnconfirmed } from './unconfirmed.js';

const FAMILIES = ['authority', 'stop', 'conduct'] as const;

/** Every fold that the kill-switch keeps, before it reads the ledger. */
const openFolds = (plane: Plane) => ({
  authority: plane.writers('authority', authorityInitial, evolveAuthority),
  stop: plane.writers('stop', stopInitial, evolveStop),
  conduct: plane.fold('conduct', conductInitial, evolveConduct),
  registryFrames: keepRegistryFrames(plane),
  frames: rememberFrames(plane, 'authority'),
  stopFrames: rememberFrames(plane, 'stop', 10_000),
  haltFacts: keepHaltFacts(),
  haltRecord: keepHaltRecord(),
});

type Folds = ReturnType<typeof openFolds>;

/** Folds the ledger; notices are given for what is recorded from then on. */
const foldLedger = async (
  plane: Plane,
  { authority, haltFacts, haltRecord }: Folds,
  notices: Notices,
): Promise<void> => {
  let folded = false;
  plane.follower.listen((event) => {
    if (event.void || event.family !== 'authority') return;
    haltFacts.take(event, authority.state(event.scope));
    haltRecord.take(event);
    if (folded) notices.take(event);
  });
  await plane.start();
  folded = true;
};

const dependencies = (plane: Plane, vault: OpenVault, folds: Folds) => {
  const { authority, stop, conduct, registryFrames, frames, stopFrames, haltFacts, haltRecord } = folds;
  const facts = createFacts(plane);
  const seen = new Set<string>();
  return {
    facts,
    seen,
    halts: { plane, authority, facts, vault, record: haltRecord },
    state: { plane, authority, stop, conduct, registryFrames, haltFacts },
    stop: { plane, authority, stop, vault, frames: stopFrames, knownHalts: haltRecord.known },
    unconfirmed: { plane, authority, stop, seen },
    release: { plane, authority, facts, frames, vault },
  };
};

type Dependencies = ReturnType<typeof dependencies>;

const intakeDeps = (deps: Dependencies, { current }: Hearing, epoch: number): IntakeDeps => ({
  state: { ...deps.state, epoch, current },
  stop: deps.stop,
  release: deps.release,
});

/** Starts the kill switch: reads GOV_HALTS to its end and records what is missing before it renews a lease or answers anybody. */
export const startKillSwitch: ServiceStart = async (context) => {
  const plane = await connectPlane(context, 'kill-switch', FAMILIES, onlyHaltsOfAuthority);
  const vault = await openVault(context);
  const folds = openFolds(plane);
  const notices = createNotices(plane);
  await foldLedger(plane, folds, notices);
  const deps = dependencies(plane, vault, folds);
  await openEnvironments(plane, folds.authority);
  const hearing = await hear(deps.halts);
  await hearing.caughtUp();
  await hearing.place();
  // The ledger only grows: a start that came later has a higher epoch, whatever the clocks say.
  const epoch = Math.max(1, await plane.ledger.end());
  const leases = renewLeases(plane, folds.authority, epoch, hearing, notices.flush);
  const intakes = openIntakes(plane, intakeDeps(deps, hearing, epoch), deps.seen);
  const opener = startTicker(200, plane.log, async () => {
    await openEnvironments(plane, folds.authority);
    await hearing.place();
  });
  const confirmer = startTicker(1_000, plane.log, createUnconfirmed(deps.unconfirmed));
  return {
    stop: async () => {
      leases.stop();
      await opener.stop();
      await confirmer.stop();
      await Promise.all(intakes.map((intake) => intake.stop()));
      await hearing.stop();
      notices.flush();
      deps.facts.stop();
      await plane.stop();
      await vault.close();
    },
  };
};
