// The export of a ledger: NDJSON, a header, one line per message, an end line. Every line has exactly one spelling.
import { link, sha256 } from '@writ/crypto';

/** Line 1. `from` and `to` are the first and last sequence; `messages` how many lines follow before the end line. */
export type ExportHeader = {
  readonly org: string;
  readonly from: number;
  readonly to: number;
  readonly messages: number;
};

/** The only version there is. */
export const EXPORT_VERSION = 1;

/** Line 1 as it is spelled. */
export const headerLine = ({ org, from, to, messages }: ExportHeader): string =>
  JSON.stringify({ writ: 'ledger-export', version: EXPORT_VERSION, org, from, to, messages });

/** A message as it is spelled; `frame` is base64url of the exact bytes. */
export const messageLine = (line: {
  readonly seq: number;
  readonly subject: string;
  readonly time: string;
  readonly frame: string;
}): string => {
  const { seq, subject, time, frame } = line;
  return JSON.stringify({ seq, subject, time, frame });
};

/**
 * The last line: a running digest over all lines before it. It is not signed: it finds what was damaged or cut off on the way,
 * not what somebody altered on purpose; that is for signatures, chains and checkpoints.
 */
export const endLine = (digest: string): string => JSON.stringify({ writ: 'ledger-export-end', digest });

/** The running digest after a line; begins with `ZERO_DIGEST`. */
export const nextDigest = (digest: string, line: string): string => link(digest, sha256(line));
