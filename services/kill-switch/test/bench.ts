// The kill switch's parts on a real plane object: ledger, vault and GOV_HALTS in memory, a bus without a network.
import type { Command, KillSwitchAction, LiveKind } from '@writ/contracts';
import { authorityInitial, evolveAuthority, findKey } from '@writ/domain';
import { createMemoryLedger, type Ledger } from '@writ/ledger';
import {
  createMemorySubjectNames,
  type OpenVault,
  type Received,
  rememberFrames,
  uuidv7,
} from '@writ/runtime';
import { type QuietPlane, quietPlane } from '../../../test/harness/quiet-plane.js';
import { createFacts } from '../src/facts.js';
import { keepHaltRecord } from '../src/halt-record.js';
import type { HaltDeps } from '../src/halts.js';
import type { ReleaseDeps } from '../src/releases.js';

export const ENV = 'acme.shop.prod';
export const OPS = 'acme.shop.prod.ops';
export const OTHER = 'acme.shop.prod.other';

export type Bench = {
  readonly quiet: QuietPlane;
  readonly halts: HaltDeps;
  readonly release: ReleaseDeps;
  /** What came into the vault. */
  readonly kept: string[];
  readonly stop: () => Promise<void>;
};

/** One environment, not opened, with two agents; alice is its operator. */
export const bench = async (): Promise<Bench> => {
  const clock = { now: () => Date.now(), mono: () => performance.now() };
  const members = { agents: [OPS, OTHER], points: [], people: [], revoked: [] };
  const quiet = await quietPlane('kill-switch', members, clock);
  const { plane } = quiet;
  const authority = plane.writers('authority', authorityInitial, evolveAuthority);
  const frames = rememberFrames(plane, 'authority');
  const record = keepHaltRecord();
  plane.follower.listen((event) => {
    if (!event.void && event.family === 'authority') record.take(event);
  });
  const kept: string[] = [];
  const vault: OpenVault = {
    put: async (entries) => void kept.push(...entries.map((entry) => entry.digest)),
    get: async () => undefined,
    erasedUnder: async () => undefined,
    subjects: createMemorySubjectNames(),
    close: async () => undefined,
  };
  const facts = createFacts(plane);
  return {
    quiet,
    kept,
    halts: { plane, authority, facts, vault, record },
    release: { plane, authority, facts, frames, vault },
    stop: async () => {
      facts.stop();
      await quiet.stop();
    },
  };
};

/** GOV_HALTS in memory; `anew` throws its content away, as when the stream is made again. */
export const haltStream = () => {
  let now = createMemoryLedger();
  const stream: Ledger = {
    append: (request) => now.append(request),
    lastOf: (subject) => now.lastOf(subject),
    load: (subject, after) => now.load(subject, after),
    read: (from, options) => now.read(from, options),
    end: () => now.end(),
    close: () => now.close(),
  };
  return {
    stream,
    anew: () => {
      now = createMemoryLedger();
    },
    publish: async (subject: string, body = ''): Promise<void> => {
      const messages = [{ id: uuidv7(), bytes: Buffer.from(body) }];
      await now.append({ subject, expected: 'any', messages });
    },
  };
};

/** A message as it leaves the intake, of a sender whose signature was checked there. */
export const received = <K extends LiveKind>(
  { quiet }: Bench,
  holder: string,
  subject: string,
  data: object,
  disclosures: readonly string[] = [],
): Received<K> => {
  const key = findKey(quiet.plane.registry(), quiet.key(holder).kid);
  const document = { id: uuidv7(), kid: key?.kid, subject, time: new Date().toISOString(), data };
  const frame = {
    kid: key?.kid,
    sig: `${'s'.repeat(85)}A`,
    signed: { ...document, type: 'writ.command.v1' },
  };
  return { kind: 'opened', document, frame, digest: '', disclosures, key } as unknown as Received<K>;
};

/** A command of alice. */
export const command = (on: Bench, action: KillSwitchAction, version = 1): Received<'command'> => {
  const data: Command['data'] = { action, expires: new Date(Date.now() + 60_000).toISOString(), version };
  return received<'command'>(on, 'alice', 'gov.command.kill-switch.acme.alice', data);
};
