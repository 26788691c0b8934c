// Opens a bundle: manifest, small files, and that nothing is there which the manifest does not name. Judges no message.
import type { BundleManifestData } from '@writ/contracts';
import type { VerifierCode } from '../codes.js';
import { type OpenManifest, openManifest } from './manifest.js';
import { BundleFiles } from './names.js';
import { type BundleSource, type FileSum, readWhole } from './source.js';

/** What is wrong with the folder. */
export type BundleFault = { readonly code: VerifierCode; readonly reason: string };

/** A bundle whose manifest holds. `there`: the names in the folder; `small`: every file that is read as a whole, by name. */
export type OpenBundle = {
  readonly there: ReadonlySet<string>;
  readonly manifest: OpenManifest;
  readonly small: ReadonlyMap<string, Buffer>;
  readonly faults: readonly BundleFault[];
};

/** The files that are read line by line, as the messages go. */
const STREAMED: ReadonlySet<string> = new Set([
  BundleFiles.messages,
  BundleFiles.proofs,
  BundleFiles.disclosures,
  BundleFiles.erased,
]);

const altered = (reason: string): BundleFault => ({ code: 'WRIT-VER-221', reason });

/** Whether a file is the one that the manifest names. */
export const sumFault = (
  { files }: Pick<BundleManifestData, 'files'>,
  name: string,
  { bytes, sha256 }: FileSum,
): BundleFault | undefined => {
  const stated = files[name];
  if (stated === undefined) return altered(`${name} is not named`);
  return stated.bytes === bytes && stated.sha256 === sha256 ? undefined : altered(`${name} was altered`);
};

const nameFaults = ({ data }: OpenManifest, names: readonly string[]): readonly BundleFault[] => {
  const there = new Set(names);
  const missing = Object.keys(data.files).filter((name) => !there.has(name));
  const more = names.filter((name) => name !== BundleFiles.manifest && !Object.hasOwn(data.files, name));
  return [
    ...missing.map((name) => altered(`${name} is missing`)),
    ...more.map((name) => altered(`${name} is not named`)),
  ];
};

/** What is no file, or another length than the manifest says, is not read at all. */
const sizeFault = async (
  source: BundleSource,
  name: string,
  { data }: OpenManifest,
): Promise<BundleFault | undefined> => {
  if (source.size === undefined) return undefined;
  const size = await source.size(name);
  if (size === undefined) return altered(`${name} is no regular file`);
  return size === data.files[name]?.bytes ? undefined : altered(`${name} was altered`);
};

/** Opens a bundle; a fault alone when there is no manifest that holds. */
export const openBundle = async (source: BundleSource): Promise<OpenBundle | BundleFault> => {
  const names = await source.names();
  const isFile = async (name: string): Promise<boolean> =>
    source.size === undefined || (await source.size(name)) !== undefined;
  const bytes =
    names.includes(BundleFiles.manifest) && (await isFile(BundleFiles.manifest))
      ? await readWhole(source.open(BundleFiles.manifest))
      : undefined;
  const manifest = bytes === undefined ? 'there is none' : openManifest(bytes.content);
  if (typeof manifest === 'string') return { code: 'WRIT-VER-222', reason: manifest };
  const faults = [...nameFaults(manifest, names)];
  const small = new Map<string, Buffer>();
  const there = new Set(names);
  for (const name of Object.keys(manifest.data.files)) {
    if (!there.has(name)) continue;
    const other = await sizeFault(source, name, manifest);
    if (other !== undefined) {
      faults.push(other);
      there.delete(name);
    }
    if (STREAMED.has(name) || other !== undefined) continue;
    const file = await readWhole(source.open(name));
    const fault = file === undefined ? altered(`${name} is too large`) : sumFault(manifest.data, name, file);
    if (fault !== undefined) faults.push(fault);
    if (file !== undefined) small.set(name, file.content);
  }
  return { manifest, there, small, faults };
};
