// Runs every suite except the three-node one; packages resolve to their sources.
import { defineConfig } from 'vitest/config';

const conditions = ['writ-src', 'node', 'module', 'development|production'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ['writ-src', 'node'] } },
  test: {
    include: [
      '{libs,services}/*/src/**/*.spec.ts',
      '{libs,services}/*/test/**/*.test.ts',
      'test/**/*.test.ts',
    ],
    exclude: ['**/node_modules/**', '**/dist/**', '**/*.cluster.test.ts'],
    // In CI the counts go into a file too: .ci/run adds them up into its closing line.
    reporters: process.env['CI'] ? ['default', ['json', { outputFile: '.ci/results.json' }]] : ['default'],
    server: { deps: { inline: [/^@writ\//] } },
    // Real servers and processes on shared cores: in CI a test that fails is tried once more, and the report says so.
    retry: process.env['CI'] ? 1 : 0,
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 20_000,
  },
});
