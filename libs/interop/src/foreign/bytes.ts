// Foreign spellings of bytes: hex, the four kinds of base64, base58. Exactly one spelling each; never lenient.
import { createHash } from 'node:crypto';

/** The bytes of hex text of even length, `undefined` for anything else. */
export const fromHex = (text: string): Uint8Array | undefined =>
  /^([0-9a-fA-F]{2})+$/.test(text) ? Buffer.from(text, 'hex') : undefined;

/** The bytes of base64 or base64url, padded or not, as long as it is what an encoder gives for them. */
export const fromBase64 = (text: string): Uint8Array | undefined => {
  if (text === '') return undefined;
  const bytes = Buffer.from(text, 'base64');
  const url = bytes.toString('base64url');
  const plain = bytes.toString('base64');
  const urlPadded = plain.replaceAll('+', '-').replaceAll('/', '_');
  return [plain, url, urlPadded, plain.replace(/=+$/, '')].includes(text) ? bytes : undefined;
};

const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/** The bytes of base58btc text of at most 128 characters. */
export const fromBase58 = (text: string): Uint8Array | undefined => {
  if (!/^[1-9A-HJ-NP-Za-km-z]{1,128}$/.test(text)) return undefined;
  let number = 0n;
  for (const character of text) number = number * 58n + BigInt(BASE58.indexOf(character));
  const hex = number === 0n ? '' : number.toString(16);
  const zeros = /^1*/.exec(text)?.[0].length ?? 0;
  return Buffer.from('00'.repeat(zeros) + (hex.length % 2 === 0 ? hex : `0${hex}`), 'hex');
};

/** SHA-256 as bytes. */
export const sha256Bytes = (...parts: readonly (string | Uint8Array)[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** SHA-256 as lower case hex. */
export const sha256Hex = (...parts: readonly (string | Uint8Array)[]): string =>
  sha256Bytes(...parts).toString('hex');
