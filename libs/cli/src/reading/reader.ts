// Owns reading the ledger as a reader of this installation: the read model's seed or an auditor's. It signs and writes nothing.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { inboxOf } from '@writ/contracts';
import type { StoredMessage } from '@writ/ledger';
import {
  connectBus,
  createReaderLedger,
  installPaths,
  type Msg,
  type ReaderLedger,
  ReaderSubjects,
} from '@writ/runtime';
import { fault } from '../fault.js';
import { natsUrlOf } from '../home.js';

/**
 * A reader's connection. `on` gives the messages of one subject as of now, in order; `lastOn` the last of them; `after` the first that
 * there is behind a sequence.
 */
export interface LedgerReader {
  readonly name: string;
  readonly ledger: ReaderLedger;
  on(subject: string): AsyncIterable<StoredMessage>;
  lastOn(subject: string): Promise<StoredMessage | undefined>;
  after(seq: number): Promise<StoredMessage | undefined>;
  close(): Promise<void>;
}

type Seed = { readonly name: string; readonly file: string };

const WAIT_MS = 3_000;
const REQUEST_MS = 2_000;

/** Whether this installation has a reader's seed at all. */
export function hasReader(home: string): boolean {
  return seedsIn(home).length > 0;
}

/**
 * Connects as a reader: `auditor` when named, else the read model's identity, else the first auditor. WRIT-KEY-101: no such seed;
 * WRIT-CLI-005: no address of the bus; WRIT-NATS-005: it does not answer.
 */
export async function openReader(home: string, auditor?: string): Promise<LedgerReader> {
  const seeds = seedsIn(home);
  const seed = auditor === undefined ? seeds[0] : seeds.find(({ name }) => name === auditor);
  if (seed === undefined) return fault('WRIT-KEY-101', `there is no reader's seed in ${home}`);
  const inboxPrefix = inboxOf(seed.name);
  const bus = await connectBus({
    url: natsUrlOf(home),
    seedFile: seed.file,
    inboxPrefix,
    name: `${seed.name} (writ)`,
    waitMs: WAIT_MS,
  });
  const get = async (query: object) => {
    const answer = await bus
      .request(ReaderSubjects.get, JSON.stringify(query), { timeout: REQUEST_MS })
      .catch(() => fault('WRIT-CLI-005', 'the ledger does not answer'));
    return storedMessage(answer);
  };
  return {
    name: seed.name,
    ledger: createReaderLedger(bus, { inboxPrefix }),
    on: (subject) => messagesOn(get, subject),
    lastOn: (subject) => get({ last_by_subj: subject }),
    after: (seq) => get({ seq: seq + 1, next_by_subj: 'gov.ledger.>' }),
    close: () => bus.close(),
  };
}

function seedsIn(home: string): readonly Seed[] {
  const paths = installPaths(home);
  const auditors = join(paths.root, 'auditors');
  const names = existsSync(auditors) ? readdirSync(auditors).sort() : [];
  return [
    { name: 'read-model', file: paths.natsSeed('read-model') },
    ...names.map((name) => ({ name, file: join(paths.auditorDir(name), 'auditor.nk') })),
  ].filter(({ file }) => existsSync(file));
}

async function* messagesOn(
  get: (query: object) => Promise<StoredMessage | undefined>,
  subject: string,
): AsyncIterable<StoredMessage> {
  for (let from = 1; ; ) {
    const message = await get({ seq: from, next_by_subj: subject });
    if (message === undefined) return;
    yield message;
    from = message.seq + 1;
  }
}

// The server's own headers come last; a stored message keeps those of its writer.
function storedMessage(answer: Msg): StoredMessage | undefined {
  const header = (name: string) => answer.headers?.last(name) ?? '';
  if (answer.headers?.code === 404) return undefined;
  const seq = Number(header('Nats-Sequence'));
  const time = new Date(header('Nats-Time-Stamp'));
  if (!Number.isSafeInteger(seq) || seq < 1 || Number.isNaN(time.getTime()))
    return fault(
      'WRIT-CLI-005',
      `the ledger does not answer: ${answer.headers?.description ?? 'no sequence'}`,
    );
  return { seq, subject: header('Nats-Subject'), time: time.toISOString(), bytes: answer.data };
}
