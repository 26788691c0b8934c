// Owns showing the private values of a bundle to a person who asked for them. What opens no commitment was refused before.
import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type JsonValue, readDisclosure } from '@writ/crypto';
import { BundleFiles, type DisclosureLine } from '@writ/verifier';
import { printableValue } from '../printable.js';

/** A private value, and the message that commits to it. */
export type ShownValue = { readonly seq: number; readonly name: string; readonly value: JsonValue };

/** The values in a verified bundle; none when it has no disclosures. */
export async function valuesShown(folder: string): Promise<readonly ShownValue[]> {
  const file = join(folder, BundleFiles.disclosures);
  if (!existsSync(file)) return [];
  const values: ShownValue[] = [];
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const { seq, disclosure } = JSON.parse(line) as DisclosureLine;
    const read = readDisclosure(disclosure);
    if (read.ok) values.push({ seq, name: read.name, value: read.value });
  }
  return values;
}

/** One line each, fit for a terminal. */
export const valueLines = (values: readonly ShownValue[]): readonly string[] => [
  'Values',
  ...values.map(({ seq, name, value }) => `  ${seq} ${printableValue(name)} = ${printableValue(value)}`),
];
