// The DSSE pre-authentication encoding: what a signature covers. Never signs or hashes.

/**
 * `DSSEv1 <length> <type> <length> <document>`, lengths in bytes, decimal, one space between (DSSE v1.0.2). The result owns its
 * bytes and ends with a copy of the document: whoever verifies it and then reads that copy reads what was verified.
 */
export const pae = (payloadType: string, document: Uint8Array): Uint8Array => {
  const head = `DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${document.length} `;
  const headBytes = Buffer.byteLength(head);
  const out = Buffer.allocUnsafe(headBytes + document.length);
  out.write(head, 0, 'utf8');
  out.set(document, headBytes);
  return out;
};
