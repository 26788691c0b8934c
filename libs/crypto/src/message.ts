// A live message: the frame, then one disclosure a line. An answer: one frame a line. Canonical JSON has no raw line feed.
const LINE_FEED = 0x0a;

const lines = (bytes: Uint8Array): readonly Uint8Array[] => {
  const out: Uint8Array[] = [];
  let from = 0;
  for (let at = bytes.indexOf(LINE_FEED); at !== -1; at = bytes.indexOf(LINE_FEED, from)) {
    out.push(bytes.subarray(from, at));
    from = at + 1;
  }
  out.push(bytes.subarray(from));
  return out;
};

/** Joins a frame and its disclosures. */
export const joinMessage = (frame: Uint8Array, disclosures: readonly string[]): Uint8Array =>
  disclosures.length === 0 ? frame : Buffer.concat([frame, Buffer.from(`\n${disclosures.join('\n')}`)]);

/** Splits a live message. Total: whatever comes, `frame` is its first line. At most 200 disclosures are taken. */
export const splitMessage = (
  bytes: Uint8Array,
): { readonly frame: Uint8Array; readonly rest: readonly string[] } => {
  const [frame = bytes, ...rest] = lines(bytes);
  return {
    frame,
    rest: rest
      .slice(0, 200)
      .map((line) => Buffer.from(line.buffer, line.byteOffset, line.byteLength).toString('latin1')),
  };
};

/** Joins frames into an answer. */
export const joinFrames = (frames: readonly Uint8Array[]): Uint8Array =>
  frames.length === 1
    ? (frames[0] as Uint8Array)
    : Buffer.concat(frames.flatMap((frame, i) => (i === 0 ? [frame] : [Uint8Array.of(LINE_FEED), frame])));

/** Splits an answer into its frames. */
export const splitFrames = (bytes: Uint8Array): readonly Uint8Array[] => lines(bytes);
