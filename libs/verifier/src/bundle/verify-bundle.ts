// Verifies a bundle as docs/reference/bundle.md describes it: files, proofs, question, checkpoint, then the ledger's own rules.
import type { BundleManifestData, BundleQuery } from '@writ/contracts';
import { type Checkpoint, readHash, sameHash } from '@writ/crypto';
import type { Distrust } from '@writ/domain';
import { beginAudit, type RunningAudit } from '../audit/audit.js';
import { type Each, type Progress, runAudit } from '../audit/run.js';
import type { VerifierCode } from '../codes.js';
import { ExportError } from '../export/export-error.js';
import type { ExportHeader } from '../export/export-format.js';
import { openExport } from '../export/read-export.js';
import type { Prepared } from '../frames/prepare.js';
import { type Preparer, prepareHere } from '../frames/preparer.js';
import type { StoredMessage } from '../message.js';
import { distrustIn } from '../record/distrust.js';
import type { BundleReport, Report } from '../report/report.js';
import { knownTree, leafOf, originIn, watchFor } from '../seal/ledger-tree.js';
import { readSignedCheckpoint } from '../seal/notes.js';
import { judgeSeal, type KnownTree } from '../seal/seal.js';
import { NO_WITNESSES } from '../seal/witnesses.js';
import type { Trust } from '../verify-ledger.js';
import { checkProofs } from './check-proofs.js';
import { checkQuestion } from './check-question.js';
import { readDisclosures } from './disclosures.js';
import { readErasedLists } from './erased-lists.js';
import { readHeadsFile } from './heads-file.js';
import { BundleFiles } from './names.js';
import { type BundleFault, type OpenBundle, openBundle, sumFault } from './open-bundle.js';
import { ask, notShownBy, partOf } from './query.js';
import { type ShownValues, watchValues } from './shown-values.js';
import { type BundleSource, LINE_BYTES, summedLines, WHOLE_BYTES } from './source.js';
import { takeAll, type Watcher } from './watcher.js';

/** How a bundle is verified. `preparer`: with workers or without. */
export type BundleOptions = {
  readonly preparer?: Preparer | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
};

type Bundle = OpenBundle & {
  readonly source: BundleSource;
  readonly trust: Trust;
  readonly options: BundleOptions;
  readonly data: BundleManifestData;
  readonly distrust?: Distrust | undefined;
};

const addFault = (audit: RunningAudit, { code, reason }: BundleFault, seq = 0): void =>
  audit.add({ seq, subject: '', id: '', code, reason, verdict: 'INVALID' });

async function* nothing(): AsyncGenerator<Uint8Array, void, undefined> {}

/** A file that is not there is reported already, and read as an empty one. */
const summed = ({ source, there }: Bundle, name: string) =>
  summedLines(
    there.has(name) ? source.open(name) : nothing(),
    LONG_LINES.has(name) ? WHOLE_BYTES : LINE_BYTES,
  );

/** Their lines are as long as what they show. */
const LONG_LINES: ReadonlySet<string> = new Set([BundleFiles.disclosures, BundleFiles.erased]);

const headerFault = (data: BundleManifestData, header: ExportHeader): BundleFault | undefined => {
  const code: VerifierCode = 'WRIT-VER-223';
  if (header.org !== data.org) return { code, reason: `the messages are of ${header.org}` };
  if (header.messages !== data.counts.messages) return { code, reason: 'another number of messages' };
  const whole = header.messages === 0 || header.from === 1;
  return whole ? undefined : { code, reason: 'it does not begin with the first message' };
};

async function* guarded(
  messages: AsyncIterable<StoredMessage>,
  failed: (error: ExportError) => void,
): AsyncGenerator<StoredMessage, void, undefined> {
  try {
    yield* messages;
  } catch (error) {
    if (!(error instanceof ExportError)) throw error;
    failed(error);
  }
}

