// `writ demo`, which is what `npm start` runs: the plane comes up and shows its main job on real parts.

import { once } from 'node:events';
import { createWriteStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inboxOf } from '@writ/contracts';
import { connectBus, createReaderLedger, installPaths, readOrganisation } from '@writ/runtime';
import type { Command } from 'commander';
import { ExitCodes } from '../exit-codes.js';
import { type Io, runAction } from '../io.js';
import { USUAL_NATS_PORT } from '../plane/servers.js';
import { bringUp, type RunningPlane } from '../plane/up.js';
import { Sample } from './names.js';
import { prepareSample } from './sample.js';
import { playScenario } from './scenario.js';
import { openStage } from './stage.js';
import { createTimeline, type Timeline } from './timeline.js';

const CHAPTERS = 7;

type DemoOptions = { readonly exit?: boolean; readonly home: string };

/** Writes the ledger to a file as an auditor would get it, and verifies that file without any connection. */
const verifyOffline = async (home: string, plane: RunningPlane, timeline: Timeline): Promise<void> => {
  const { exportLines, formatReport, parseExport, verifyLedger } = await import('@writ/verifier');
  const file = join(installPaths(home).root, 'ledger-export.ndjson');
  const bus = await connectBus({
    url: plane.servers.natsUrl,
    seedFile: installPaths(home).natsSeed('read-model'),
    inboxPrefix: inboxOf('read-model'),
    name: 'auditor',
  });
  const reader = createReaderLedger(bus, { inboxPrefix: inboxOf('read-model') });
  const end = await reader.end();
  const out = createWriteStream(file, { mode: 0o600 });
  for await (const line of exportLines(firstMessages(reader, end), {
    org: Sample.org,
    from: 1,
    to: end,
    messages: end,
  }))
    out.write(`${line}\n`);
  out.end();
  await once(out, 'close');
  await bus.close();
  const { org, roots } = readOrganisation(installPaths(home).orgFile);
  const report = await verifyLedger(parseExport(linesOf(file)), { org, roots, complete: true });
  timeline.line('writ', `exported ${end} messages; verified offline against the pinned root alone`);
  timeline.check(
    report.record.verdict !== 'INVALID',
    `record: ${report.record.verdict}: every signature, key, role, version and chain`,
  );
  timeline.check(
    report.authority.verdict === 'WITHIN',
    `authority: ${report.authority.verdict}: every receipt, vote, halt and decision derived again`,
  );
  if (report.findings.length > 0)
    for (const line of formatReport(report).split('\n').slice(0, 20)) timeline.line('fail', line);
};

async function* firstMessages(reader: ReturnType<typeof createReaderLedger>, end: number) {
  const abort = new AbortController();
  for await (const message of reader.read(1, { signal: abort.signal })) {
    yield message;
    if (message.seq >= end) break;
  }
  abort.abort();
}

async function* linesOf(file: string) {
  for (const line of readFileSync(file, 'utf8').split('\n')) if (line !== '') yield line;
}

const apiAddress = (home: string): string => {
  const file = installPaths(home).runFile('read-model');
  const { httpPort } = JSON.parse(readFileSync(file, 'utf8')) as { httpPort: number };
  return `http://127.0.0.1:${httpPort}`;
};

const untilInterrupted = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });

const play = async (io: Io, { exit, home }: DemoOptions): Promise<number> => {
  const timeline = createTimeline(io.colour, (line) => io.out(line), CHAPTERS);
  timeline.chapter('The plane comes up');
  const { actions, isNew } = await prepareSample(home);
  timeline.line('plane', isNew ? `made an installation in ${home}` : `found the installation in ${home}`);
  const plane = await bringUp(home, {
    natsPort: USUAL_NATS_PORT,
    onEvent: ({ kind, service }) => kind === 'ready' && timeline.line('plane', `${service} is ready`),
  });
  try {
    const stage = await openStage(home, plane, timeline);
    try {
      await playScenario(stage, actions);
    } finally {
      await stage.close();
    }
    timeline.chapter('The auditor');
    await verifyOffline(home, plane, timeline);
  } catch (error) {
    timeline.check(false, (error as Error).message);
  }
  const failures = timeline.failures();
  io.out('');
  io.out(
    failures.length === 0
      ? io.colour.green('Every step came out as it must.')
      : io.colour.red(`${failures.length} step(s) did not come out as they must.`),
  );
  io.out(
    `API and console: ${apiAddress(home)}  (token: ${join(installPaths(home).keysDir, 'read-model-api.token')})`,
  );
  io.out(`Bus: ${plane.servers.natsUrl}`);
  if (exit !== true) {
    io.out('The plane stays up until Ctrl-C.');
    await untilInterrupted();
  }
  await plane.stop();
  return failures.length === 0 ? ExitCodes.ok : ExitCodes.refused;
};

/** Registers `writ demo`. */
export const registerDemo = (program: Command, io: Io): void => {
  program
    .command('demo')
    .description('bring up a sample organisation and show the plane at work on a real database')
    .option('--exit', 'end after the last step; exit status 0 only if every step came out as it must')
    .option('--home <dir>', 'the installation', process.env['WRIT_HOME'] ?? '.writ')
    .addHelpText('after', '\nExample:\n  writ demo --exit --home /tmp/writ-sample')
    .action((options: DemoOptions) => runAction(io, async () => (await play(io, options)) as never));
};
