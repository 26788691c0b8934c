// Owns the reading of a service's settings. It never prints a value: addresses may hold passwords.
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { RuntimeFault } from './faults.js';
import { type HomePaths, homePaths } from './home.js';

/** The environment variables of a process. */
export type Env = Readonly<Record<string, string | undefined>>;

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** Log levels, from most to least. */
export type LogLevel = (typeof LEVELS)[number];

const port = z.coerce.number().int().min(0).max(65535);
const flag = z
  .union([z.boolean(), z.enum(['true', 'false', '1', '0'])])
  .transform((v) => String(v) === 'true' || v === '1');

const settings = z.strictObject({
  home: z.string().min(1).default('.writ'),
  natsUrl: z
    .string()
    .regex(/^(nats|tls):\/\/\S+$/, 'must be nats://host:port')
    .optional(),
  natsServerBin: z.string().min(1).optional(),
  databaseUrl: z
    .string()
    .regex(/^postgres(ql)?:\/\/\S+$/, 'must be postgres://user@host:port/database')
    .optional(),
  vaultKekCommand: z.string().min(1).optional(),
  logLevel: z.enum(LEVELS).default('info'),
  logPretty: flag.default(false),
  org: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must match [a-z0-9][a-z0-9-]{0,62}')
    .optional(),
  httpHost: z.string().min(1).default('127.0.0.1'),
  httpPort: port.default(0),
});

/** The settings of a service, checked. `httpPort` 0 means any free port. `paths` is the layout beneath `home`. */
export type ServiceConfig = Readonly<z.output<typeof settings>> & { readonly paths: HomePaths };

type Setting = keyof typeof settings.shape;

/** The environment variable of a setting: `natsUrl` is `WRIT_NATS_URL`. */
export function environmentName(setting: string): string {
  return `WRIT_${setting.replace(/[A-Z]/g, (c) => `_${c}`).toUpperCase()}`;
}

/**
 * Reads the settings from the environment and, beneath it, from the JSON file that `WRIT_CONFIG` (or `file`) names;
 * the environment wins, an empty variable counts as absent, a relative home is taken from the working directory.
 * Throws RuntimeFault: WRIT-CFG-001 wrong value, -002 unreadable file, -003 unknown setting in the file. Values are not shown.
 */
export function loadConfig(
  env: Env = process.env,
  file: string | undefined = env['WRIT_CONFIG'],
): ServiceConfig {
  const fromFile = file === undefined || file === '' ? {} : readSettings(file);
  const result = settings.safeParse({ ...fromFile, ...fromEnv(env) });
  if (!result.success) throw explain(result.error.issues[0]!, file);
  return { ...result.data, paths: homePaths(result.data.home) };
}

function fromEnv(env: Env): Partial<Record<Setting, string>> {
  const found: Partial<Record<Setting, string>> = {};
  for (const setting of Object.keys(settings.shape) as Setting[]) {
    const value = env[environmentName(setting)];
    if (value !== undefined && value !== '') found[setting] = value;
  }
  return found;
}

function readSettings(file: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const why =
      error instanceof SyntaxError
        ? 'is not JSON'
        : ((error as NodeJS.ErrnoException).code ?? 'cannot be read');
    throw new RuntimeFault('WRIT-CFG-002', `${file} (${why})`);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new RuntimeFault('WRIT-CFG-002', `${file} (is not a JSON object)`);
}

function explain(issue: z.core.$ZodIssue, file: string | undefined): RuntimeFault {
  if (issue.code === 'unrecognized_keys') {
    return new RuntimeFault(
      'WRIT-CFG-003',
      `${issue.keys.join(', ')} in ${file ?? 'the configuration file'}`,
    );
  }
  const setting = String(issue.path[0]);
  return new RuntimeFault(
    'WRIT-CFG-001',
    `${environmentName(setting)} (in a file: ${setting}) ${expectation(issue)}`,
  );
}

// Never the library's own message: it may quote the value.
function expectation(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_format') return issue.message;
  if (issue.code === 'invalid_value') return `must be one of ${issue.values.join(', ')}`;
  if (issue.path[0] === 'httpPort') return 'must be a port from 0 to 65535';
  if (issue.path[0] === 'logPretty') return 'must be true or false';
  return 'must be a text that is not empty';
}
