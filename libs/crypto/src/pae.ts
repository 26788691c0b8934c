// The DSSE pre-authentication encoding: what is really signed. See https://github.com/secure-systems-lab/dsse.

/** "DSSEv1" SP len(type) SP type SP len(body) SP body, lengths in bytes, ASCII decimal. */
export const pae = (payloadType: string, body: Uint8Array): Uint8Array => {
  const head = Buffer.from(`DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${body.length} `);
  return Buffer.concat([head, body]);
};
