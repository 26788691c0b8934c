// A sealer under test, on ground of its own for each test. Everything is gone afterwards.
import { join } from 'node:path';
import type { RunningService } from '@writ/runtime';
import { startTestPostgres, type TestPostgres } from '@writ/testing';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { type Ground, startGround } from './ground.js';

export const junk = (n: number, from = 0): readonly string[] =>
  Array.from({ length: n }, (_, i) => `junk ${from + i}`);

/** Shaped like a frame; its signature verifies under no key. */
export const framed = (agent: string, n: number): string =>
  `{"kid":"${'A'.repeat(43)}","sig":"${'A'.repeat(86)}","signed":{"agent":"${agent}","id":"e${n}"}}`;

export const readiness = async (service: RunningService | undefined) => {
  const response = await fetch(`http://127.0.0.1:${service?.httpPort}/readyz`);
  return { status: response.status, ...((await response.json()) as { checks: Record<string, boolean> }) };
};

/** Call it once in a test file: it hangs on the hooks of the file. */
export const standing = () => {
  let postgres: TestPostgres;
  let ground: Ground;
  let running: RunningService | undefined;
  beforeAll(async () => {
    postgres = await startTestPostgres();
  });
  afterAll(() => postgres.stop());
  beforeEach(async () => {
    ground = await startGround(postgres);
    running = undefined;
  });
  const end = async (): Promise<void> => {
    await running?.stop();
    running = undefined;
  };
  afterEach(async () => {
    await end();
    await ground.stop();
  });
  return {
    ground: (): Ground => ground,
    running: (): RunningService | undefined => running,
    begin: async (): Promise<RunningService> => {
      running = await ground.start();
      return running;
    },
    end,
    refusals: () => ground.logged.filter(({ event }) => event === 'sealer.refused').map(({ code }) => code),
    noteFile: (): string => join(ground.paths.sealerDir, 'checkpoint.txt'),
  };
};
