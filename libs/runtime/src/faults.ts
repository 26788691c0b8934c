// Owns the codes of what can go wrong while a process starts. It never carries a secret or a value read from outside.

/** Every start-up fault: its title, and what the operator does next. */
export const RUNTIME_CODES = {
  'WRIT-CFG-001': {
    title: 'A setting has a wrong value',
    next: 'Correct the named setting and start again.',
  },
  'WRIT-CFG-002': {
    title: 'The configuration file cannot be read',
    next: 'Check that WRIT_CONFIG names a readable file that holds one JSON object.',
  },
  'WRIT-CFG-003': {
    title: 'The configuration file has a setting that does not exist',
    next: 'Remove it or correct its spelling.',
  },
  'WRIT-CFG-004': {
    title: 'A needed setting is missing',
    next: 'Set the named environment variable, or start everything with `writ up`.',
  },
  'WRIT-CFG-005': {
    title: 'A name is not fit for a path',
    next: 'Use lower-case letters, digits, dots and hyphens.',
  },
  'WRIT-KEY-101': {
    title: 'A private file is missing',
    next: 'Run `writ init`, or restore the file from backup.',
  },
  'WRIT-KEY-102': {
    title: 'A private file can be read by others',
    next: 'Run `chmod 600` on it; if others may have read it, replace its contents.',
  },
  'WRIT-KEY-103': {
    title: 'A private file already exists',
    next: 'Move it away first; it is never overwritten.',
  },
  'WRIT-KEY-104': {
    title: 'A private file does not hold what it must',
    next: 'Restore the file from backup.',
  },
  'WRIT-NATS-001': {
    title: 'No nats-server was found',
    next: 'Install nats-server 2.12 or later (https://nats.io/download), or set WRIT_NATS_SERVER_BIN to its path, or WRIT_NATS_URL to a running server.',
  },
  'WRIT-NATS-002': {
    title: 'This nats-server is too old',
    next: 'Install nats-server 2.12 or later (https://nats.io/download) and set WRIT_NATS_SERVER_BIN to its path.',
  },
  'WRIT-NATS-003': { title: 'nats-server did not start', next: 'Read the log file named in the reason.' },
  'WRIT-NATS-004': {
    title: 'Another nats-server runs on this store',
    next: 'Stop the process named in the reason first; two servers on one store destroy it.',
  },
  'WRIT-NATS-005': {
    title: 'The bus cannot be reached',
    next: 'Check the address, and that the server runs.',
  },
  'WRIT-PG-001': {
    title: 'There is no embedded Postgres for this platform',
    next: 'Set WRIT_DATABASE_URL to a running PostgreSQL 15 or later.',
  },
  'WRIT-PG-002': { title: 'Postgres did not start', next: 'Read the log file named in the reason.' },
  'WRIT-PG-003': {
    title: 'Another Postgres runs on this data directory',
    next: 'Stop the process named in the reason first.',
  },
  'WRIT-PG-004': {
    title: 'Postgres cannot run as root here',
    next: 'Run as an ordinary user, or install util-linux (setpriv), or set WRIT_DATABASE_URL.',
  },
  'WRIT-VLT-001': {
    title: 'The vault is locked with another key',
    next: 'Give the key file this vault was made with.',
  },
  'WRIT-VLT-002': {
    title: 'A vault entry does not open',
    next: 'The entry was altered or moved: compare the vault with its backup.',
  },
  'WRIT-VLT-003': {
    title: 'A disclosure does not match its digest',
    next: 'This is a bug in the caller: the digest is the SHA-256 of the disclosure text.',
  },
} as const;

/** The code of a start-up fault. */
export type RuntimeCode = keyof typeof RUNTIME_CODES;

/** A process cannot start or go on: a code of `RUNTIME_CODES`, a reason, and what to do next. Never a secret in it. */
export class RuntimeFault extends Error {
  readonly code: RuntimeCode;
  readonly reason: string;
  readonly next: string;

  constructor(code: RuntimeCode, reason: string, options?: ErrorOptions) {
    super(`${code} ${RUNTIME_CODES[code].title}: ${reason}. ${RUNTIME_CODES[code].next}`, options);
    this.name = 'RuntimeFault';
    this.code = code;
    this.reason = reason;
    this.next = RUNTIME_CODES[code].next;
  }
}
