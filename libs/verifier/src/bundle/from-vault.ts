// Private values for a bundle, from a vault: what it still has of those that the messages commit to, and for the rest the lists of what
// was erased. It keeps no value.
import {
  AgentScope,
  type Digest,
  type ErasedData,
  type EventId,
  parseLedgerDocument,
  subjects,
} from '@writ/contracts';
import { disclosureDigest } from '@writ/crypto';
import { type ErasedList, isErasedList } from '../disclosed/disclosed.js';
import type { StoredMessage } from '../message.js';
import { digestsOf, disclosureLine } from './disclosures.js';
import { documentIn } from './survey.js';

/** A vault as its reader. */
export interface PrivateValues {
  /** The disclosure of a digest, and the agent or scope whose it is; `undefined` when there is none (any more). */
  get(digest: Digest): Promise<{ readonly disclosure: string; readonly owner: string } | undefined>;
  /** The digests that an order has erased. */
  erased(order: EventId): Promise<readonly Digest[]>;
}

/** One reading: the lines of disclosures.ndjson as the messages go by, then the lists that explain something that is missing. */
export interface VaultReading {
  disclosures(messages: AsyncIterable<StoredMessage>): AsyncIterable<string>;
  lists(): Promise<readonly ErasedList[]>;
}

/** What the registry says about erasures. The bundle's verifier judges the events; here they only say what to ask for. */
type Noted = { readonly explained: Set<EventId>; readonly records: ErasedData[] };

/** Erasures of an agent's month and of an intent are explained by the ledger alone. */
const note = ({ explained, records }: Noted, message: StoredMessage): void => {
  const document = documentIn(message);
  const parsed = document === undefined ? undefined : parseLedgerDocument(document);
  if (parsed?.kind !== 'known') return;
  const { type, id, data } = parsed.document;
  if (type === 'writ.registry.erased.v1') records.push(data);
  if (type === 'writ.registry.erasure-ordered.v1' && data.target.kind !== 'subject') explained.add(id);
};

/** Whose message it is: the agent that it names, or the scope that it is about. */
const aboutOf = (message: StoredMessage): { readonly agent?: unknown; readonly scope?: unknown } => {
  const document = documentIn(message);
  const data = document?.['data'] as { readonly scope?: unknown } | null | undefined;
  return { agent: document?.['agent'], scope: data?.scope };
};

/**
 * Whether a value is shown with a message. A digest can be copied into a message of somebody else, who has never known the value: it is
 * not given away there.
 */
const belongs = ({ agent, scope }: ReturnType<typeof aboutOf>, owner: string): boolean =>
  !AgentScope.safeParse(owner).success || owner === (agent ?? scope);

/** Begins a reading. */
export const readVault = (vault: PrivateValues, org: string): VaultReading => {
  const registry = subjects.ledger('registry', org);
  const shown = new Set<Digest>();
  const missing = new Set<Digest>();
  const noted: Noted = { explained: new Set(), records: [] };

  async function* shownOf(message: StoredMessage): AsyncGenerator<string, void, undefined> {
    const digests = digestsOf(message.bytes);
    const about = digests.size === 0 ? {} : aboutOf(message);
    for (const digest of digests) {
      if (shown.has(digest) || missing.has(digest)) continue;
      const kept = await vault.get(digest);
      if (kept === undefined || disclosureDigest(kept.disclosure) !== digest) missing.add(digest);
      else if (belongs(about, kept.owner)) {
        shown.add(digest);
        yield disclosureLine({ seq: message.seq, disclosure: kept.disclosure });
      }
    }
  }

  return {
    async *disclosures(messages) {
      for await (const message of messages) {
        yield* shownOf(message);
        if (message.subject === registry) note(noted, message);
      }
    },
    lists: async () => {
      const lists: ErasedList[] = [];
      for (const record of noted.records) {
        if (noted.explained.has(record.order)) continue;
        const digests = await vault.erased(record.order);
        const explains = digests.some((digest) => missing.has(digest)) && isErasedList(record, digests);
        if (explains) lists.push({ order: record.order, digests });
      }
      return lists;
    },
  };
};
