// Rows of keys. Whether a key counts at a position is admission's to say, not this table's.
import type { KeyCertificate } from '@writ/contracts';
import { type Change, insert, update } from '../rows/change.js';
import { type Effective, orgOf } from './recorded.js';

/** A key is certified; certified again, it stays as it is. */
export const certified = (event: Effective<unknown>, key: KeyCertificate): Change =>
  insert(
    'keys',
    { org: orgOf(event), kid: key.kid },
    {
      x: key.x,
      role: key.role,
      holder: key.holder,
      scope: key.scope,
      status: 'certified',
      certified_seq: event.seq,
    },
  );

/** A key signs nothing new from here on. */
export const ended = (
  event: Effective<unknown>,
  kid: string,
  status: 'retired' | 'revoked' | 'distrusted',
  more: { readonly reason?: string; readonly distrusted_from?: number } = {},
): Change => update('keys', { org: orgOf(event), kid }, { status, ended_seq: event.seq, ...more });
