// Writes proto-schemas/ and the reference pages. Run by `npm run schemas`; the drift test compares without writing.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { asyncApi } from './asyncapi.js';
import { type SchemaFile, schemaFiles } from './json-schema.js';
import { codesPage } from './reference.js';

/** Every generated file, by path beneath the repository. */
export const generatedFiles = (): readonly SchemaFile[] => [
  ...schemaFiles().map(({ path, text }) => ({ path: `proto-schemas/${path}`, text })),
  { path: 'proto-schemas/asyncapi.json', text: `${JSON.stringify(asyncApi(), null, 2)}\n` },
  { path: 'docs/reference/codes.md', text: codesPage() },
];

const main = (root: string): void => {
  for (const folder of ['events', 'live', 'documents'])
    rmSync(join(root, 'proto-schemas', folder), { recursive: true, force: true });
  for (const { path, text } of generatedFiles()) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
};

if (process.argv[1]?.endsWith('generate.js')) main(process.argv[2] ?? '.');