/** Runs the audit over messages.ndjson, with its sum at the end. */
const runMessages = async (
  bundle: Bundle,
  audit: RunningAudit,
  watchers: readonly Watcher[],
): Promise<void> => {
  const { data, options } = bundle;
  const { lines, sum } = summed(bundle, BundleFiles.messages);
  const failed = (error: ExportError): void =>
    addFault(audit, { code: 'WRIT-VER-221', reason: `${BundleFiles.messages}: ${error.message}` });
  try {
    const { header, messages } = await openExport(lines);
    const fault = headerFault(data, header);
    if (fault !== undefined) addFault(audit, fault);
    for (const watcher of watchers) await watcher.begin?.();
    const each: Each = (prepared, event) => takeAll(watchers, prepared, event);
    await runAudit(
      audit,
      guarded(messages, failed),
      options.preparer ?? prepareHere,
      each,
      options.onProgress,
    );
  } catch (error) {
    if (!(error instanceof ExportError)) throw error;
    return failed(error);
  }
  const fault = sumFault(data, BundleFiles.messages, sum());
  if (fault !== undefined) addFault(audit, fault);
};

const checkpointFaults = (
  { checkpoint: stated }: BundleManifestData,
  checkpoint: Checkpoint | undefined,
): readonly BundleFault[] => {
  const same =
    stated === null
      ? checkpoint === undefined
      : checkpoint !== undefined &&
        stated.size === checkpoint.size &&
        sameHash(readHash(stated.root) ?? new Uint8Array(), checkpoint.root);
  return same ? [] : [{ code: 'WRIT-VER-223', reason: 'it states another checkpoint' }];
};

/** Reads a file that need not be there. */
const readNamed = async <T>(
  bundle: Bundle,
  audit: RunningAudit,
  name: string,
  read: (lines: AsyncIterable<string>) => Promise<T>,
): Promise<T | undefined> => {
  if (!Object.hasOwn(bundle.data.files, name)) return undefined;
  const { lines, sum } = summed(bundle, name);
  const found = await read(lines);
  const fault = sumFault(bundle.data, name, sum());
  if (fault !== undefined) addFault(audit, fault);
  return found;
};

const openValues = async (bundle: Bundle, audit: RunningAudit): Promise<ShownValues> =>
  watchValues(
    await readNamed(bundle, audit, BundleFiles.disclosures, readDisclosures),
    await readNamed(bundle, audit, BundleFiles.erased, readErasedLists),
  );

const textOf = ({ small }: OpenBundle, name: string): string | undefined => small.get(name)?.toString('utf8');

const reportOf = (bundle: Bundle, audit: RunningAudit, values: ShownValues | undefined): BundleReport => {
  const { data, manifest } = bundle;
  const holder = audit.registry().keys.get(data.by.kid)?.holder ?? null;
  return {
    kind: data.bundle,
    query: data.query,
    by: { kid: data.by.kid, holder },
    createdAt: manifest.time,
    disclosures: values?.count ?? 0,
    commitments: values?.tell(audit.registry().erasures) ?? null,
    notShown: notShownBy(data.bundle),
  };
};

type Watched = { readonly tree: () => KnownTree; readonly root?: () => Uint8Array; finish(): Promise<void> };

const watchWhole = (bundle: Bundle, watchers: Watcher[], origin: () => string | undefined): Watched => {
  const checkpoint = textOf(bundle, BundleFiles.checkpoint);
  const tree = watchFor({ checkpoint, outside: bundle.trust.outside, witnesses: NO_WITNESSES });
  watchers.push({ take: (prepared) => tree.take(leafOf(prepared)) });
  return { tree: () => knownTree(tree, origin()), root: () => tree.root, finish: async () => undefined };
};

type PartQuery = Exclude<BundleQuery, { readonly kind: 'full' }>;

const watchPart = (
  bundle: Bundle,
  query: PartQuery,
  checkpoint: Checkpoint,
  audit: RunningAudit,
  watchers: Watcher[],
  origin: () => string | undefined,
): Watched => {
  const { size, root } = checkpoint;
  const question = ask(query, { org: bundle.data.org, size, root });
  const asked = checkQuestion(question, checkpoint);
  const { lines, sum } = summed(bundle, BundleFiles.proofs);
  const proofs = checkProofs(lines, { size, root, range: question.range });
  watchers.push({ begin: proofs.begin, take: proofs.take }, { take: asked.take });
  let holds = false;
  const finish = async (): Promise<void> => {
    const fault = await proofs.end();
    holds = fault === undefined;
    if (fault !== undefined) addFault(audit, { code: 'WRIT-VER-224', reason: fault });
    const altered = sumFault(bundle.data, BundleFiles.proofs, sum());
    if (altered !== undefined) addFault(audit, altered);
    const heads = readHeadsFile(textOf(bundle, BundleFiles.heads) ?? '');
    for (const { seq, ...found } of asked.end(heads)) addFault(audit, found, seq);
  };
  const at = (wanted: number) => (holds && wanted === size ? { root, time: '' } : undefined);
  const tree = () => ({ origin: origin(), size, at, headsShown: true });
  return { tree, finish };
};

