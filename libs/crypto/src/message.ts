// Several lines in one message: a frame, its session key's certificate and its disclosures, or several frames. Canonical JSON has no raw line feed.
const LINE_FEED = 0x0a;
const OPENING_BRACE = 0x7b;
/** Lines taken apart at most. What is beyond stays together in the last one, which then is neither frame nor disclosure. */
const MAX_LINES = 1024;

/**
 * A live message: the frame, the certificate of the session key that signed it, and the lines behind as they stand there. Nothing is
 * verified.
 */
export type Message = {
  readonly frame: Uint8Array;
  readonly certificate?: Uint8Array;
  readonly rest: readonly string[];
};

const join = (lines: readonly Uint8Array[]): Uint8Array => {
  if (lines.length === 1) return lines[0] as Uint8Array;
  const feed = Uint8Array.of(LINE_FEED);
  return Buffer.concat(lines.flatMap((line, i) => (i === 0 ? [line] : [feed, line])));
};

const split = (bytes: Uint8Array): Uint8Array[] => {
  const lines: Uint8Array[] = [];
  let from = 0;
  for (let to = bytes.indexOf(LINE_FEED); to >= 0 && lines.length < MAX_LINES - 1; ) {
    lines.push(bytes.subarray(from, to));
    from = to + 1;
    to = bytes.indexOf(LINE_FEED, from);
  }
  lines.push(bytes.subarray(from));
  return lines;
};

const textOf = (line: Uint8Array): string =>
  Buffer.from(line.buffer, line.byteOffset, line.byteLength).toString('latin1');

/**
 * A live message: frame LF disclosure LF disclosure ..., with the certificate of a session key in second place where one signed the
 * frame. By itself it is the frame, not a copy.
 */
export const joinMessage = (
  frame: Uint8Array,
  disclosures: readonly string[],
  certificate?: Uint8Array,
): Uint8Array =>
  join([
    frame,
    ...(certificate === undefined ? [] : [certificate]),
    ...disclosures.map((line) => Buffer.from(line, 'latin1')),
  ]);

/**
 * Takes a live message apart. `frame` is a slice, and so is `certificate`, a second line that begins with `{`: no disclosure does.
 * `rest` has one string per further line, byte for byte (latin-1): whatever is no disclosure stays none. Total: never throws; at
 * most 1,024 lines are taken apart, the remainder stays in the last.
 */
export const splitMessage = (bytes: Uint8Array): Message => {
  const [frame, ...lines] = split(bytes) as [Uint8Array, ...Uint8Array[]];
  const [certificate, ...rest] = lines;
  return certificate?.[0] === OPENING_BRACE
    ? { frame, certificate, rest: rest.map(textOf) }
    : { frame, rest: lines.map(textOf) };
};

/** A reply: frame LF frame ... A single one is the frame itself, not a copy. */
export const joinFrames = (frames: readonly Uint8Array[]): Uint8Array => join(frames);

/** The frames of a reply, as slices; one empty slice for an empty reply. Total: never throws; bounded like `splitMessage`. */
export const splitFrames = (bytes: Uint8Array): Uint8Array[] => split(bytes);
