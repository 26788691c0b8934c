// Makes the ids and nonces of this side: UUIDv7 (RFC 9562) and 16 random bytes.
import { randomBytes } from 'node:crypto';

/** A UUIDv7 in lower case for the time given (epoch milliseconds). */
export const newCommandId = (epochMs: number): string => {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Math.floor(epochMs), 0, 6);
  bytes[6] = 0x70 | (bytes[6]! & 0x0f);
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
};

/** A nonce: 16 random bytes, 22 characters. */
export const newNonce = (): string => randomBytes(16).toString('base64url');
