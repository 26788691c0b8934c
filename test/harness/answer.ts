// What a service answered, taken apart for assertions: frames as documents, a refusal as its code. It verifies nothing.
import { splitFrames } from '@writ/crypto';

/** A signed document as it stands on the wire; which one it is tells `type`. */
export type Signed = {
  readonly type: string;
  readonly id: string;
  readonly kid: string;
  readonly subject: string;
  readonly time: string;
  readonly ver?: number;
  readonly data: Readonly<Record<string, unknown>>;
};

/** One answer. `code` is that of a refusal; `text` what was sent, byte for byte. */
export type Answer = {
  readonly documents: readonly Signed[];
  readonly first: Signed;
  readonly code: string | undefined;
  readonly text: string;
};

/** The document of a frame. */
export const documentOf = (frame: Uint8Array): Signed =>
  (JSON.parse(Buffer.from(frame).toString('utf8')) as { readonly signed: Signed }).signed;

/** Reads an answer; lines that are no frame (disclosures) are left out. */
export const readAnswer = (bytes: Uint8Array): Answer => {
  const documents = splitFrames(bytes)
    .filter((line) => line[0] === 0x7b)
    .map(documentOf);
  const first = documents[0];
  if (first === undefined) throw new Error('an answer without a frame');
  const code = first.type === 'writ.refusal.v1' ? String(first.data['code']) : undefined;
  return { documents, first, code, text: Buffer.from(bytes).toString('latin1') };
};
