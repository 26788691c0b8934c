// Unpadded base64url, strictly: a text counts only when re-encoding its bytes gives the same text.

/** Encodes bytes as unpadded base64url. */
export const toBase64url = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url');

/** Decodes unpadded base64url; undefined for any other spelling (padding, `+/`, loose last character). */
export const fromBase64url = (text: string): Uint8Array | undefined => {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : undefined;
};
