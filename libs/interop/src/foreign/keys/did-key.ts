// Ed25519 keys that an identifier carries in itself (did:key, did:aps). Such a key is the receipt's own word.
import { fromBase58 } from '../bytes.js';
import { ed25519Key, type ForeignKey } from './foreign-key.js';

/** The multicodec prefix of an Ed25519 public key (0xed as varint). */
const ED25519_CODEC = [0xed, 0x01] as const;

/** The key in `did:<method>:z<base58>` (W3C did:key; APS writes did:aps likewise), with or without a fragment. */
export const didKey = (did: string | undefined): ForeignKey | undefined => {
  const encoded = /^did:(?:key|aps):z([1-9A-HJ-NP-Za-km-z]+)(?:#.*)?$/.exec(did ?? '')?.[1];
  const bytes = encoded === undefined ? undefined : fromBase58(encoded);
  if (bytes === undefined || bytes[0] !== ED25519_CODEC[0] || bytes[1] !== ED25519_CODEC[1]) return undefined;
  return ed25519Key(bytes.subarray(2), did);
};
