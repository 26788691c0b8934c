// Owns reading what the key commands are given on the command line. It decides nothing.
import { KeyReason } from '@writ/contracts';
import { InvalidArgumentError } from 'commander';

/** A ledger position, from 1. */
export function parsePosition(text: string): number {
  const seq = Number(text);
  if (!Number.isSafeInteger(seq) || seq < 1) throw new InvalidArgumentError('It must be a ledger position.');
  return seq;
}

/** Why a key ends. */
export function parseReason(text: string): KeyReason {
  const parsed = KeyReason.safeParse(text);
  if (!parsed.success) throw new InvalidArgumentError(`It must be one of ${KeyReason.options.join(', ')}.`);
  return parsed.data;
}
