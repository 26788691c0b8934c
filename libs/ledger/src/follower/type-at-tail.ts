// Reads the type of an event from the end of its frame, before anything is verified. Only ever used to pass events over.

const TAIL_BYTES = 160;

// In canonical JSON nothing but "ver" can follow a document's own "type": a match at the very end is the top-level member.
const TYPE = /"type":"(writ\.[a-z]+\.[a-z-]+\.v\d+)"(?:,"ver":\d+)?\}\}$/;

/** The type that the frame claims; undefined where its end does not look like an event's. */
export const typeAtTail = (bytes: Uint8Array): string | undefined => {
  const from = Math.max(0, bytes.length - TAIL_BYTES);
  const tail = Buffer.from(bytes.buffer, bytes.byteOffset + from, bytes.length - from).toString('latin1');
  return TYPE.exec(tail)?.[1];
};
