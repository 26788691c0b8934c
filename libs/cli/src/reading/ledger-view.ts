// Owns where a verified view comes from: the ledger itself, else the exact frames that the read model exports.
import { subjects } from '@writ/contracts';
import type { RegistryState } from '@writ/domain';
import type { StoredMessage } from '@writ/ledger';
import { fault } from '../fault.js';
import { organisationIn } from '../home.js';
import { type Api, openApi } from './api.js';
import { exportedMessages } from './exported.js';
import { foldPlane, foldRegistry, ofMessages, type Pinned, type PlaneView, type Readable } from './fold.js';
import { hasReader, type LedgerReader, openReader } from './reader.js';

/** The verified registry. Reads only its subject where there is a reader's seed. WRIT-CLI-005 when nobody gives the frames. */
export function readRegistry(home: string, pinned: Pinned = organisationIn(home)): Promise<RegistryState> {
  const subject = subjects.ledger('registry', pinned.org);
  return withFrames(
    home,
    async (reader) => foldRegistry(await collect(reader.on(subject)), pinned),
    async (api) =>
      foldRegistry(
        (await collect(exportedMessages(api))).filter((m) => m.subject === subject),
        pinned,
      ),
  );
}

/** The verified view of gates, halts, agents and registry. */
export function readPlane(home: string, pinned: Pinned = organisationIn(home)): Promise<PlaneView> {
  return withFrames(
    home,
    (reader) => foldPlane(reader.ledger as Readable, pinned),
    async (api) => foldPlane(ofMessages(await collect(exportedMessages(api))), pinned),
  );
}

/**
 * The version of the registry as of now: what the author of a command had before them. Read from the last message of its
 * subject; the registry itself judges it.
 */
export async function registryVersion(home: string, pinned: Pinned = organisationIn(home)): Promise<number> {
  const subject = subjects.ledger('registry', pinned.org);
  const last = hasReader(home) ? await withReader(home, (reader) => reader.lastOn(subject)) : undefined;
  return (last === undefined ? undefined : versionIn(last.bytes)) ?? (await readRegistry(home, pinned)).ver;
}

/** Runs `work` with a reader's connection and closes it. */
export async function withReader<T>(
  home: string,
  work: (reader: LedgerReader) => Promise<T>,
  auditor?: string,
): Promise<T> {
  const reader = await openReader(home, auditor);
  try {
    return await work(reader);
  } finally {
    await reader.close();
  }
}

function withFrames<T>(
  home: string,
  fromLedger: (reader: LedgerReader) => Promise<T>,
  fromApi: (api: Api) => Promise<T>,
): Promise<T> {
  if (hasReader(home)) return withReader(home, fromLedger);
  const api = openApi(home);
  if (api !== undefined) return fromApi(api);
  return fault('WRIT-CLI-005', 'neither a reader of the ledger nor the read model can be asked from here');
}

// The last message may be junk: then the whole subject must be judged.
function versionIn(bytes: Uint8Array): number | undefined {
  try {
    const ver: unknown = JSON.parse(new TextDecoder().decode(bytes)).signed.ver;
    return Number.isSafeInteger(ver) ? (ver as number) : undefined;
  } catch {
    return undefined;
  }
}

async function collect(messages: AsyncIterable<StoredMessage>): Promise<readonly StoredMessage[]> {
  const all: StoredMessage[] = [];
  for await (const message of messages) all.push(message);
  return all;
}
