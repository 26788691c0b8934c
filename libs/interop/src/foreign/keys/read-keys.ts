// Reads the keys that somebody pins: one file, any of the usual spellings. Refuses private keys and prints nothing of them.
import type { JsonObject, JsonValue } from '@writ/contracts';
import { fromBase64, fromHex } from '../bytes.js';
import { at, isObject, listAt, readJson, textAt } from '../json.js';
import { didKey } from './did-key.js';
import { ed25519Key, type ForeignKey, importedKey, spkiKey } from './foreign-key.js';

/** The keys of a text, or why there are none. */
export type ForeignKeysRead =
  | { readonly ok: true; readonly keys: readonly ForeignKey[] }
  | { readonly ok: false; readonly code: 'WRIT-FGN-003'; readonly reason: string };

const refused = (reason: string): ForeignKeysRead => ({ ok: false, code: 'WRIT-FGN-003', reason });

const fromRaw = (text: string | undefined, id?: string, revoked = false): ForeignKey | undefined => {
  if (text === undefined) return undefined;
  const bytes = fromHex(text) ?? fromBase64(text);
  if (bytes === undefined) return undefined;
  return bytes.length === 32 ? ed25519Key(bytes, id, revoked) : spkiKey(bytes, id);
};

const fromJwk = (jwk: JsonObject): ForeignKey | undefined => {
  const { kty, crv, x, y } = jwk;
  const key = { kty, crv, x, ...(y === undefined ? {} : { y }) };
  return importedKey({ key: key as never, format: 'jwk' }, textAt(jwk, 'kid'));
};

/** One entry: a JWK, an entry of Permission Protocol's key list, or protect-mcp's and APS's `{ publicKey }`. */
const fromEntry = (entry: JsonValue): ForeignKey | undefined => {
  if (typeof entry === 'string') return didKey(entry) ?? fromRaw(entry);
  if (!isObject(entry)) return undefined;
  if (at(entry, 'kty') !== undefined) return fromJwk(entry);
  const id = textAt(entry, 'key_id') ?? textAt(entry, 'kid');
  const raw = textAt(entry, 'public_key_b64') ?? textAt(entry, 'publicKeyHex') ?? textAt(entry, 'publicKey');
  return fromRaw(raw, id, textAt(entry, 'status') === 'revoked');
};

const PEM = /-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----/g;

const fromPem = (text: string): readonly (ForeignKey | undefined)[] =>
  [...text.matchAll(PEM)].map(([block]) => importedKey(block));

const entriesOf = (text: string): readonly (ForeignKey | undefined)[] => {
  if (text.includes('-----BEGIN')) return fromPem(text);
  const value = /^[[{"]/.test(text) ? readJson(text) : undefined;
  if (value === undefined) return text.split(/\s+/).map(fromEntry);
  const list = listAt(value, 'keys') ?? (Array.isArray(value) ? (value as readonly JsonValue[]) : [value]);
  return list.map(fromEntry);
};

/**
 * The public keys of a text: a JWK or JWKS (OKP Ed25519, EC P-256), Permission Protocol's `keys.json`, PEM (one block or more),
 * hex or base64 of 32 bytes or of a SubjectPublicKeyInfo, a did:key; several of the last three on lines of their own. Private
 * members of a JWK are ignored; a PEM private key is refused. All or nothing: one unreadable entry refuses the text.
 */
export const readForeignKeys = (text: string): ForeignKeysRead => {
  if (text.includes('PRIVATE KEY-----')) return refused('a private key: pin the public one');
  const keys = entriesOf(text.trim());
  if (keys.length === 0) return refused('there is no key in it');
  const read = keys.filter((key) => key !== undefined);
  if (read.length < keys.length)
    return refused(`entry ${keys.indexOf(undefined) + 1} is no key that is known here`);
  return { ok: true, keys: read };
};
