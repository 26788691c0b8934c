// Owns the rotation of a key, step by step, each of which can be given again: make, certify, swap, take up, retire the old one.
import type { RegistryAction } from '@writ/contracts';
import { readSigningKey, type SigningKey } from '@writ/crypto';
import { findKey, isKeyActive, type RegistryState } from '@writ/domain';
import {
  certificateOf,
  forgetOldKey,
  hasNextKey,
  nextKey,
  oldKey,
  rewriteMember,
  takeNextKey,
  uuidv7,
} from '@writ/runtime';
import { orFault } from '../fault.js';
import type { RecordedEvent } from '../person/answer.js';
import { carryOut } from '../person/carry-out.js';
import { readRegistry } from '../reading/ledger-view.js';
import type { Holder } from './holder.js';
import { restartService } from './restart.js';

/** `key`: a key file to take instead of making one. `keepOld`: the old key is not retired. */
export type Rotation = {
  readonly home: string;
  readonly signer: string;
  readonly holder: Holder;
  readonly org: string;
  readonly key?: string | undefined;
  readonly keepOld?: boolean | undefined;
};

/** What became of it. `takenUp`: by whom the new key is used now; `old`: the key before, retired or not. */
export type Rotated = {
  readonly kid: string;
  readonly events: readonly RecordedEvent[];
  readonly takenUp: 'restarted' | 'not-here' | 'next-use';
  readonly old: { readonly kid: string; readonly retired: boolean } | undefined;
};

const certifyNext = async (
  { home, signer, holder, org, key }: Rotation,
  registry: RegistryState,
): Promise<{ readonly next: SigningKey; readonly events: readonly RecordedEvent[] }> => {
  const next = nextKey(holder.file, key);
  if (findKey(registry, next.kid) !== undefined) return { next, events: [] };
  const { role, holder: name, scope } = holder;
  const certificate = await certificateOf(next, {
    ...{ role, holder: name, scope, org },
    time: new Date().toISOString(),
    id: uuidv7(),
  });
  const action: RegistryAction = { do: 'certify-key', key: certificate };
  return { next, events: await carryOut(home, signer, 'registry', action) };
};

const takeUp = async ({ home, holder }: Rotation): Promise<Rotated['takenUp']> => {
  if (holder.kind === 'service') return restartService(home, holder.holder);
  const member =
    holder.kind === 'person'
      ? ({ kind: 'person', person: holder.holder } as const)
      : ({ kind: holder.kind, scope: holder.holder } as const);
  orFault(await rewriteMember(home, member));
  return 'next-use';
};

/** Only what is surely not used any more: a service that was restarted here, a person, whose key is read with every command. */
const mayRetire = ({ holder, keepOld }: Rotation, takenUp: Rotated['takenUp']): boolean =>
  keepOld !== true && (takenUp === 'restarted' || holder.kind === 'person');

const retire = async (rotation: Rotation, old: SigningKey): Promise<readonly RecordedEvent[]> => {
  const { home, signer, holder } = rotation;
  const known = findKey(await readRegistry(home), old.kid);
  const events =
    known !== undefined && isKeyActive(known)
      ? await carryOut(home, signer, 'registry', { do: 'retire-key', kid: old.kid })
      : [];
  forgetOldKey(holder.file);
  return events;
};

/**
 * Rotates a key. Interrupted anywhere and given again, it goes on: no key is certified twice, none is lost, and the old one counts
 * until it is retired, which is after the new one is used.
 */
export const rotate = async (rotation: Rotation): Promise<Rotated> => {
  const { home, holder } = rotation;
  const events: RecordedEvent[] = [];
  const interrupted = !hasNextKey(holder.file) && oldKey(holder.file) !== undefined;
  if (!interrupted) {
    const certified = await certifyNext(rotation, await readRegistry(home));
    events.push(...certified.events);
    takeNextKey(holder.file);
  }
  const takenUp = await takeUp(rotation);
  const old = oldKey(holder.file);
  const retired = old !== undefined && mayRetire(rotation, takenUp);
  if (old !== undefined && retired) events.push(...(await retire(rotation, old)));
  const { kid } = readSigningKey(holder.file);
  return { kid, events, takenUp, old: old && { kid: old.kid, retired } };
};
