// Owns handing files to the verifier. A ledger that distrusts a key from an earlier position is read once more, knowing that.
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

/** One reading, from the first message to the last; there is a second one where the first shows that it must be. */
export type Reading = (judge: (onEvent?: OnEvent) => Promise<Report>) => Promise<Report>;

/** What was signed by a key that is distrusted from before it: known only at the end of the first reading. */
const distrusts = ({ findings }: Report): boolean => findings.some(({ code }) => code === 'WRIT-VER-169');

/** Judges a plain export. `reading`: what is done with its effective events. */
export async function judgeExport(
  file: string,
  trust: Pinning,
  onProgress: Told | undefined,
  reading: Reading = (judge) => judge(),
): Promise<Report> {
  const threads = startPreparer();
  const judge = async (
    onEvent: OnEvent | undefined,
    distrust?: Awaited<ReturnType<typeof distrustIn>>,
  ): Promise<Report> => {
    const { header, messages } = await readExport(file);
    if (header.org !== trust.org)
      fault('WRIT-VER-001', `it is the ledger of ${header.org}; pinned here is ${trust.org}`);
    const complete = header.from <= 1;
    const options = { ...trust, complete, distrust, onEvent, preparer: threads.preparer };
    return verifyLedger(messages, options, onProgress);
  };
  try {
    const first = await reading(judge);
    if (!distrusts(first)) return first;
    const distrust = await distrustIn((await readExport(file)).messages, trust);
    return await reading((onEvent) => judge(onEvent, distrust));
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
