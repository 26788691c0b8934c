// The embedded servers of `writ up` under SIGKILL: started again on the same port and store, and the plane serves on.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bringUp, type RunningPlane } from '@writ/cli';
import { inboxOf, type ServiceName, Streams } from '@writ/contracts';
import { connectBus, FRESH_MS, type HomePaths, homePaths, initInstallation } from '@writ/runtime';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectPerson } from '../../libs/cli/src/person/connect.js';

const SERVICES: readonly ServiceName[] = ['registry', 'decision'];
const AGAIN = { timeout: 10_000, interval: 100 };
let home: string;
let paths: HomePaths;
let plane: RunningPlane | undefined;
const events: string[] = [];

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'writ-servers-'));
  paths = homePaths(home);
  const environments = [{ project: 'shop', environment: 'prod' }];
  await initInstallation({ home, org: 'acme', admin: 'alice', environments });
  process.execArgv = [];
  const onEvent = ({ kind, service }: { kind: string; service: string }) =>
    void events.push(`${service} ${kind}`);
  plane = await bringUp(home, { services: SERVICES, onEvent });
});
afterAll(async () => {
  await plane?.stop();
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
});

const read = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as Record<string, number>;
const natsPid = (): number => read(paths.runFile('nats'))['pid'] as number;
const postgresPid = (): number =>
  Number(readFileSync(join(paths.postgresDir, 'data', 'postmaster.pid'), 'utf8').split('\n')[0]);

const areReady = async (): Promise<boolean> => {
  const asked = SERVICES.map((service) =>
    fetch(`http://127.0.0.1:${read(paths.runFile(service))['httpPort']}/readyz`),
  );
  return (await Promise.all(asked)).every(({ ok }) => ok);
};

/** Has the registry carry out a command. */
const isRecorded = async (project: string): Promise<boolean> => {
  const alice = await connectPerson(home, 'alice');
  try {
    return (await alice.command('registry', { do: 'create-project', project })).kind === 'recorded';
  } catch {
    return false;
  } finally {
    await alice.close();
  }
};

/** The streams that answer to the bootstrap identity. */
const streams = async (): Promise<readonly string[]> => {
  const url = plane?.servers.natsUrl as string;
  const seedFile = paths.natsSeed('bootstrap');
  const bus = await connectBus({ url, seedFile, inboxPrefix: inboxOf('bootstrap'), name: 'test' });
  try {
    const answers = await Promise.all(
      Object.values(Streams).map(async (name) => {
        const answer = await bus.request(`$JS.API.STREAM.INFO.${name}`, '', { timeout: 1_000 });
        return answer.json<{ config?: { name: string } }>().config?.name;
      }),
    );
    return answers.filter((name) => name !== undefined);
  } finally {
    await bus.close();
  }
};

it('NATS: the services are ready again within 10 s, and the memory stream that the crash took is back', async () => {
  const before = natsPid();
  process.kill(before, 'SIGKILL');
  await expect.poll(() => events.includes('nats ready'), AGAIN).toBe(true);
  expect(natsPid()).not.toBe(before);
  await expect.poll(() => isRecorded('after-nats'), AGAIN).toBe(true);
  // Readiness from before the crash has run out by then.
  await new Promise((resolve) => setTimeout(resolve, FRESH_MS));
  await expect.poll(areReady, AGAIN).toBe(true);
  expect(await streams()).toEqual(Object.values(Streams));
});

it('Postgres: it takes connections again on the same port', async () => {
  const before = postgresPid();
  process.kill(before, 'SIGKILL');
  await expect.poll(() => events.includes('postgres ready'), AGAIN).toBe(true);
  expect(postgresPid()).not.toBe(before);
  await expect.poll(areReady, AGAIN).toBe(true);
});
