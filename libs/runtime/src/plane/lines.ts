// Answers are frames, one a line. Canonical JSON has no raw line feed, so a line feed ends a frame.

const LINE_FEED = Uint8Array.of(0x0a);

/** Joins frames with line feeds. */
export const joinLines = (frames: readonly Uint8Array[]): Uint8Array =>
  frames.length === 1
    ? (frames[0] as Uint8Array)
    : Buffer.concat(frames.flatMap((f, i) => (i === 0 ? [f] : [LINE_FEED, f])));
