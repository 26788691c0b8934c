// How tests have a ledger verified, and what they say about a report.
import { type Finding, type Report, type StoredMessage, verifyLedger } from '../../src/index.js';
import { keep } from './keeping.js';
import { ORG, type TestLedger } from './ledger.js';

/** Messages as they come from a ledger. */
export async function* stream<T>(items: Iterable<T>): AsyncGenerator<T, void, undefined> {
  yield* items;
}

/** Verifies a ledger, or other messages in its place. */
export const verify = async (
  ledger: TestLedger,
  messages: readonly StoredMessage[] = ledger.messages,
): Promise<Report> => {
  const page = { org: ORG, roots: ledger.roots() };
  const report = await verifyLedger(stream(messages), { ...page, complete: true });
  await keep(page, messages, report);
  return report;
};

/** The codes of a report, each once, sorted; `VOID` ones included. */
export const codesOf = (findings: readonly Finding[]): readonly string[] =>
  [...new Set(findings.map((finding) => finding.code))].sort();

/** The sequences of a report's findings of one code. */
export const seqsOf = (report: Report, code: string): readonly number[] =>
  report.findings.filter((finding) => finding.code === code).map((finding) => finding.seq);

/** Gives messages the sequences 1, 2, ... again. */
export const renumber = (messages: readonly StoredMessage[]): readonly StoredMessage[] =>
  messages.map((message, n) => ({ ...message, seq: n + 1 }));
