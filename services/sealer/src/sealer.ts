// The sealer service: seals the ledger, collects cosignatures, anchors checkpoints. It writes no event and believes no signature.
import { inboxOf, Streams, subjects } from '@writ/contracts';
import { readSigningKey, type SigningKey, verifierKey } from '@writ/crypto';
import { createJetStreamLedger, type Ledger, verifyStreams } from '@writ/ledger';
import {
  connectBus,
  connectPostgres,
  createSealReader,
  loadOrganisation,
  openSealStore,
  RuntimeFault,
  type SealReader,
  type SealStore,
  type ServiceContext,
  type ServiceStart,
  sealPasswordFiles,
  sealUrl,
  startTicker,
} from '@writ/runtime';
import { startAnchoring } from './anchors/anchoring.js';
import { readAnchors } from './anchors/config.js';
import { type CheckpointStream, openCheckpointStream } from './checkpoint-stream.js';
import { readLastSigned } from './last-signed.js';
import { isSignedBy, noteKeyOf, readSigned, type SignedCheckpoint } from './notes.js';
import { openSeals } from './opening.js';
import { type Sealing, startSealing } from './sealing.js';
import { type Collector, startCollector } from './witnesses/collect.js';
import { readWitnessPolicy } from './witnesses/policy.js';

const NAME = 'sealer';
/** How often heads of checkpoints that nobody will ask about are dropped, and a refusal is said again, ms. */
const DROP_MS = 10_000;
const REMIND_MS = 60_000;
/** Witnesses that are away for long do not fill the database: heads are kept for this many messages. */
const MAX_KEPT = 1_000_000;

/** What the sealer may not go on after. The process lives on, not ready, and says why: a new start would find the same. */
const LASTING: readonly string[] = ['WRIT-SEA-002', 'WRIT-SEA-003', 'WRIT-SEA-006', 'WRIT-SEA-007'];

const setting = (value: string | undefined, name: string): string => {
  if (value !== undefined) return value;
  throw new RuntimeFault('WRIT-CFG-001', `${name} is not set`);
};

const pinned = ({ config }: ServiceContext) => {
  const read = loadOrganisation(config.paths.orgFile);
  if (read.kind === 'refused') throw new RuntimeFault(read.code, read.reason);
  return read.organisation;
};

const openBus = async ({ config, log }: ServiceContext) => {
  const bus = await connectBus({
    url: setting(config.natsUrl, 'WRIT_NATS_URL'),
    seedFile: config.paths.natsSeed(NAME),
    inboxPrefix: inboxOf(NAME),
    name: NAME,
    log,
  });
  const ready = await verifyStreams(bus, { streams: [Streams.ledger, Streams.checkpoints] });
  if (ready.kind === 'refused') throw new RuntimeFault(ready.code, ready.reason);
  const ledger = createJetStreamLedger({ connection: bus });
  const checkpoints = createJetStreamLedger({ connection: bus, stream: Streams.checkpoints });
  const close = async (): Promise<void> => {
    await Promise.all([ledger.close(), checkpoints.close()]);
    await bus.drain();
  };
  return { bus, ledger, checkpoints, close };
};

const openDatabase = ({ config, log }: ServiceContext) => {
  const address = setting(config.databaseUrl, 'WRIT_DATABASE_URL');
  const url = sealUrl(address, 'writer', sealPasswordFiles(config.paths).writer);
  const pool = connectPostgres(url, { max: 2, name: 'sealer-proofs', log });
  const store = openSealStore(url);
  const close = async (): Promise<void> => void (await Promise.all([store.close(), pool.end()]));
  return { store, reader: createSealReader(pool), close };
};

type Parts = {
  readonly context: ServiceContext;
  readonly org: string;
  readonly origin: string;
  readonly ledger: Ledger;
  readonly stream: CheckpointStream;
  readonly store: SealStore;
  readonly reader: SealReader;
};

const isThere = <T>(value: T | undefined): value is T => value !== undefined;

