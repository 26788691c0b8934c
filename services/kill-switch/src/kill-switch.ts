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
import { recordUnconfirmed } from './acks.js';
import { openEnvironments } from './environments.js';
import { createFacts } from './facts.js';
import { keepHaltFacts } from './halt-facts.js';
import { keepHaltRecord } from './halt-record.js';
import { hear } from './hearing.js';
import { openIntakes } from './intakes.js';
import { renewLeases } from './leases.js';
import { giveNotice } from './notices.js';

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
const foldLedger = async (plane: Plane, { authority, haltFacts, haltRecord }: Folds): Promise<void> => {
  let folded = false;
  plane.follower.listen((event) => {
    if (event.void || event.family !== 'authority') return;
    haltFacts.take(event, authority.state(event.scope));
    haltRecord.take(event);
    if (folded) giveNotice(plane, event);
  });
  await plane.start();
  folded = true;
};

const dependencies = (plane: Plane, vault: OpenVault, folds: Folds, epoch: number) => {
  const { authority, stop, conduct, registryFrames, frames, stopFrames, haltFacts, haltRecord } = folds;
  const facts = createFacts(plane);
  const seen = new Set<string>();
  return {
    facts,
    seen,
    halts: { plane, authority, facts, vault, recordedAt: haltRecord.recordedAt },
    state: { plane, authority, stop, conduct, registryFrames, haltFacts, epoch },
    stop: { plane, authority, stop, vault, frames: stopFrames, seen, knownHalts: haltRecord.known },
    release: { plane, authority, facts, frames, vault },
  };
};

/** Starts the kill switch: reads GOV_HALTS to its end and records what is missing before it renews a lease or answers anybody. */
export const startKillSwitch: ServiceStart = async (context) => {
  const plane = await connectPlane(context, 'kill-switch', FAMILIES, onlyHaltsOfAuthority);
  const vault = await openVault(context);
  const folds = openFolds(plane);
  await foldLedger(plane, folds);
  const epoch = Math.floor(plane.clock.now() / 1000);
  const deps = dependencies(plane, vault, folds, epoch);
  await openEnvironments(plane, folds.authority);
  const hearing = await hear(deps.halts);
  await hearing.caughtUp();
  const leases = renewLeases(plane, folds.authority, epoch);
  const intakes = openIntakes(plane, deps, deps.seen);
  const opener = startTicker(200, plane.log, async () => {
    await openEnvironments(plane, folds.authority);
    await hearing.place();
  });
  const confirmer = startTicker(1_000, plane.log, () => recordUnconfirmed(deps.stop));
  return {
    stop: async () => {
      leases.stop();
      await opener.stop();
      await confirmer.stop();
      await Promise.all(intakes.map((intake) => intake.stop()));
      await hearing.stop();
      deps.facts.stop();
      await plane.stop();
      await vault.close();
    },
  };
};
