// What every service process stands on: one follower of the ledger, the registry folded from it, and writers per subject.

import type { NatsConnection } from '@nats-io/transport-node';
import {
  type Family,
  type Kid,
  type LedgerSeq,
  type PublicKeyEntry,
  type Scope,
  type ServiceName,
  subjects,
} from '@writ/contracts';
import { importPublic, type PublicKey, type SigningKey, sha256 } from '@writ/crypto';
import {
  evolveRegistry,
  evolveVoidRegistry,
  findKey,
  isKeyActive,
  type Recorded,
  type RegistryState,
  registryInitial,
  rootedDirectory,
} from '@writ/domain';
import {
  createFollower,
  createSealer,
  createWriter,
  type Follower,
  type Ledger,
  type LedgerEvent,
  LedgerGapError,
  type Writer,
} from '@writ/ledger';
import type { Clock } from '../clock.js';
import { RuntimeFault } from '../faults.js';
import type { Log } from '../log.js';
import type { Metrics } from '../metrics.js';
import { startShedReports } from '../shed-reports.js';
import type { TokenBuckets } from '../token-bucket.js';
import { reportFloods } from './conduct-reports.js';
import { readDistrust, refuseLateDistrust } from './distrust.js';
import { assertBegins } from './ledger-look.js';
import { type LedgerMark, type MarkFiles, watchMark } from './ledger-mark.js';
import { timestamp } from './live.js';
import { startTicker } from './ticker.js';

/** What a service brings: its identity, its connections, and the families that it folds. */
export type PlaneOptions = {
  readonly org: string;
  readonly service: ServiceName;
  readonly roots: readonly PublicKeyEntry[];
  /** How many of the roots must agree; 1 when absent. */
  readonly threshold?: number;
  readonly key: SigningKey;
  readonly bus: NatsConnection;
  readonly ledger: Ledger;
  readonly families: readonly Family[];
  /** Which events of those families are opened; all when absent (see `FollowerOptions.onlyTypes`). */
  readonly onlyTypes?: (family: Family, type: string) => boolean;
  /** Where the ledger as this service last knew it is kept; not kept and not compared when absent. */
  readonly mark?: MarkFiles;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Called once when the follower has stopped for good: the service must not serve on. */
  readonly onFailure: (error: unknown) => void;
};

/** A fold of one family, by scope. */
export type Folded<S> = { readonly of: (scope: Scope) => S; readonly scopes: () => readonly Scope[] };

/** The writers of one family, one per scope, made when first asked for. `state` is what the writer knows to be stored. */
export type WriterPool<S> = {
  readonly of: (scope: Scope) => Writer<S>;
  readonly state: (scope: Scope) => S;
  readonly scopes: () => readonly Scope[];
  readonly close: () => Promise<void>;
};

export type Evolve<S> = (state: S, event: Recorded) => S;

/** The plane as one service sees it. */
export interface Plane extends Omit<PlaneOptions, 'families' | 'onFailure'> {
  readonly follower: Follower;
  registry(): RegistryState;
  /** Wall-clock time as documents carry it. */
  timestamp(): string;
  /** True when everything up to at most `maxAgeMs` ago is folded. */
  fresh(maxAgeMs: number): boolean;
  /** Folds a family that other services write. Before `start` only. */
  fold<S>(family: Family, initial: S, evolve: Evolve<S>): Folded<S>;
  /** Writers of a family of our own. Before `start` only. */
  writers<S>(
    family: Family,
    initial: S,
    evolve: Evolve<S>,
    options?: { readonly guard?: (scope: Scope) => boolean; readonly answer?: 'stored' | 'admitted' },
  ): WriterPool<S>;
  /** Counts, logs and reports what an intake sheds: one summary for each sender and interval. */
  reportShed(intake: string, buckets: TokenBuckets): void;
  /**
   * Reads what the registry distrusts, then folds; resolves when the ledger's end as of the call is folded. Rejects with
   * WRIT-LED-013 when it is not the ledger that this service knew.
   */
  start(): Promise<void>;
  stop(): Promise<void>;
}

const SHED_REPORT_MS = 5_000;
/** A crash forgets at most this much of what was known of the ledger. */
const MARK_MS = 2_000;
/** Raised when admission judges old messages otherwise than before: then running digests from before are not compared. */
const MARK_FORM = '1';

/** The public key of a registry entry, with its cached key object. */
export const publicKeyOf = (entry: { readonly x: string }): PublicKey => importPublic(entry.x);

/** What an ended key signs is void: its service ends, and does not start again with it. */
const refuseEndedKey = (registry: RegistryState, kid: Kid): void => {
  const own = findKey(registry, kid);
  if (own !== undefined && !isKeyActive(own)) throw new RuntimeFault('WRIT-RUN-008', `key ${kid}`);
};

const failStart = (error: unknown): never => {
  if (error instanceof LedgerGapError) throw new RuntimeFault(error.code, error.message, { cause: error });
  throw error;
};

const foldByScope = <S>(
  follower: Follower,
  family: Family,
  initial: S,
  evolve: Evolve<S>,
  skip: (scope: Scope) => boolean,
) => {
  const states = new Map<Scope, S>();
  follower.fold((event) => {
    if (event.family !== family || skip(event.scope)) return;
    states.set(event.scope, evolve(states.get(event.scope) ?? initial, event));
  });
  return states;
};

