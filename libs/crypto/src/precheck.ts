// What every signature must pass before it is verified, so that verdicts do not depend on the runtime. Needs no node:crypto.

/** Why a signature or key is refused before verification. */
export type PrecheckFailure =
  | 'signature-length'
  | 'key-length'
  | 's-not-reduced'
  | 'small-order-r'
  | 'small-order-a';

/** The order L of the base point, 2^252 + 27742317777372353535851937790883648493, little-endian (RFC 8032 §5.1). */
const ORDER = Uint8Array.from([
  0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
]);

const fromHex = (hex: string): Uint8Array =>
  Uint8Array.from({ length: 32 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));

/** The y coordinates of the points of order 1, 2, 4 and 8 in every spelling (p is 2^255 - 19); each with both signs: 14 encodings. */
const SMALL_ORDER_Y: readonly Uint8Array[] = [
  `${'00'.repeat(32)}`,
  `01${'00'.repeat(31)}`,
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  `ec${'ff'.repeat(30)}7f`,
  `ed${'ff'.repeat(30)}7f`,
  `ee${'ff'.repeat(30)}7f`,
].map(fromHex);

const sameY = (bytes: Uint8Array, at: number, y: Uint8Array): boolean => {
  if (((bytes[at + 31] as number) & 0x7f) !== y[31]) return false;
  for (let i = 0; i < 31; i++) if (bytes[at + i] !== y[i]) return false;
  return true;
};

const hasSmallOrder = (bytes: Uint8Array, at: number): boolean =>
  SMALL_ORDER_Y.some((y) => sameY(bytes, at, y));

/** Whether the little-endian scalar in bytes 32..63 is below L. Plain comparison: a signature is no secret. */
const isReduced = (signature: Uint8Array): boolean => {
  for (let i = 31; i >= 0; i--) {
    const difference = (signature[32 + i] as number) - (ORDER[i] as number);
    if (difference !== 0) return difference < 0;
  }
  return false;
};

/**
 * Why this signature may not be verified under this key, or `undefined` when it may: 64 bytes and 32, S < L, neither R nor the
 * key one of the 14 encodings of small order (ARCHITECTURE §3).
 */
export const precheck = (signature: Uint8Array, publicKey: Uint8Array): PrecheckFailure | undefined => {
  if (signature.length !== 64) return 'signature-length';
  if (publicKey.length !== 32) return 'key-length';
  if (!isReduced(signature)) return 's-not-reduced';
  if (hasSmallOrder(publicKey, 0)) return 'small-order-a';
  return hasSmallOrder(signature, 0) ? 'small-order-r' : undefined;
};

/** Whether 32 bytes are one of the 14 encodings of a point of small order: no public key of anybody. */
export const isSmallOrder = (point: Uint8Array): boolean => hasSmallOrder(point, 0);
