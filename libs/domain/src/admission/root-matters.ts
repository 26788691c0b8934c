// What only root keys decide: the founding, who is registrar, and how long. A registrar's key, stolen or not, makes and ends none of these keys.
import type { LedgerSeq, Scope } from '@writ/contracts';
import { type Endorses, enoughRootsAgree } from './endorsements.js';
import type { Envelope } from './envelope.js';
import { type Junk, junk } from './junk.js';
import type { KeyDirectory, KeyRecord } from './keys.js';
import { isAppointmentType, isGenesisType, roleCertifiedBy } from './roles.js';

type RootEntry = { readonly kid?: unknown; readonly x?: unknown } | null;

/** The genesis names its signer, and no root that is not pinned: who founds does not choose whom to believe. */
const namesPinnedRoots = (event: Envelope, key: KeyRecord, keys: KeyDirectory): boolean => {
  const roots = event.data['roots'];
  if (!Array.isArray(roots)) return false;
  const isPinned = (root: RootEntry): boolean => {
    const pinned = keys.find(String(root?.kid));
    return pinned?.role === 'root' && pinned.x === root?.x && pinned.scope === key.scope;
  };
  return roots.some((root: RootEntry) => root?.kid === key.kid) && roots.every(isPinned);
};

/** A genesis that asks for fewer roots than are pinned would let fewer command afterwards. */
const judgeGenesis = (event: Envelope, key: KeyRecord, org: Scope, keys: KeyDirectory): Junk | undefined => {
  if (!namesPinnedRoots(event, key, keys)) {
    return junk('WRIT-ADM-010', 'a root key is not named, or one is named that is not pinned');
  }
  const { threshold } = event.data;
  return typeof threshold === 'number' && threshold < (keys.threshold?.(org) ?? 1)
    ? junk('WRIT-ADM-011', 'it asks for fewer root keys than are pinned')
    : undefined;
};

const roleOf = (kid: unknown, keys: KeyDirectory): string =>
  typeof kid === 'string' ? (keys.find(kid)?.role ?? '') : '';

/** It is for this ledger and for the registrar in office: not for another one of the same roots, and not once another was appointed. */
const judgeAppointment = ({ data }: Envelope, org: Scope, keys: KeyDirectory): Junk | undefined => {
  if (data['revokes'] !== null && roleOf(data['revokes'], keys) !== 'registrar') {
    return junk('WRIT-ADM-012', 'the key that it ends is not that of a registrar');
  }
  const office = keys.office?.(org);
  return office !== undefined && data['genesis'] === office.genesis && data['after'] === office.registrar
    ? undefined
    : junk('WRIT-ADM-014', 'it is for another ledger, or another registrar was appointed since');
};

/** Judges the genesis and an appointment: what they name, and whether enough roots agree. Nothing to say of other events. */
export const judgeRoots = (
  event: Envelope,
  key: KeyRecord,
  org: Scope,
  { keys, endorses }: { readonly keys: KeyDirectory; readonly endorses?: Endorses },
): Junk | undefined => {
  const founds = isGenesisType(event.type);
  if (!founds && !isAppointmentType(event.type)) return undefined;
  const unfit = founds ? judgeGenesis(event, key, org, keys) : judgeAppointment(event, org, keys);
  if (unfit !== undefined) return unfit;
  return enoughRootsAgree(event, org, keys, endorses ?? (() => false))
    ? undefined
    : junk('WRIT-ADM-011', 'too few root keys agree');
};

const OF_ROOTS: readonly unknown[] = ['root', 'registrar'];
const ENDS = /^writ\.registry\.key-(retired|revoked|distrusted)\.v\d+$/;
const REGISTRY = 'writ.registry.';

type Certificate = { readonly role?: unknown } | null | undefined;

/**
 * Judges what a registrar says of keys: it certifies no root and no registrar, and with a person, an agent or an enforcement point
 * only a key of that role; and it ends no root and no registrar, so that no two registrars end each other.
 */
export const judgeKeys = ({ type, data }: Envelope, keys: KeyDirectory): Junk | undefined => {
  if (!type.startsWith(REGISTRY) || isGenesisType(type) || isAppointmentType(type)) return undefined;
  if (ENDS.test(type) && OF_ROOTS.includes(roleOf(data['kid'], keys))) {
    return junk('WRIT-ADM-012', 'the roots alone end a registrar');
  }
  const role = (data['key'] as Certificate)?.role;
  if (OF_ROOTS.includes(role)) return junk('WRIT-ADM-013', `a registrar certifies no ${role}`);
  const expected = roleCertifiedBy(type);
  return expected === undefined || role === expected
    ? undefined
    : junk('WRIT-ADM-013', `the certificate is not one of role ${expected}`);
};

type Introduced = { readonly [name: string]: unknown } | undefined;

/** The key of an appointed registrar: the one that the appointment introduces, never one that counts already. */
export const appointee = (
  event: Envelope,
  seq: LedgerSeq,
  known: KeyRecord | undefined,
): KeyRecord | Junk => {
  const registrar = event.data['registrar'] as Introduced;
  const { kid, x, role, holder, scope } = registrar ?? {};
  const fits = kid === event.kid && role === 'registrar' && holder === 'registry' && typeof x === 'string';
  const org = event.data['org'];
  if (!fits || scope !== org || (known !== undefined && known.certifiedAt < seq)) {
    return junk('WRIT-ADM-012', 'not a new key of a registrar that signs its own appointment');
  }
  return { kid: event.kid, x, role: 'registrar', holder: 'registry', scope: String(org), certifiedAt: 0 };
};
