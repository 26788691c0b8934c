// How tests alter a bundle and make its manifest fit again: files are summed anew and the manifest is really signed.

import { createHash } from 'node:crypto';
import type { BundleManifestData } from '@writ/contracts';
import { type KeyPair, signFrame } from '@writ/crypto';
import { exportLines, openExport, type StoredMessage } from '../../src/index.js';
import type { Folder } from './bundles.js';
import { ORG } from './ledger.js';
import { stream } from './verifying.js';

type Manifest = { readonly kid: string; readonly data: BundleManifestData };

export const manifestIn = (folder: Folder): Manifest =>
  (JSON.parse(folder.get('manifest.json')!.toString()) as { readonly signed: Manifest }).signed;

/** The messages of a folder. */
export const messagesIn = async (folder: Folder): Promise<StoredMessage[]> => {
  const lines = folder.get('messages.ndjson')!.toString('utf8').split('\n').slice(0, -1);
  const messages: StoredMessage[] = [];
  for await (const message of (await openExport(stream(lines))).messages) messages.push(message);
  return messages;
};

/** A folder with other messages in it, spelled as they must be. */
export const withMessages = async (folder: Folder, messages: readonly StoredMessage[]): Promise<Folder> => {
  const ends = { from: messages[0]?.seq ?? 0, to: messages.at(-1)?.seq ?? 0, messages: messages.length };
  let text = '';
  for await (const line of exportLines(messages, { org: ORG, ...ends })) text += `${line}\n`;
  return new Map(folder).set('messages.ndjson', Buffer.from(text));
};

/** The same folder with a manifest that fits its files; `change` says something else in it. */
export const resigned = async (
  folder: Folder,
  key: KeyPair,
  change: (data: BundleManifestData) => BundleManifestData = (data) => data,
): Promise<Folder> => {
  const manifest = manifestIn(folder);
  const files = Object.fromEntries(
    [...folder]
      .filter(([name]) => name !== 'manifest.json')
      .map(([name, content]) => [
        name,
        { bytes: content.length, sha256: createHash('sha256').update(content).digest('base64url') },
      ]),
  );
  const counts = { messages: (await messagesIn(folder)).length };
  const by = { kid: key.kid, x: key.x };
  const data = change({ ...manifest.data, files, counts, by });
  const bytes = signFrame(
    'application/vnd.writ.bundle-manifest+json',
    { ...manifest, kid: key.kid, data },
    key,
  );
  return new Map(folder).set('manifest.json', Buffer.from(bytes));
};
