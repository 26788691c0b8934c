// Runs the suites that need a three-node cluster, alone on the machine.
import { defineConfig, mergeConfig } from 'vitest/config';
import base from './vitest.config.js';

export default mergeConfig(
  { ...base, test: { ...base.test, include: [], exclude: ['**/node_modules/**', '**/dist/**'] } },
  defineConfig({
    test: {
      include: ['{libs,services}/*/test/**/*.cluster.test.ts', 'test/**/*.cluster.test.ts'],
      maxWorkers: 1,
      testTimeout: 120_000,
    },
  }),
);
