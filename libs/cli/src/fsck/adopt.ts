// Owns the signed decision to go on with a ledger as it is: who may sign it, what it says, where it lies. It changes no ledger.
import { existsSync, renameSync } from 'node:fs';
import { resolve } from 'node:path';
import { type CommandData, subjects } from '@writ/contracts';
import { commit, joinMessage, readSigningKey, type SigningKey } from '@writ/crypto';
import { findKey, hasRole, isKeyActive } from '@writ/domain';
import { installPaths, readAdoption, replaceFile, signLiveWith, timestamp } from '@writ/runtime';
import { fault } from '../fault.js';
import { organisationIn, signerOf } from '../home.js';
import { readPerson } from '../person/credentials.js';
import { readRegistry } from '../reading/ledger-view.js';
import type { FsckReport } from './fsck.js';

/** Who decides: a person of the organisation, or a root key file. */
export type Deciding = { readonly as?: string | undefined; readonly root?: string | undefined };

type Author = { readonly name: string; readonly key: SigningKey; readonly version: number };

const GOOD_FOR_MS = 3_600_000;

const asRoot = async (home: string, file: string): Promise<Author> => {
  const { roots, threshold } = organisationIn(home);
  const key = readSigningKey(resolve(file));
  if (!roots.some(({ kid }) => kid === key.kid))
    fault('WRIT-REG-001', `${key.kid} is none of the pinned root keys`);
  if (threshold > 1) fault('WRIT-REG-001', `one root key alone may not: ${threshold} must agree`);
  return { name: 'root', key, version: (await readRegistry(home)).ver };
};

const asPerson = async (home: string, person: string): Promise<Author> => {
  const { org, key } = readPerson(home, person);
  const registry = await readRegistry(home);
  if (registry.ver === 0)
    fault(
      'WRIT-REG-001',
      'the ledger has no registry that would name an administrator: a root decides, --root KEYFILE',
    );
  const known = findKey(registry, key.kid);
  if (known === undefined || !isKeyActive(known) || !hasRole(registry, person, 'admin', org))
    fault('WRIT-REG-001', `in this ledger ${person} is not an administrator of ${org}`);
  return { name: person, key, version: registry.ver };
};

/** Who signs. WRIT-REG-001: they may not, as this ledger has it. */
export const authorOf = (home: string, { as, root }: Deciding): Promise<Author> =>
  root === undefined ? asPerson(home, signerOf(home, as)) : asRoot(home, root);

/** Refuses a clock by which the decision would be older than what the services knew (they would not take it). */
const assertLater = (now: string, { marks }: Pick<FsckReport, 'marks'>): void => {
  const late = marks.find(({ at }) => at !== null && at >= now);
  if (late !== undefined)
    fault(
      'WRIT-CLI-002',
      `the clock here says ${now}; ${late.service} knew the ledger at ${late.at}: set the clock`,
    );
};

// The words of a decision are in no ledger: the file of an earlier one stays beside it.
const keepEarlier = (file: string): void => {
  const earlier = readAdoption(file);
  if (earlier === undefined) return;
  const { time = 'unreadable' } = ((): { time?: string } => {
    try {
      return JSON.parse(Buffer.from(earlier).toString('utf8')).signed;
    } catch {
      return {};
    }
  })();
  renameSync(file, file.replace(/\.message$/, `-${String(time).replace(/[^0-9TZ]/g, '')}.message`));
};

/** What was signed. */
export type Signed = {
  readonly id: string;
  readonly file: string;
  readonly author: string;
  readonly expires: string;
};

/** Signs, and lays the message into the installation's folder, 0600. */
export const signAdoption = async (
  home: string,
  author: Author,
  report: Pick<FsckReport, 'ledger' | 'marks'>,
  reason: string,
): Promise<Signed> => {
  const now = Date.now();
  assertLater(timestamp(now), report);
  const { end, root } = report.ledger;
  const { committed, disclosures } = commit({ reason });
  const expires = timestamp(now + GOOD_FOR_MS);
  const data: CommandData = {
    action: { do: 'adopt-ledger', ledger: { end, root }, reason: committed },
    version: author.version,
    expires,
  };
  const { org } = organisationIn(home);
  const subject = subjects.command('registry', org, author.name);
  const { bytes, id } = await signLiveWith('command', subject, data, author.key, { time: timestamp(now) });
  const { adoptionFile: file } = installPaths(home);
  if (existsSync(file)) keepEarlier(file);
  replaceFile(file, Buffer.from(joinMessage(bytes, disclosures)).toString('utf8'));
  return { id, file, author: author.name, expires };
};
