// Owns which transcript formats are read. A format is a reader from text to runs; every other part knows runs only.
import { readFileSync } from 'node:fs';
import { fault } from '../fault.js';
import { readOpenAiChat } from './openai-chat.js';
import { type Malformed, malformedText, type RecordedRun, type Transcripts } from './transcript.js';

/** The formats that are read. */
export const Formats: Readonly<Record<string, (text: string) => Transcripts | Malformed>> = {
  'openai-chat': readOpenAiChat,
};

/** Reads the runs of a file, and its text. WRIT-CLI-002 for an unknown format, and for a file that cannot be read or is malformed. */
export function loadRuns(
  file: string,
  format: string,
): { readonly runs: readonly RecordedRun[]; readonly text: string } {
  const reader = Object.hasOwn(Formats, format) ? Formats[format] : undefined;
  if (reader === undefined)
    return fault('WRIT-CLI-002', `--format is one of: ${Object.keys(Formats).join(', ')}`);
  const text = readText(file);
  const read = reader(text);
  return read.kind === 'malformed'
    ? fault('WRIT-CLI-002', malformedText(file, read))
    : { runs: read.runs, text };
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    return fault(
      'WRIT-CLI-002',
      `${file} cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}`,
    );
  }
}
