// What a wrong command line gets, what help says, and that every command says what it does with an example.
import { describe, expect, it } from 'vitest';
import { ExitCodes, ExitMeanings, exitCodeOf } from '../src/exit-codes.js';
import { useFolders, writ, writJson } from './run-writ.js';

const folder = useFolders();

const COMMANDS = [
  ['init'],
  ['agent', 'add'],
  ['agent', 'list'],
  ['agent', 'remove'],
  ['person', 'add'],
  ['person', 'list'],
  ['person', 'remove'],
  ['person', 'grant'],
  ['person', 'revoke'],
  ['boundary', 'check'],
  ['boundary', 'publish'],
  ['boundary', 'diff'],
  ['gate', 'check'],
  ['approve'],
  ['reject'],
  ['halt'],
  ['release'],
  ['erase'],
  ['hold', 'place'],
  ['hold', 'lift'],
  ['hold', 'list'],
  ['vault', 'rewrap'],
  ['status'],
  ['verify'],
  ['export'],
  ['fsck'],
  ['ledger', 'show'],
  ['ledger', 'adopt'],
  ['ledger', 'rebuild'],
];

describe('the command line', () => {
  it.each(COMMANDS)('has help with an example, --json and --home: writ %s %s', async (...words) => {
    const { exit, stdout } = await writ(...words.filter((word) => word !== undefined), '--help');
    expect(exit).toBe(0);
    expect(stdout).toContain('Example:\n  writ ');
    expect(stdout).toContain('--json');
    expect(stdout).toContain('--home <dir>');
  });

  it('documents every exit status in its help', async () => {
    const { stdout } = await writ('--help');
    for (const name of Object.keys(ExitCodes) as (keyof typeof ExitCodes)[])
      expect(stdout).toContain(`${ExitCodes[name]}  ${ExitMeanings[name]}`);
  });

  it.each([
    ['an unknown option', ['status', '--nonsense']],
    ['an unknown command', ['frobnicate']],
    ['a missing argument', ['halt']],
    ['a missing required option', ['init', '--org', 'acme']],
    ['an environment that is none', ['init', '--org', 'a', '--admin', 'b', '--env', 'shop']],
    ['a role that is none', ['person', 'add', 'bob', '--role', 'king@acme']],
    ['a halt id that is none', ['release', 'acme', '--halt', '17']],
    ['an erasure of nothing', ['erase', '--reason', 'x']],
    ['an erasure of two things', ['erase', '--subject', 'a', '--intent', 'b', '--reason', 'x']],
    ['an erasure without a reason', ['erase', '--subject', 'a']],
    ['an agent without a month', ['erase', '--agent', 'acme.shop.prod.ops', '--reason', 'x']],
    ['a hold on nothing', ['hold', 'place', '--reason', 'x']],
    ['a hold that is none', ['hold', 'lift', 'x', '--reason', 'x']],
    ['a new key without the old one', ['vault', 'rewrap', '--to-file', 'x']],
    ['a tool without an operation', ['halt', 'acme', '--tool', 'orders']],
  ])('ends with status 2 and WRIT-CLI-002 on %s', async (_, argv) => {
    const { exit, stderr, stdout } = await writ(...argv);
    expect(exit).toBe(2);
    expect(stderr).toContain('WRIT-CLI-002');
    expect(stderr).toContain('next: see --help');
    expect(stdout).toBe('');
  });

  it('says a usage error as one JSON document when JSON is asked for', async () => {
    const { exit, document } = await writJson<{ ok: boolean; error: { code: string } }>(
      'status',
      '--nonsense',
    );
    expect(exit).toBe(2);
    expect(document.ok).toBe(false);
    expect(document.error.code).toBe('WRIT-CLI-002');
  });

  it('ends a group of commands without a command with status 2 and shows its help', async () => {
    const { exit, stderr } = await writ('agent');
    expect(exit).toBe(2);
    expect(stderr).toContain('add [options] <scope>');
  });

  it.each([['status'], ['agent list'], ['person list'], ['halt acme --as alice']])(
    'refuses without an installation, saying how to make one: writ %s',
    async (line) => {
      const { exit, stderr } = await writ(...line.split(' '), '--home', folder('nowhere'));
      expect(exit).toBe(1);
      expect(stderr).toMatch(/WRIT-CLI-003|WRIT-KEY-101/);
      expect(stderr).toContain('writ init');
    },
  );

  it('verify has statuses of its own: whatever is not a verdict is 64, never 1 or 2', async () => {
    const lines = [
      ['--nonsense'],
      ['--home', folder('nowhere')],
      ['nothing-there'],
      ['--require', 'immutable'],
    ];
    for (const line of lines) {
      const { exit, stderr } = await writ('verify', ...line);
      expect(exit).toBe(64);
      expect(stderr).toMatch(/WRIT-CLI-00[23]/);
    }
    expect((await writ('verify', '--help')).stdout).toContain(
      '5  nothing worse, and weaker than --require asks for',
    );
  });

  it('gives each kind of failure its own status', () => {
    expect(exitCodeOf('WRIT-CLI-002')).toBe(2);
    expect(exitCodeOf('WRIT-CLI-005')).toBe(3);
    expect(exitCodeOf('WRIT-NATS-005')).toBe(3);
    expect(exitCodeOf('WRIT-LED-002')).toBe(3);
    expect(exitCodeOf('WRIT-VER-002')).toBe(4);
    expect(exitCodeOf('WRIT-RUN-005')).toBe(70);
    expect(exitCodeOf('WRIT-APR-002')).toBe(1);
  });
});
