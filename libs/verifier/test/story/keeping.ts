// Keeps every ledger that the tests have judged, with the verdict, where WRIT_CASES names a folder: for another verifier to judge again.
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { verifierKey } from '@writ/crypto';
import { exportLines, type Report, type StoredMessage, type Trust } from '../../src/index.js';

/** What the other verifier must hold against this one: the trust page, and what was found. */
export type Kept = { readonly org: string; readonly roots: readonly object[]; readonly threshold?: number };

/** Writes one case: `<name>.ndjson` and `<name>.json`. The same messages and keys make the same case. */
export const keep = async (page: Kept, messages: readonly StoredMessage[], report: Report): Promise<void> => {
  const folder = process.env['WRIT_CASES'];
  if (folder === undefined || folder === '') return;
  // Judged in one pass, without what is distrusted later: nobody but a test reads a ledger like that.
  if (report.findings.some(({ code }) => code === 'WRIT-VER-169')) return;
  const ends = { from: messages[0]?.seq ?? 0, to: messages.at(-1)?.seq ?? 0, messages: messages.length };
  const lines: string[] = [];
  for await (const line of exportLines(messages, { org: page.org, ...ends })) lines.push(`${line}\n`);
  const text = lines.join('');
  const name = createHash('sha256').update(text).update(JSON.stringify(page)).digest('hex').slice(0, 24);
  const violations = violationsIn(report);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.ndjson`), text);
  writeFileSync(
    join(folder, `${name}.json`),
    JSON.stringify({ trust: page, record: report.record.verdict, violations }),
  );
};

/** The trust page as an auditor holds it. */
const pageOf = ({ org, roots, threshold, origin, witnesses }: Trust) => ({
  org,
  roots,
  ...(threshold === undefined ? {} : { threshold }),
  ...(origin === undefined ? {} : { origin }),
  ...(witnesses === undefined || witnesses.keys.length === 0
    ? {}
    : {
        witnesses: {
          threshold: witnesses.threshold,
          keys: witnesses.keys.map((key) => ({ key: verifierKey(key), operator: witnesses.operatorOf(key) })),
        },
      }),
});

const violationsIn = (report: Report) =>
  report.findings
    .filter(({ verdict }) => verdict === 'VIOLATION')
    .map(({ seq, code, subject }) => [seq, code, subject.split('.')[2]]);

/** Writes a bundle that was judged as one case: the folder `<name>` and `<name>.json`. */
export const keepBundle = (folder: ReadonlyMap<string, Buffer>, trust: Trust, report: Report): void => {
  const cases = process.env['WRIT_CASES'];
  if (cases === undefined || cases === '') return;
  const digest = createHash('sha256').update(JSON.stringify(pageOf(trust)));
  for (const [file, bytes] of [...folder].sort()) digest.update(`${file} ${bytes.length}\n`).update(bytes);
  for (const note of trust.outside ?? []) digest.update(note);
  const name = digest.digest('hex').slice(0, 24);
  mkdirSync(join(cases, name), { recursive: true });
  for (const [file, bytes] of folder) writeFileSync(join(cases, name, file), bytes);
  const { outside = [] } = trust;
  const expected = {
    trust: pageOf(trust),
    outside,
    record: report.record.verdict,
    violations: violationsIn(report),
  };
  writeFileSync(join(cases, `${name}.json`), JSON.stringify(expected));
};
