// What every part of one client shares: who it is, its bus, its trust, its clock, its log. It holds no state of its own.
import { environmentOf } from '@writ/contracts';
import type { ClientClock } from './clock.js';
import type { Credentials } from './credentials.js';
import type { Signers } from './documents.js';
import type { FollowUp } from './halt/follow-up.js';
import type { SigningAt } from './signing.js';
import type { Bus } from './transport.js';
import type { Trust } from './trust/trust.js';
import type { ClientLog } from './types.js';

export type Session = {
  readonly credentials: Credentials;
  readonly bus: Bus;
  readonly trust: Trust;
  readonly clock: ClientClock;
  readonly log: ClientLog;
  readonly signers: Signers;
  /** With what it signs; the key of the credentials itself signs nothing else where there are session keys. */
  readonly signing: SigningAt;
  /** When what is not the stop itself may run. */
  readonly followUp: FollowUp;
  /** Aborts when the client is closed. */
  readonly closed: AbortSignal;
};

/** The environment that this client works in. */
export const environment = (session: Session): string => environmentOf(session.credentials.scope);
