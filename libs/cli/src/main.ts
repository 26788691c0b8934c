// The `writ` command: wires the commands together. Each command lives in a file of its own.
import { createIo } from './io.js';
import { createProgram, runProgram } from './program.js';

const argv = process.argv.slice(2);
const program = createProgram('0.1.0');
const color =
  process.env['FORCE_COLOR'] !== undefined ||
  (process.stdout.isTTY === true && process.env['NO_COLOR'] === undefined);
const io = createIo({ json: false, color });

// A service process or a witness loads itself and nothing else; it starts in a fraction of the time.
if (argv[0] === 'service') (await import('./commands/service.js')).registerService(program);
else if (argv[0] === 'witness') (await import('./commands/witness.js')).registerWitness(program, io);
else (await import('./commands/all.js')).registerAll(program, io);
await runProgram(program, io, argv);
