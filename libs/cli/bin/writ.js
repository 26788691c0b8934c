#!/usr/bin/env node
// Starts the built command; says what to do when it has not been built yet.
import { existsSync } from 'node:fs';

const main = new URL('../dist/main.js', import.meta.url);
if (!existsSync(main)) {
  console.error('WRIT-CLI-001: writ has not been built. Run: npm run build');
  process.exit(70);
}
await import(main.href);
