// Owns the text of the nats-server configuration: accounts, users, exports, durability. Pure. It never holds a secret: users are
// known by their public keys.
import { Streams } from '@writ/contracts';
import type { BusAccount, BusUser, Permissions } from './bus-user.js';
import { busUsers, ReaderSubjects } from './permissions.js';
import type { Roster } from './roster.js';

/**
 * Settings of the server. `port` -1: any free one, told in `portsFileDir`. Defaults: loopback, port 4222, name `writ`.
 * `limits` are those of the accounts; absent means none but the store's.
 */
export type ServerOptions = {
  readonly storeDir: string;
  readonly host?: string;
  readonly port?: number;
  readonly name?: string;
  readonly pidFile?: string;
  readonly portsFileDir?: string;
  readonly logFile?: string;
  readonly limits?: AccountLimits;
};

/** Connections and subscriptions of each account; JetStream bytes of the plane's. */
export type AccountLimits = {
  readonly maxConnections?: number;
  readonly maxReaders?: number;
  readonly maxMemoryBytes?: number;
  readonly maxFileBytes?: number;
};

/** Largest message: the limit of a document is 48 KiB, preserved state and disclosures take at most 256 KiB. */
export const MAX_PAYLOAD = 1024 * 1024;

const HEADER =
  '# Written by writ from its roster. Changes made here are lost; use `writ agent`, `writ person`.\n';

/**
 * The server's own settings; `accounts` is the file with the accounts, relative to this one. Every append is on disk before it
 * is acknowledged (`sync_interval: always`, nats-server 2.10).
 */
export function serverSettings(options: ServerOptions, accounts?: string): string {
  const { host = '127.0.0.1', port = 4222, name = 'writ', pidFile, portsFileDir, logFile } = options;
  const lines = [
    `server_name: ${quote(name)}`,
    `host: ${quote(host)}`,
    `port: ${integer(port)}`,
    `max_payload: ${MAX_PAYLOAD}`,
    `jetstream: { store_dir: ${quote(options.storeDir)}, sync_interval: always }`,
    pidFile === undefined ? '' : `pid_file: ${quote(pidFile)}`,
    portsFileDir === undefined ? '' : `ports_file_dir: ${quote(portsFileDir)}`,
    logFile === undefined ? '' : `log_file: ${quote(logFile)}`,
    accounts === undefined ? '' : `include ${quote(accounts)}`,
  ];
  return `${HEADER}${lines.filter((line) => line !== '').join('\n')}\n`;
}

/**
 * The accounts: PLANE with JetStream, READERS without, SYS without users. Readers reach GOV_LEDGER by two service imports, so
 * that an answer can only land in their own account. Throws RangeError on a roster that `readRoster` refuses.
 */
export function accountsConfig(roster: Roster, limits: AccountLimits = {}): string {
  const users = busUsers(roster);
  const lines = [
    `${HEADER}accounts: {`,
    account('PLANE', users, [jetstream(limits), connections(limits.maxConnections), exports()]),
    account('READERS', users, [connections(limits.maxReaders), imports()]),
    '  SYS: { users: [] }',
    '}',
    'system_account: SYS',
  ];
  return `${lines.join('\n')}\n`;
}

/** Settings and accounts in one text. */
export function serverConfig(roster: Roster, options: ServerOptions): string {
  return serverSettings(options) + accountsConfig(roster, options.limits);
}

function account(name: BusAccount, users: readonly BusUser[], parts: readonly string[]): string {
  const own = users.filter((user) => user.account === name).map(userLine);
  const body = [...parts.filter((part) => part !== ''), `users: [\n${own.join('\n')}\n    ]`];
  return `  ${name}: {\n${body.map((part) => `    ${part}`).join('\n')}\n  }`;
}

function userLine({ name, nkey, permissions }: BusUser): string {
  const publish = direction(permissions.publish, permissions.publishDeny);
  const subscribe = direction(permissions.subscribe);
  return `      # ${name}\n      { nkey: ${quote(nkey)}, permissions: { publish: ${publish}, subscribe: ${subscribe} } }`;
}

// An empty allow list would allow everything: nobody has one, and if somebody had, everything is denied.
function direction(allow: readonly string[], deny: Permissions['publish'] = []): string {
  if (allow.length === 0) return '{ deny: [">"] }';
  const denied = deny.length === 0 ? '' : `, deny: ${list(deny)}`;
  return `{ allow: ${list(allow)}${denied} }`;
}

function jetstream({ maxMemoryBytes, maxFileBytes }: AccountLimits): string {
  if (maxMemoryBytes === undefined && maxFileBytes === undefined) return 'jetstream: enabled';
  const memory = maxMemoryBytes === undefined ? [] : [`max_memory: ${integer(maxMemoryBytes)}`];
  const file = maxFileBytes === undefined ? [] : [`max_file: ${integer(maxFileBytes)}`];
  return `jetstream: { ${[...memory, ...file].join(', ')} }`;
}

function connections(max: number | undefined): string {
  return max === undefined ? '' : `limits: { max_connections: ${integer(max)} }`;
}

const GET = `$JS.API.DIRECT.GET.${Streams.ledger}`;
const INFO = `$JS.API.STREAM.INFO.${Streams.ledger}`;

// A batch of direct gets is a stream of answers; its way back is forgotten when the asker unsubscribes, or after 10 s.
function exports(): string {
  const get = `{ service: ${quote(GET)}, response_type: stream, response_threshold: "10s", accounts: [READERS] }`;
  return `exports: [ ${get}, { service: ${quote(INFO)}, accounts: [READERS] } ]`;
}

function imports(): string {
  const one = (subject: string, to: string) =>
    `{ service: { account: PLANE, subject: ${quote(subject)} }, to: ${quote(to)} }`;
  return `imports: [ ${one(GET, ReaderSubjects.get)}, ${one(INFO, ReaderSubjects.info)} ]`;
}

function list(subjects: readonly string[]): string {
  return `[${subjects.map(quote).join(', ')}]`;
}

function quote(text: string): string {
  return JSON.stringify(text);
}

function integer(value: number): string {
  if (!Number.isSafeInteger(value))
    throw new RangeError('a number of the server configuration is not an integer');
  return String(value);
}
