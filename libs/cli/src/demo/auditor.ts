// The auditor of the sample: a full bundle under the sealer's checkpoint, verified with nothing but the page. It believes no server.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSigningKey } from '@writ/crypto';
import { installPaths, uuidv7 } from '@writ/runtime';
import { formatReport, makeBundle, type Report } from '@writ/verifier';
import { sealedUpTo } from '../bundle/checkpoint.js';
import { folderSink } from '../bundle/folder.js';
import { judgeBundle } from '../bundle/judge.js';
import { messagesIn, withLedgerFile } from '../bundle/ledger-file.js';
import { readTrust, trustPageText } from '../bundle/trust-page.js';
import { organisationIn } from '../home.js';
import { withReader } from '../reading/ledger-view.js';
import { Sample } from './names.js';
import type { Timeline } from './timeline.js';

const WORST_LINES = 20;

const exportFull = async (home: string, folder: string, checkpoint: string | undefined): Promise<void> => {
  const { org } = organisationIn(home);
  const key = readSigningKey(installPaths(home).personKey(Sample.admin));
  await withLedgerFile(home, {}, async (file) => {
    const order = { org, messages: messagesIn(file), query: { kind: 'full' as const }, checkpoint, key };
    await makeBundle({ ...order, id: uuidv7(), time: new Date().toISOString() }, folderSink(folder));
  });
};

const writePage = (home: string, file: string): void => {
  const { org, roots, threshold, origin } = organisationIn(home);
  writeFileSync(file, trustPageText({ org, roots, threshold, origin }));
};

const judge = (timeline: Timeline, report: Report, end: number): void => {
  const { record, authority, seal } = report;
  timeline.check(
    record.verdict === 'SEALED' && (seal?.size ?? 0) >= end,
    `record: ${record.verdict}: every signature, key, role, version and chain; the tree is the one that the sealer signed`,
  );
  timeline.check(
    authority.verdict === 'WITHIN',
    `authority: ${authority.verdict}: every receipt, vote, halt and decision derived again`,
  );
  if (report.findings.length === 0) return;
  for (const line of formatReport(report).split('\n').slice(0, WORST_LINES)) timeline.line('fail', line);
};

/** Exports the ledger as an auditor would get it, and verifies it against the page, without any connection. */
export const auditOffline = async (home: string, timeline: Timeline): Promise<void> => {
  const { root } = installPaths(home);
  const [bundle, page] = [join(root, 'audit-bundle'), join(root, 'audit-page.json')];
  const end = await withReader(home, ({ ledger }) => ledger.end());
  const checkpoint = await sealedUpTo(home, end);
  rmSync(bundle, { recursive: true, force: true });
  await exportFull(home, bundle, checkpoint);
  writePage(home, page);
  timeline.line('writ', `exported ${end} messages as a bundle; from here on offline, with the page alone`);
  judge(timeline, await judgeBundle(bundle, readTrust(page, home), () => undefined), end);
  timeline.line('writ', `type it yourself: writ verify ${bundle} --trust ${page} --require sealed`);
};
