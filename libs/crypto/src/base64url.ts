// Unpadded base64url with exactly one spelling per value. Never decodes leniently.

/** The unpadded base64url text of some bytes (RFC 4648 §5). */
export const toBase64url = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url');

/**
 * The bytes of an unpadded base64url text, or `undefined` unless the text is exactly what `toBase64url` gives for them: padding,
 * the `+/` alphabet, white space and other spellings of the last character (16 for a signature) are all refused.
 */
export const fromBase64url = (text: string): Uint8Array | undefined => {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : undefined;
};
