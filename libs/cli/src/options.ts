// Owns what every command has in common: --json, --home, and how its action is run. It knows no single command.
import type { Command } from 'commander';
import { homeOf } from './home.js';
import { type Io, runAction } from './io.js';

/** What an action is given: its mouth, the installation's folder, its options and arguments. */
export type Call<O> = {
  readonly io: Io;
  /** Absolute. */
  readonly home: string;
  readonly options: Readonly<O>;
  readonly args: readonly string[];
};

/** Gives a command `--json` and `--home`, an example in its help, and its action, which may return an exit status. */
export function defineAction<O>(
  command: Command,
  io: Io,
  example: string,
  run: (call: Call<O>) => Promise<unknown>,
): Command {
  return command
    .option('--json', 'one JSON document on stdout')
    .option('--home <dir>', 'folder of the installation (default: WRIT_HOME, else .writ)')
    .addHelpText('after', `\nExample:\n${example.replace(/^/gm, '  ')}`)
    .action((...parts: unknown[]) => {
      const self = parts.at(-1) as Command;
      const options = self.optsWithGlobals<O & { json?: boolean; home?: string }>();
      const voice = io.withJson(options.json ?? io.json);
      return runAction(voice, async () => {
        const args = parts.slice(0, -2).flat().map(String);
        return run({ io: voice, home: homeOf(options.home), options, args });
      });
    });
}

/** The option by which a person says who signs. */
export const AS: readonly [string, string] = [
  '--as <person>',
  'who signs (default: WRIT_PERSON, else the only person of the installation)',
];
