// `writ demo`, which is what `npm start` runs: the plane comes up and shows its main job on real parts.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { installPaths } from '@writ/runtime';
import type { Command } from 'commander';
import { ExitCodes } from '../exit-codes.js';
import { type Io, runAction } from '../io.js';
import { USUAL_NATS_PORT } from '../plane/servers.js';
import { bringUp } from '../plane/up.js';
import { auditOffline } from './auditor.js';
import { prepareSample } from './sample.js';
import { playScenario } from './scenario.js';
import { openStage } from './stage.js';
import { createTimeline } from './timeline.js';

const CHAPTERS = 7;

type DemoOptions = { readonly exit?: boolean; readonly home: string };

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
    await auditOffline(home, timeline);
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
