// Owns handing receipts of other systems to their adapters. Nothing foreign is ever called a record of this ledger.
import { readFileSync } from 'node:fs';
import { type ForeignReport, readForeignKeys, verifyForeign } from '@writ/interop';
import { type ExitCode, ExitCodes } from '@writ/verifier';
import { fault } from '../fault.js';

const EXITS = {
  VALID: ExitCodes.clean,
  INVALID: ExitCodes.recordInvalid,
  UNDETERMINED: ExitCodes.undetermined,
} as const;

/** Verifies a foreign receipt under the keys of a file; `undefined` when no format is recognised. */
export function verifyForeignFile(text: string, keysFile: string | undefined): ForeignReport | undefined {
  const read = keysFile === undefined ? undefined : readForeignKeys(readFileSync(keysFile, 'utf8'));
  if (read?.ok === false) return fault('WRIT-CLI-002', `${keysFile}: ${read.reason}`);
  const report = verifyForeign(text, read?.keys ?? []);
  return report.format === 'unknown' ? undefined : report;
}

/** The exit status of a foreign report. */
export const foreignExit = ({ verdict }: ForeignReport): ExitCode => EXITS[verdict];

/** The report as a person reads it. */
export function formatForeign({ name, verdict, checks, signer, says }: ForeignReport): string {
  const claims = Object.entries(says).map(([claim, value]) => `  ${claim}: ${String(value)}`);
  return [
    `Format     ${name}`,
    `Verdict    ${verdict}`,
    `Signer     ${signer === undefined ? 'none verified' : `${signer.fingerprint} (${signer.trust})`}`,
    'Checks',
    ...checks.map(
      ({ name: check, ok, code, reason }) => `  ${ok ? 'ok  ' : 'FAIL'} ${code ?? ''} ${check}: ${reason}`,
    ),
    'It says',
    ...claims,
  ].join('\n');
}
