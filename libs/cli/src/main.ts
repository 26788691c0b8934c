// The `writ` command: wires the commands together. Each command lives in a file of its own.
import { Command } from 'commander';
import { createIo } from './io.js';

const program = new Command('writ')
  .description('The governance control plane for autonomous AI agents')
  .version('0.1.0')
  .showHelpAfterError()
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));

const color = process.stdout.isTTY === true && process.env['NO_COLOR'] === undefined;
const io = createIo({ json: false, color: color || process.env['FORCE_COLOR'] !== undefined });

// A service process loads its service and nothing else; it starts in a fraction of the time.
if (process.argv[2] === 'service') (await import('./commands/service.js')).registerService(program);
else (await import('./commands/all.js')).registerAll(program, io);
await program.parseAsync();
