// Owns handing files to the verifier. What a ledger distrusts anywhere is read first, so that all of it is judged knowing that.
import {
  distrustIn,
  type Judged,
  type Progress,
  type Report,
  startPreparer,
  type Trust,
  verifyBundle,
  verifyLedger,
  verifyReceipt,
} from '@writ/verifier';
import { fault } from '../fault.js';
import { readExport } from '../reading/export-file.js';
import { folderSource } from './folder.js';

type Told = (progress: Progress) => void;
type OnEvent = (event: Judged) => void | Promise<void> | undefined;

/** What is pinned, and a checkpoint that must be of the messages. */
export type Pinning = Trust & { readonly checkpoint?: string | undefined };

/** One reading, from the first message to the last. */
export type Reading = (judge: (onEvent?: OnEvent) => Promise<Report>) => Promise<Report>;

/** Judges a plain export. `reading`: what is done with its effective events. */
export async function judgeExport(
  file: string,
  trust: Pinning,
  onProgress: Told | undefined,
  reading: Reading = (judge) => judge(),
): Promise<Report> {
  const threads = startPreparer();
  try {
    const { header, messages } = await readExport(file);
    if (header.org !== trust.org)
      fault('WRIT-VER-001', `it is the ledger of ${header.org}; pinned here is ${trust.org}`);
    const distrust = await distrustIn(messages, trust);
    const complete = header.from <= 1;
    const options = { ...trust, complete, distrust, preparer: threads.preparer };
    return await reading(async (onEvent) =>
      verifyLedger((await readExport(file)).messages, { ...options, onEvent }, onProgress),
    );
  } finally {
    await threads.close();
  }
}

/** Judges a bundle. */
export async function judgeBundle(folder: string, trust: Trust, onProgress: Told): Promise<Report> {
  const threads = startPreparer();
  try {
    return await verifyBundle(folderSource(folder), trust, { onProgress, preparer: threads.preparer });
  } finally {
    await threads.close();
  }
}

/** Judges a portable receipt. */
export async function judgeReceipt(text: string, trust: Trust): Promise<Report> {
  const report = await verifyReceipt(text, trust);
  return report ?? fault('WRIT-VER-001', 'it begins like a portable receipt and is not exactly one');
}
