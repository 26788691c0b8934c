// Owns under which account Postgres runs. It refuses root, so root lends an existing account and never creates one.
import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { RuntimeFault } from '../faults.js';

/** Where this process is root: the account to run as, and whether it can reach its files by itself. */
export type Account = { readonly uid: number; readonly gid: number; readonly reaches: boolean };

/** A command as it has to be spawned. */
export type Invocation = {
  readonly command: string;
  readonly args: readonly string[];
  readonly options: { readonly uid?: number; readonly gid?: number };
};

const ACCOUNTS = ['postgres', 'nobody'];

/**
 * Undefined for an ordinary user. For root: the account `postgres`, else `nobody`; `reaches` tells whether it may enter the
 * folders that hold `paths` (a checkout beneath /root is closed to it). Throws WRIT-PG-004 when there is no such account.
 */
export function chooseAccount(paths: readonly string[]): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  const found = ACCOUNTS.map((name) => lines.find((line) => line.startsWith(`${name}:`)))
    .find(Boolean)
    ?.split(':');
  if (found === undefined)
    throw new RuntimeFault('WRIT-PG-004', `there is no account ${ACCOUNTS.join(' or ')}`);
  const [uid, gid] = [Number(found[2]), Number(found[3])];
  return { uid, gid, reaches: paths.every((path) => canEnter(dirname(path), uid, gid)) };
}

function canEnter(folder: string, uid: number, gid: number): boolean {
  const { mode, uid: owner, gid: group } = statSync(folder);
  const bit = owner === uid ? 0o100 : group === gid ? 0o010 : 0o001;
  if ((mode & bit) === 0) return false;
  return folder === dirname(folder) || canEnter(dirname(folder), uid, gid);
}

/**
 * `command` as the account. Where the account cannot enter the folders, `setpriv` (util-linux) lends it the one capability
 * to pass through them.
 */
export function runAs(account: Account | undefined, command: string, args: readonly string[]): Invocation {
  if (account === undefined) return { command, args, options: {} };
  const { uid, gid, reaches } = account;
  if (reaches) return { command, args, options: { uid, gid } };
  const capability = `+${passingCapability()}`;
  const drop = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'];
  const lend = [`--inh-caps=-all,${capability}`, `--ambient-caps=${capability}`];
  return { command: 'setpriv', args: [...drop, ...lend, command, ...args], options: {} };
}

// Container runtimes commonly withhold the narrower one.
function passingCapability(): 'dac_read_search' | 'dac_override' {
  const line = /^CapPrm:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'));
  return (BigInt(`0x${line?.[1] ?? '0'}`) & 4n) === 4n ? 'dac_read_search' : 'dac_override';
}
