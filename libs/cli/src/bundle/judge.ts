// Owns handing files to the verifier. A ledger that distrusts a key from an earlier position is read once more, knowing that.
import {
  distrustIn,
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

/** What was signed by a key that is distrusted from before it: known only at the end of the first reading. */
const distrusts = ({ findings }: Report): boolean => findings.some(({ code }) => code === 'WRIT-VER-169');

/** Judges a plain export. */
export async function judgeExport(
  file: string,
  trust: Trust & { readonly checkpoint?: string | undefined },
  onProgress: Told,
): Promise<Report> {
  const threads = startPreparer();
  const judge = async (distrust?: Awaited<ReturnType<typeof distrustIn>>): Promise<Report> => {
    const { header, messages } = await readExport(file);
    if (header.org !== trust.org)
      fault('WRIT-VER-001', `it is the ledger of ${header.org}; pinned here is ${trust.org}`);
    const options = { ...trust, complete: header.from <= 1, distrust, preparer: threads.preparer };
    return verifyLedger(messages, options, onProgress);
  };
  try {
    const first = await judge();
    if (!distrusts(first)) return first;
    return await judge(await distrustIn((await readExport(file)).messages, trust));
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