/** Gathers what the sealer remembers, and judges it. What Postgres holds and was not signed like this is thrown away. */
const open = async ({ context, org, origin, ledger, stream, store, reader }: Parts, key: SigningKey) => {
  const kept = await store.load();
  const inFile = readLastSigned(context.config.paths.sealerDir);
  const inDatabase = kept.last === undefined ? undefined : readSigned(kept.last.note);
  const signed = [inDatabase, inFile, await stream.largest()].filter(isThere);
  const registrySubject = subjects.ledger('registry', org);
  const isOurs = (one: SignedCheckpoint): boolean => one === inFile || isSignedBy(one, origin, key);
  const parts = { origin, org, registrySubject, ledger, reader };
  const { opened, tree, misfit } = await openSeals(parts, { kept, signed, isOurs });
  if (misfit !== undefined) await store.reset();
  if (misfit !== undefined && kept.state !== undefined)
    context.log.warn({ event: 'sealer.discarded', code: 'WRIT-SEA-005', why: misfit });
  return { opened, tree };
};

const endProcess = (error: unknown): void =>
  void setImmediate(() => {
    throw error;
  });

type Running = {
  readonly sealing: Sealing;
  readonly collector: Collector | undefined;
  stop(): Promise<void>;
};

/** Cosignatures and anchors hang on the sealing; none of them holds it up. */
const run = async (parts: Parts): Promise<Running> => {
  const { context, store, reader } = parts;
  const { config, log, metrics } = context;
  const key = readSigningKey(config.paths.keyFile(NAME));
  const { opened, tree } = await open(parts, key);
  const policy = readWitnessPolicy(config.paths.witnessesFile);
  const anchoring = startAnchoring(readAnchors(config.paths.anchorsFile), log, metrics);
  log.info({ event: 'sealer.key', verifier: verifierKey(noteKeyOf(parts.origin, key)) });
  const sealing = startSealing({
    ...parts,
    ...{ key, tree, opened, log, metrics },
    dir: config.paths.sealerDir,
    onSigned: (signed) => anchoring.offer('signed', signed),
    onFailure: endProcess,
  });
  const onCosigned = async (cosigned: SignedCheckpoint): Promise<void> => {
    anchoring.offer('cosigned', cosigned);
    await sealing.publish(cosigned);
  };
  const collector =
    policy && startCollector({ policy, reader, store, log, metrics, latest: sealing.signed, onCosigned });
  const keepFrom = (): number => {
    const size = sealing.signed()?.checkpoint.size ?? 0;
    return collector ? Math.max(collector.cosignedSize(), size - MAX_KEPT) : size;
  };
  const dropping = startTicker(DROP_MS, log, () => store.dropHeadsBefore(keepFrom()));
  const stop = async (): Promise<void> => {
    await Promise.all([collector?.stop(), dropping.stop(), anchoring.stop()]);
    await sealing.stop();
  };
  return { sealing, collector, stop };
};

/** Nothing is signed; the process stays to say so. */
const stayDown = ({ log, metrics, http }: ServiceContext, { code, reason, next }: RuntimeFault) => {
  const say = (): void => log.fatal({ event: 'sealer.refused', code, why: reason, next });
  say();
  metrics.refused(code);
  http.check('sealing', () => false);
  return startTicker(REMIND_MS, log, say);
};

/**
 * Starts the sealer. Not ready while messages wait too long for their checkpoint, or it has refused to sign (WRIT-SEA-002, -003, -006,
 * -007), or a witness has told of another history (WRIT-SEA-020, -021). It needs a prepared database (WRIT-SEA-001) and to be the only
 * one (WRIT-SEA-004).
 */
export const startSealer: ServiceStart = async (context) => {
  const { org, origin } = pinned(context);
  const { bus, ledger, checkpoints, close } = await openBus(context);
  const database = openDatabase(context);
  const end = async (): Promise<void> => {
    await close();
    await database.close();
  };
  context.http.check('bus', () => !bus.isClosed());
  const stream = openCheckpointStream(checkpoints, subjects.checkpoint(org), origin);
  try {
    const running = await run({ context, org, origin, ledger, stream, ...database });
    context.http.check('sealing', () => running.sealing.current());
    context.http.check('undisputed', () => running.collector?.undisputed() ?? true);
    return { stop: () => running.stop().then(end) };
  } catch (error) {
    if (!(error instanceof RuntimeFault) || !LASTING.includes(error.code)) {
      await end();
      throw error;
    }
    const reminding = stayDown(context, error);
    return { stop: () => reminding.stop().then(end) };
  }
};