/** A bundle that answers another question than its manifest says, or a part without the files that show it. */
const shapeFault = ({ data }: Bundle, checkpoint: Checkpoint | undefined): BundleFault | undefined => {
  const { bundle, query, files } = data;
  const code: VerifierCode = 'WRIT-VER-223';
  if (query.kind !== bundle) return { code, reason: 'kind and query differ' };
  const named = (name: string): boolean => Object.hasOwn(files, name);
  if (!named(BundleFiles.messages)) return { code, reason: 'it names no messages' };
  if (bundle === 'full') return undefined;
  const shown = named(BundleFiles.proofs) && named(BundleFiles.heads);
  return checkpoint !== undefined && shown
    ? undefined
    : { code, reason: 'it has no checkpoint or no proofs' };
};

const beginFor = ({ trust, data, distrust }: Bundle, size: number | undefined): RunningAudit => {
  const { org, roots, threshold } = trust;
  const part = data.bundle === 'full' ? undefined : { ...partOf(data.bundle, org), size };
  return beginAudit({ org, roots, threshold, complete: true, part, distrust });
};

const verifyOpened = async (bundle: Bundle): Promise<Report> => {
  const { data, trust } = bundle;
  const note = textOf(bundle, BundleFiles.checkpoint);
  const checkpoint = note === undefined ? undefined : readSignedCheckpoint(note)?.checkpoint;
  const audit = beginFor(bundle, checkpoint?.size);
  if (data.org !== trust.org) addFault(audit, { code: 'WRIT-VER-204', reason: `it is of ${data.org}` });
  for (const fault of [...bundle.faults, ...checkpointFaults(data, checkpoint)]) addFault(audit, fault);
  const fault = shapeFault(bundle, checkpoint);
  if (fault !== undefined) {
    addFault(audit, fault);
    return audit.finish({ bundle: reportOf(bundle, audit, undefined) });
  }
  let origin: string | undefined;
  const nameLedger = (prepared: Prepared): void => {
    origin ??= originIn(trust.org, prepared);
  };
  const values = await openValues(bundle, audit);
  const watchers: Watcher[] = [{ take: nameLedger }, values];
  const { query } = data;
  const watched =
    query.kind === 'full' || checkpoint === undefined
      ? watchWhole(bundle, watchers, () => origin)
      : watchPart(bundle, query, checkpoint, audit, watchers, () => origin);
  await runMessages(bundle, audit, watchers);
  await watched.finish();
  for (const reason of values.faults()) addFault(audit, { code: 'WRIT-VER-229', reason });
  if (origin !== data.origin) {
    addFault(audit, { code: 'WRIT-VER-223', reason: `the manifest says ${data.origin}` });
  }
  const { witnesses = NO_WITNESSES, outside, origin: pinned } = trust;
  const input = { origin: pinned, checkpoint: note, outside, witnesses };
  const sealed = judgeSeal(input, watched.tree(), audit.registry());
  const ending = { sealed, origin, root: watched.root?.(), bundle: reportOf(bundle, audit, values) };
  return audit.finish(ending);
};

/** Read before anything is judged: whoever signs what, a key may be distrusted from before it. What cannot be read is reported later. */
const distrustOf = async (bundle: Bundle): Promise<Distrust> => {
  const { lines } = summed(bundle, BundleFiles.messages);
  const messages = async function* (): AsyncGenerator<StoredMessage, void, undefined> {
    yield* (await openExport(lines)).messages;
  };
  return distrustIn(
    guarded(messages(), () => undefined),
    bundle.trust,
  );
};

/**
 * Verifies a bundle against what the auditor holds. Whatever the files are, it does not throw; errors of `source` are thrown on. Offline.
 */
export const verifyBundle = async (
  source: BundleSource,
  trust: Trust,
  options: BundleOptions = {},
): Promise<Report> => {
  const opened = await openBundle(source);
  if ('code' in opened) {
    const audit = beginAudit({ ...trust, complete: true });
    addFault(audit, opened);
    return audit.finish({});
  }
  const { data } = opened.manifest;
  const bundle = { ...opened, source, trust, options, data };
  return verifyOpened({ ...bundle, distrust: await distrustOf(bundle) });
};
