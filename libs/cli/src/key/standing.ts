// Owns what is said of a key: whose it is, what it may sign, and from which ledger position on it counts. It judges nothing new.
import type { KeyRole } from '@writ/contracts';
import { isKeyActive, type RegistryKey, type RegistryState } from '@writ/domain';
import { fault } from '../fault.js';

/** A key as programs get it. Positions are ledger sequences; null where nothing of the kind was recorded. */
export type KeyFacts = {
  readonly kid: string;
  readonly role: KeyRole;
  readonly holder: string;
  readonly scope: string;
  readonly standing: 'in force' | 'retired' | 'revoked' | 'distrusted' | 'void';
  readonly certifiedAt: number;
  readonly retiredAt: number | null;
  readonly revokedAt: number | null;
  readonly distrustedFrom: number | null;
};

const standingOf = (key: RegistryKey): KeyFacts['standing'] => {
  if (key.voidBorn === true) return 'void';
  if (isKeyActive(key)) return 'in force';
  if (key.distrustedFrom !== undefined) return 'distrusted';
  return key.revokedAt === undefined ? 'retired' : 'revoked';
};

/** The facts of a key. */
export const factsOf = (key: RegistryKey): KeyFacts => ({
  kid: key.kid,
  role: key.role,
  holder: key.holder,
  scope: key.scope,
  standing: standingOf(key),
  certifiedAt: key.certifiedAt,
  retiredAt: key.retiredAt ?? null,
  revokedAt: key.revokedAt ?? null,
  distrustedFrom: key.distrustedFrom ?? null,
});

/** `in force since 12`, `void from 40`: by position, as everything that depends on it is. */
export const standingText = (key: KeyFacts): string => {
  switch (key.standing) {
    case 'in force':
      return key.certifiedAt === 0 ? 'in force, pinned' : `in force since ${key.certifiedAt}`;
    case 'retired':
      return `retired at ${key.retiredAt}`;
    case 'revoked':
      return `revoked at ${key.revokedAt}`;
    case 'distrusted':
      return `void from ${key.distrustedFrom} on`;
    case 'void':
      return 'void: certified by a key that did not count';
  }
};

/** The one key whose id begins so. WRIT-REG-002: none; WRIT-CLI-002: several. */
export const keyBy = (registry: RegistryState, beginning: string): RegistryKey => {
  const found = [...registry.keys.values()].filter(({ kid }) => kid.startsWith(beginning));
  const [key, ...more] = found;
  if (key === undefined) return fault('WRIT-REG-002', `no key whose id begins with ${beginning}`);
  return more.length === 0 ? key : fault('WRIT-CLI-002', `${found.length} key ids begin with ${beginning}`);
};
