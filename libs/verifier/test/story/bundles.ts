// Bundles in memory: a folder as a map from names to bytes.
import type { BundleQuery } from '@writ/contracts';
import {
  type BundleOrder,
  type BundleSource,
  makeBundle,
  type Report,
  type StoredMessage,
  type Trust,
  verifyBundle,
} from '../../src/index.js';
import { keepBundle } from './keeping.js';
import { ORG, type TestLedger } from './ledger.js';
import { sealed, trustIn } from './sealing.js';
import { stream } from './verifying.js';

/** A folder in memory. */
export type Folder = Map<string, Buffer>;

export const sourceOf = (folder: Folder): BundleSource => ({
  names: async () => [...folder.keys()],
  open: (name) => stream([folder.get(name) ?? Buffer.alloc(0)]),
});

/** Makes a bundle of a test ledger, signed by olga. */
export const bundleOf = async (
  ledger: TestLedger,
  query: BundleQuery,
  more: Partial<BundleOrder> & { readonly from?: readonly StoredMessage[] } = {},
): Promise<Folder> => {
  const { from = ledger.messages, ...rest } = more;
  const folder: Folder = new Map();
  const order: BundleOrder = {
    ...{ org: ORG, messages: () => stream(from), query, checkpoint: sealed(ledger, from) },
    ...{ key: ledger.keyOf('olga'), id: ledger.nextId(), time: ledger.now() },
    ...rest,
  };
  await makeBundle(order, {
    write: async (name, chunks) => {
      const parts: Uint8Array[] = [];
      for await (const chunk of chunks) parts.push(Buffer.from(chunk));
      folder.set(name, Buffer.concat(parts));
    },
  });
  return folder;
};

export const verifyFolder = async (
  ledger: TestLedger,
  folder: Folder,
  more: Partial<Trust> = {},
): Promise<Report> => {
  const trust = trustIn(ledger, more);
  const report = await verifyBundle(sourceOf(folder), trust);
  keepBundle(folder, trust, report);
  return report;
};
