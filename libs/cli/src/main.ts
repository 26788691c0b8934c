// The `writ` command: wires the commands together. Each command lives in a file of its own.
import { Command } from 'commander';
import { registerService } from './commands/service.js';

const program = new Command('writ').description('The governance control plane for autonomous AI agents').version('0.1.0');
registerService(program);
await program.parseAsync();
