// Lets a child process or thread of a test run TypeScript sources: `--import` this file.
import { register } from 'node:module';

register('./typescript-hooks.mjs', import.meta.url);
