// Who this client is: scope, keys and the pinned root. Read from the agent's folder or given in memory; never printed.
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { AgentScope, organisationOf } from '@writ/contracts';
import { readSigningKey, type SigningKey } from '@writ/crypto';
import { WritError } from './errors.js';
import type { PinnedRoot } from './trust/keys.js';

/** `natsSeed` authenticates the connection and `key` signs documents: they are never the same key. */
export type Credentials = {
  readonly org: string;
  readonly scope: AgentScope;
  readonly role: 'agent' | 'enforcement-point';
  readonly natsUrl: string | readonly string[];
  readonly roots: readonly PinnedRoot[];
  /** How many of the roots must agree; 1 when absent. */
  readonly threshold?: number;
  readonly key: SigningKey;
  readonly natsSeed?: string;
};

type AgentFile = {
  readonly org?: unknown;
  readonly scope?: unknown;
  readonly role?: unknown;
  readonly natsUrl?: unknown;
  readonly roots?: unknown;
  readonly threshold?: unknown;
  readonly natsSeedFile?: unknown;
  readonly keyFile?: unknown;
};

/**
 * Reads `agent.json`, the key file and the seed file of a folder (paths relative to it). Throws WRIT-CFG-001 (a field),
 * WRIT-CFG-002 (a file is missing), WRIT-CFG-003 (a secret that others may read).
 */
export const readCredentials = (folder: string): Credentials => {
  const file = parseFile(readText(resolve(folder, 'agent.json')));
  const scope = text(file.scope, 'scope');
  const seedFile = file.natsSeedFile === undefined ? undefined : text(file.natsSeedFile, 'natsSeedFile');
  return checkCredentials({
    org: text(file.org, 'org'),
    scope,
    role: role(file.role),
    natsUrl: addresses(process.env['WRIT_NATS_URL'] ?? file.natsUrl),
    roots: roots(file.roots),
    threshold: file.threshold === undefined ? 1 : count(file.threshold, 'threshold'),
    key: readKey(resolve(folder, text(file.keyFile ?? 'agent.jwk', 'keyFile'))),
    ...(seedFile === undefined ? {} : { natsSeed: readSecret(resolve(folder, seedFile)) }),
  });
};

/** Checks credentials given in memory; throws WRIT-CFG-001. */
export const checkCredentials = (credentials: Credentials): Credentials => {
  if (!AgentScope.safeParse(credentials.scope).success) throw invalid('scope');
  if (organisationOf(credentials.scope) !== credentials.org) throw invalid('org');
  if (credentials.roots.length === 0) throw invalid('roots');
  return credentials;
};

const invalid = (field: string): WritError =>
  new WritError('WRIT-CFG-001', `agent.json: '${field}' is missing or wrong`);

const text = (value: unknown, field: string): string => {
  if (typeof value !== 'string' || value === '') throw invalid(field);
  return value;
};

const count = (value: unknown, field: string): number => {
  if (!Number.isSafeInteger(value) || (value as number) < 1) throw invalid(field);
  return value as number;
};

const addresses = (value: unknown): string | readonly string[] =>
  Array.isArray(value) ? value.map((url) => text(url, 'natsUrl')) : text(value, 'natsUrl');

const role = (value: unknown): Credentials['role'] => {
  if (value === 'agent' || value === 'enforcement-point') return value;
  throw invalid('role');
};

const roots = (value: unknown): readonly PinnedRoot[] => {
  if (!Array.isArray(value)) throw invalid('roots');
  return value.map((root: { kid?: unknown; x?: unknown }) => ({
    kid: text(root?.kid, 'roots.kid'),
    x: text(root?.x, 'roots.x'),
  }));
};

const parseFile = (json: string): AgentFile => {
  try {
    return JSON.parse(json) as AgentFile;
  } catch {
    throw new WritError('WRIT-CFG-001', 'agent.json is not JSON');
  }
};

const readText = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new WritError('WRIT-CFG-002', `${path} cannot be read`, { cause: error });
  }
};

const readSecret = (path: string): string => {
  const secret = readText(path).trim();
  if ((statSync(path).mode & 0o077) !== 0)
    throw new WritError('WRIT-CFG-003', `${path} may be read by others`);
  return secret;
};

const readKey = (path: string): SigningKey => {
  readSecret(path);
  return readSigningKey(path);
};