/** Opens the plane; `start` begins to read. */
export const openPlane = (options: PlaneOptions): Plane => {
  let registry = registryInitial;
  const { org, clock, log, metrics, key, service, ledger } = options;
  const distrust = new Map<Kid, LedgerSeq>();
  const follower = createFollower({
    ledger,
    keys: rootedDirectory(options, () => registry, distrust),
    ...(options.onlyTypes === undefined ? {} : { onlyTypes: options.onlyTypes }),
    wants: (family) => family === 'registry' || options.families.includes(family),
    onJunk: ({ seq, subject, code }) => {
      metrics.junk(subject.split('.')[2] ?? 'none');
      log.warn({ event: 'junk', seq, subject, code });
    },
    onFailure: options.onFailure,
  });
  follower.fold((event: LedgerEvent) => {
    if (event.family !== 'registry' || event.scope !== org) return;
    refuseLateDistrust(distrust, event);
    registry = evolveRegistry(registry, event);
    refuseEndedKey(registry, key.kid);
  });
  follower.listen((event) => {
    const ours = event.family === 'registry' && event.scope === org;
    if (event.void && ours) registry = evolveVoidRegistry(registry, event);
  });
  // What decides which events are opened and admitted: a running digest of others says nothing about the ledger.
  const opens = (): string => {
    const { families, onlyTypes, roots, threshold } = options;
    const kids = roots.map(({ kid }) => kid);
    return sha256(
      JSON.stringify([MARK_FORM, families, onlyTypes?.name, kids, threshold, [...distrust].sort()]),
    );
  };
  const mark =
    options.mark &&
    watchMark({ follower, ledger, of: opens, files: options.mark }, { ...options, registry: () => registry });
  let marking: ReturnType<typeof startTicker> | undefined;
  const keepMark = async (kept: LedgerMark): Promise<void> => {
    try {
      await kept.keep(timestamp(clock.now()));
    } catch (error) {
      // A bus that does not answer says nothing about the ledger; freshness sees to it.
      if (error instanceof RuntimeFault) options.onFailure(error);
    }
  };
  const pools: WriterPool<unknown>[] = [];
  const stopReports: (() => void)[] = [];
  const seal = createSealer({ key, service, now: () => timestamp(clock.now()) });

  const writers = <S>(
    family: Family,
    initial: S,
    evolve: Evolve<S>,
    extra: { guard?: (scope: Scope) => boolean; answer?: 'stored' | 'admitted' } = {},
  ): WriterPool<S> => {
    const made = new Map<Scope, Writer<S>>();
    const folded = foldByScope(follower, family, initial, evolve, (scope) => made.has(scope));
    const make = (scope: Scope): Writer<S> => {
      const { guard, answer } = extra;
      const writer = createWriter<S>({
        ledger,
        follower,
        seal,
        subject: subjects.ledger(family, scope),
        fold: { initial: folded.get(scope) ?? initial, evolve },
        ...(guard === undefined ? {} : { guard: () => guard(scope) }),
        ...(answer === undefined ? {} : { answer }),
        onAlarm: (alarm) => log.error({ event: 'writer.alarm', ...alarm }),
      });
      made.set(scope, writer);
      folded.delete(scope);
      return writer;
    };
    const pool: WriterPool<S> = {
      of: (scope) => made.get(scope) ?? make(scope),
      state: (scope) => made.get(scope)?.state() ?? folded.get(scope) ?? initial,
      scopes: () => [...new Set([...made.keys(), ...folded.keys()])],
      close: async () => void (await Promise.all([...made.values()].map((writer) => writer.close()))),
    };
    pools.push(pool);
    return pool;
  };

  return {
    ...options,
    follower,
    registry: () => registry,
    timestamp: () => timestamp(clock.now()),
    fresh: (maxAgeMs) => performance.now() - follower.freshAsOf() <= maxAgeMs,
    fold: (family, initial, evolve) => {
      const states = foldByScope(follower, family, initial, evolve, () => false);
      return { of: (scope) => states.get(scope) ?? initial, scopes: () => [...states.keys()] };
    },
    writers,
    reportShed: (intake, buckets) => {
      stopReports.push(
        startShedReports(buckets, SHED_REPORT_MS, (summaries) => {
          for (const { key: sender, count } of summaries) {
            metrics.shed(intake, count);
            log.warn({ event: 'shed', intake, sender, count });
          }
          reportFloods({ ...options, timestamp: () => timestamp(clock.now()) }, summaries);
        }),
      );
    },
    start: async () => {
      await assertBegins(ledger);
      for (const [kid, from] of await readDistrust(ledger, options)) distrust.set(kid, from);
      await follower.start().catch(failStart);
      await mark?.check(timestamp(clock.now()));
      marking = mark && startTicker(MARK_MS, log, () => keepMark(mark));
    },
    stop: async () => {
      for (const stop of stopReports) stop();
      await Promise.all(pools.map((pool) => pool.close()));
      await follower.stop();
      await marking?.stop();
      // A bus that is down says nothing about the ledger; the mark of up to 2 s before stands.
      if (marking !== undefined) await mark?.keep(timestamp(clock.now())).catch(() => undefined);
    },
  };
};
