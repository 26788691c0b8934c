// A signer that misbehaves in one way, for the tests. Usage: hostile-signer.mjs MANNER COUNTFILE
import { appendFileSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const [manner, countFile] = process.argv.slice(2);
appendFileSync(countFile, 'x');
const starts = readFileSync(countFile, 'utf8').length;
const say = (value) => process.stdout.write(`${typeof value === 'string' ? value : JSON.stringify(value)}\n`);
if (manner === 'dies-at-once') process.exit(1);
for await (const line of createInterface({ input: process.stdin })) {
  const { id } = JSON.parse(line);
  if (manner === 'garbage') say('no JSON at all');
  if (manner === 'too-long') say('x'.repeat(10_000));
  if (manner === 'another-signature') say({ id, sig: `${'A'.repeat(85)}A` });
  if (manner === 'no-signature') say({ id, sig: 'short' });
  if (manner === 'refuses') say({ id, error: 'secret words of the HSM' });
  if (manner === 'dies') process.exit(1);
  if (manner === 'dies-first-time' && starts === 1) process.exit(1);
  if (manner === 'dies-first-time') say({ id, error: 'asked again' });
}
