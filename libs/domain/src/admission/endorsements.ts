// Whether enough root keys agree: to the genesis, to a new registrar. Counts distinct roots; how an endorsement is verified is handed in.
import type { Kid, PublicKeyEntry, Token } from '@writ/contracts';
import type { Envelope } from './envelope.js';
import type { KeyDirectory, KeyRecord } from './keys.js';

/** `endorses` of @writ/crypto, handed in because this is pure: whether a root key endorsed this data for this organisation. */
export type Endorses = (endorsement: unknown, root: PublicKeyEntry, org: Token, data: object) => boolean;

/** At most this many endorsements are looked at: one a root. */
const MOST = 16;

/** Pinned, or named by the genesis: no later event makes a root key. */
const isRootOf = (key: KeyRecord | undefined, org: Token): key is KeyRecord =>
  key?.role === 'root' && key.scope === org && key.certifiedAt === 0;

const kidOf = (endorsement: unknown): Kid =>
  String((endorsement as { readonly kid?: unknown } | null | undefined)?.kid);

/** The distinct root keys that agree to the data of an event, its signer included where that is one. */
const agreeing = (event: Envelope, org: Token, keys: KeyDirectory, endorses: Endorses): ReadonlySet<Kid> => {
  const agreed = new Set<Kid>(isRootOf(keys.find(event.kid), org) ? [event.kid] : []);
  const given = event.data['endorsements'];
  for (const endorsement of Array.isArray(given) ? given.slice(0, MOST) : []) {
    const root = keys.find(kidOf(endorsement));
    if (isRootOf(root, org) && !agreed.has(root.kid) && endorses(endorsement, root, org, event.data)) {
      agreed.add(root.kid);
    }
  }
  return agreed;
};

/** Whether as many roots agree as the event itself, the pinned threshold and the genesis ask for: the largest of these. */
export const enoughRootsAgree = (
  event: Envelope,
  org: Token,
  keys: KeyDirectory,
  endorses: Endorses,
): boolean => {
  const own = event.data['threshold'];
  const needed = Math.max(1, keys.threshold?.(org) ?? 1, typeof own === 'number' ? own : 1);
  return agreeing(event, org, keys, endorses).size >= needed;
};
