// What the sealer signs, and how it reads back what it signed. One tree has one text, whoever makes it.
import {
  type Checkpoint,
  checkpointText,
  hashText,
  importPublic,
  isKeyPair,
  type NoteKey,
  type NoteSignature,
  noteKeyId,
  noteText,
  readCheckpoint,
  readNote,
  rootOf,
  type SigningKey,
  signNote,
  signWith,
  verifyNote,
} from '@writ/crypto';
import type { SealState } from '@writ/runtime';

/** A signed checkpoint, as text and taken apart. */
export type SignedCheckpoint = {
  readonly checkpoint: Checkpoint;
  readonly text: string;
  readonly note: string;
};

/** The text of the checkpoint of a tree: the time of its last leaf, not of the signing, so that it never differs. */
export const textOf = ({ origin, range, headsRoot, time }: SealState): string =>
  checkpointText({
    origin,
    size: range.size,
    root: rootOf(range),
    extensions: [`heads ${hashText(headsRoot)}`, `time ${time}`],
  });

/** The sealer's key as verifiers know it: its name is the origin. */
export const noteKeyOf = (origin: string, key: SigningKey): NoteKey => ({
  kind: 'log',
  name: origin,
  key: importPublic(key.x),
});

const signatureOf = async (text: string, origin: string, key: SigningKey): Promise<NoteSignature> => {
  if (isKeyPair(key)) return signNote(text, origin, key);
  const signature = await signWith(key, Buffer.from(text, 'utf8'));
  return { name: origin, id: noteKeyId(noteKeyOf(origin, key)), signature };
};

/** The signed note of a text that `textOf` made. */
export const signText = async (text: string, origin: string, key: SigningKey): Promise<string> =>
  noteText({ text, signatures: [await signatureOf(text, origin, key)] });

/** A note as a checkpoint; `undefined` for anything else. Signatures are not verified: it only says what was once claimed. */
export const readSigned = (note: string): SignedCheckpoint | undefined => {
  const read = readNote(note);
  const checkpoint = read === undefined ? undefined : readCheckpoint(read.text);
  return read === undefined || checkpoint === undefined ? undefined : { checkpoint, text: read.text, note };
};

/** Whether a note is under our key. */
export const isSignedBy = ({ note }: SignedCheckpoint, origin: string, key: SigningKey): boolean => {
  const read = readNote(note);
  const verdict = read === undefined ? undefined : verifyNote(read, [noteKeyOf(origin, key)]);
  return verdict?.ok === true && verdict.signers.length > 0;
};
