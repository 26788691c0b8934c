// Reads RFC 9901 disclosures without hashing: salt, name, value. Whether they fit a commitment is checked by the caller.
import type { Disclosure, JsonValue } from '@writ/contracts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const SEXTETS: ReadonlyMap<string, number> = new Map([...ALPHABET].map((char, n) => [char, n]));
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const fromBase64url = (text: string): Uint8Array | undefined => {
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let bits = 0;
  let held = 0;
  let at = 0;
  for (const char of text) {
    const sextet = SEXTETS.get(char);
    if (sextet === undefined) return undefined;
    held = ((held << 6) | sextet) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at] = (held >> bits) & 0xff;
    at += 1;
  }
  return bytes;
};

/** One disclosed field. */
export type Disclosed = { readonly name: string; readonly value: JsonValue; readonly disclosure: Disclosure };

/** Reads a disclosure: base64url of the JSON array [salt, name, value]; `undefined` when it is none. */
export const readDisclosed = (disclosure: Disclosure): Disclosed | undefined => {
  try {
    const bytes = fromBase64url(disclosure);
    const parsed: unknown = bytes === undefined ? undefined : JSON.parse(utf8.decode(bytes));
    if (!Array.isArray(parsed) || parsed.length !== 3 || typeof parsed[1] !== 'string') return undefined;
    return { name: parsed[1], value: parsed[2] as JsonValue, disclosure };
  } catch {
    return undefined;
  }
};

/** Reads all; `undefined` when one cannot be read or two name the same field, which would let a reader choose. */
export const readAllDisclosed = (disclosures: readonly Disclosure[]): readonly Disclosed[] | undefined => {
  const read = disclosures.map(readDisclosed);
  if (read.some((d) => d === undefined)) return undefined;
  const all = read as readonly Disclosed[];
  return new Set(all.map((d) => d.name)).size === all.length ? all : undefined;
};

/** The values of disclosed fields by name; own properties, whatever the name. */
export const disclosedArgs = (disclosed: readonly Disclosed[]): Readonly<Record<string, JsonValue>> =>
  Object.fromEntries(disclosed.map(({ name, value }) => [name, value]));
