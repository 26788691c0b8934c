// The face of admission within @writ/domain.
export {
  type Accepts,
  type Admission,
  type AdmissionRules,
  admit,
  type LedgerMessage,
  readLedgerSubject,
} from './admit.js';
export {
  agentLink,
  type Chain,
  EMPTY_HEAD,
  emptyChain,
  extend,
  type Link,
  type LinkFunction,
  nextPlace,
  type Place,
} from './chain.js';
export type { AdmissionCode } from './codes.js';
export type { Endorses } from './endorsements.js';
export { type Envelope, readEnvelope } from './envelope.js';
export { type KeyDirectory, type KeyRecord, keyStandingAt, type Office } from './keys.js';
export { isAppointmentType, isGenesisType, isUnversionedType, roleMayWrite, serviceOfRole } from './roles.js';
