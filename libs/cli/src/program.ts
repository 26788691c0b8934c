// Owns the frame of the command line: usage errors with a code, help with the exit statuses. It knows no single command.
import { refused } from '@writ/contracts';
import { Command, CommanderError } from 'commander';
import { verifyFault } from './bundle/verify-exits.js';
import { type ExitCode, ExitCodes, exitCodeLines } from './exit-codes.js';
import { CliFault } from './fault.js';
import { type Io, runAction } from './io.js';

/**
 * An empty `writ`. Register the commands on it, then `runProgram`. Help goes to stdout, whatever the manner; a wrong command line
 * ends with WRIT-CLI-002.
 */
export function createProgram(version: string): Command {
  return new Command('writ')
    .description(
      'The governance control plane for autonomous AI agents: no agent action happens without a writ.',
    )
    .version(version)
    .exitOverride()
    .configureOutput({ outputError: () => undefined })
    .addHelpText(
      'after',
      `\nExit status (that of writ verify is another one: writ verify --help):\n${exitCodeLines().join('\n')}`,
    );
}

/** Parses and runs. `argv` without node and script. Never rejects; the exit status is set through `io`. */
export function runProgram(program: Command, io: Io, argv: readonly string[]): Promise<void> {
  const voice = argv.includes('--json') ? io.withJson(true) : io;
  return program.parseAsync([...argv], { from: 'user' }).then(
    () => undefined,
    (error: unknown) =>
      error instanceof CommanderError
        ? voice.exit(usageExit(voice, error, argv))
        : runAction(voice, () => Promise.reject(error)),
  );
}

function usageExit(io: Io, error: CommanderError, argv: readonly string[]): ExitCode {
  if (error.exitCode === 0) return ExitCodes.ok;
  // Commander has shown the help already: a group of commands was called without one.
  if (error.code === 'commander.help') return ExitCodes.usage;
  const refusal = refused('WRIT-CLI-002', error.message.replace(/^error: /, ''));
  // 2 means a violation to whoever calls `writ verify`.
  return argv[0] === 'verify' ? verifyFault(io, new CliFault(refusal)) : io.fail(refusal);
}
