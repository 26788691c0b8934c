// What passes between the projector and the threads that open frames. Shapes only.
import type { openFrameAsync } from '@writ/crypto';

type Failure = Extract<Awaited<ReturnType<typeof openFrameAsync>>, { readonly ok: false }>;

/** A verified frame, or why it is none. */
export type Opened =
  | { readonly ok: true; readonly document: unknown; readonly digest: string; readonly kid: string }
  | Failure;

/** Frames one behind the other in one buffer; `keyOf` is the index in `keys` (public keys, base64url) for each. */
export type OpenRequest = {
  readonly id: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly ends: Uint32Array;
  readonly keys: readonly string[];
  readonly keyOf: Uint16Array;
};

/** In the order of the request: the digest of each document, empty where `failures` says why. */
export type OpenAnswer = {
  readonly id: number;
  readonly digests: readonly string[];
  readonly failures: Record<number, Failure>;
};

/** A failure as a value. */
export const failure = (code: Failure['code'], reason: string): Failure => ({ ok: false, code, reason });
