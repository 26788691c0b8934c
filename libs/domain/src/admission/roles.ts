// Which key role may write which fact of which family. Who holds a role is the registry's business.
import { type Family, type KeyRole, type ServiceName, UnversionedTypes } from '@writ/contracts';

const GENESIS = 'writ.registry.organisation-founded.v1';
const APPOINTED = 'writ.registry.registrar-appointed.v1';
const OPENED = /^writ\.authority\.environment-opened\.v\d+$/;

/** The facts without version: recorded whatever else is written, counted once by their id, for ever. */
export const isUnversionedType = (type: string): boolean =>
  (UnversionedTypes as readonly string[]).includes(type);

/** Whether a type is the genesis of a registry subject. */
export const isGenesisType = (type: string): boolean => type === GENESIS;

/** Whether a type is the appointment of a registrar, which root keys endorse and the new registrar signs. */
export const isAppointmentType = (type: string): boolean => type === APPOINTED;

const CERTIFIES: { readonly [fact: string]: KeyRole } = {
  'person-added': 'person',
  'agent-registered': 'agent',
  'enforcement-point-registered': 'enforcement-point',
};

/** The role of the key that an event certifies beside what else it says; `undefined` where the event does not determine it. */
export const roleCertifiedBy = (type: string): KeyRole | undefined => CERTIFIES[type.split('.')[2] ?? ''];

const isKillSwitchFact = (type: string): boolean => isUnversionedType(type) || OPENED.test(type);

/** Whether a key of the role may write an event of the type to the family (ARCHITECTURE §4, §7.6). */
export const roleMayWrite = (role: KeyRole, family: Family, type: string): boolean => {
  switch (family) {
    case 'registry':
      return isGenesisType(type) ? role === 'root' : role === 'registrar';
    case 'authority':
      return isKillSwitchFact(type) ? role === 'kill-switch' : role === 'receipt-ledger';
    case 'outcome':
      return role === 'receipt-ledger';
    case 'decision':
      return role === 'decision';
    case 'approval':
      return role === 'approval';
    case 'conduct':
      return role === 'anomaly-detector';
    case 'stop':
      return role === 'kill-switch';
  }
};

/** The service that signs with a role; `undefined` for roles that write no ledger event. */
export const serviceOfRole = (role: KeyRole): ServiceName | undefined => {
  switch (role) {
    case 'root':
    case 'registrar':
      return 'registry';
    case 'decision':
    case 'approval':
    case 'receipt-ledger':
    case 'anomaly-detector':
    case 'kill-switch':
      return role;
    default:
      return undefined;
  }
};
