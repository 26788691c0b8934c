// Runs the suites that need a three-node cluster, alone on the machine.
import { defineConfig } from 'vitest/config';
import base from './vitest.config.js';

export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ['{libs,services}/*/test/**/*.cluster.test.ts', 'test/**/*.cluster.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    reporters: process.env['CI']
      ? ['default', ['json', { outputFile: '.ci/results-cluster.json' }]]
      : ['default'],
    maxWorkers: 1,
    testTimeout: 120_000,
  },
});
