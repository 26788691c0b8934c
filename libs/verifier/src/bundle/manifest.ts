// Opens a manifest. It proves who exported, and which files belong together; nothing about the ledger.
import {
  BundleManifest,
  type BundleManifestData,
  DocumentLimits,
  type Kid,
  livePayloadType,
} from '@writ/contracts';
import { importPublic, openFrame, parseCanonical, readFrame } from '@writ/crypto';

/** A manifest whose signature holds under the key that it names. */
export type OpenManifest = { readonly kid: Kid; readonly time: string; readonly data: BundleManifestData };

const PAYLOAD_TYPE = livePayloadType('bundle-manifest');

const stated = (bytes: Uint8Array): BundleManifest | undefined => {
  const read = readFrame(bytes);
  const parsed = read.ok ? parseCanonical(read.frame.document, DocumentLimits.any) : undefined;
  const manifest = parsed?.ok === true ? BundleManifest.safeParse(parsed.value) : undefined;
  return manifest?.data;
};

/** The subject that a manifest of this organisation names: no message of the bus has it. */
export const manifestSubject = (org: string): string => `bundle.${org}`;

/** Opens a manifest; a text says why not. */
export const openManifest = (bytes: Uint8Array): OpenManifest | string => {
  const manifest = stated(bytes);
  if (manifest === undefined) return 'it is no manifest';
  const { data, kid, subject, time } = manifest;
  if (subject !== manifestSubject(data.org)) return 'it is for something else';
  try {
    const key = importPublic(data.by.x);
    if (key.kid !== data.by.kid) return 'its key is not the one that it names';
    const opened = openFrame(bytes, PAYLOAD_TYPE, key);
    return opened.ok ? { kid, time, data } : `${opened.code} ${opened.reason}`;
  } catch {
    return 'its key is no key';
  }
};
