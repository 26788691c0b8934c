// What attacks on the record share: picking messages, changing their bytes, and what an invalid record looks like.
import { expect } from 'vitest';
import { exitCodeOf, type Report, type StoredMessage } from '../../src/index.js';
import { ENV, type TestLedger } from './ledger.js';
import { codesOf } from './verifying.js';

export const DECISIONS = `gov.ledger.decision.${ENV}`;
export const AUTHORITY = `gov.ledger.authority.${ENV}`;

export const of = (ledger: TestLedger, subject: string) =>
  ledger.messages.filter((message) => message.subject === subject);

export const textOf = ({ bytes }: StoredMessage): string => new TextDecoder().decode(bytes);

export const withBytes = (ledger: TestLedger, seq: number, bytes: Uint8Array): readonly StoredMessage[] =>
  ledger.messages.map((message) => (message.seq === seq ? { ...message, bytes } : message));

export const edited = (ledger: TestLedger, seq: number, edit: (text: string) => string) => {
  const before = textOf(ledger.messages[seq - 1]!);
  const after = edit(before);
  expect(after).not.toBe(before);
  return withBytes(ledger, seq, new TextEncoder().encode(after));
};

export const expectInvalid = (report: Report, ...codes: readonly string[]): void => {
  expect(report.record.verdict).toBe('INVALID');
  expect(codesOf(report.record.findings)).toEqual(codes);
  expect(exitCodeOf(report)).toBe(1);
};

/** The signed document of a frame as text. */
export const documentText = (message: StoredMessage): string => textOf(message).slice(157, -1);
