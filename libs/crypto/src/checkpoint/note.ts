// The C2SP signed note: a text, an empty line, signature lines. Taking one apart proves nothing; that is for `note-keys.ts`.

/** A signature line: the key's name, its 4-byte id, and what the key made. */
export type NoteSignature = { readonly name: string; readonly id: number; readonly signature: Uint8Array };

/** A note taken apart; `text` ends with a line feed. */
export type Note = { readonly text: string; readonly signatures: readonly NoteSignature[] };

const ID_BYTES = 4;
/** The specification asks for at least 16. */
const MAX_SIGNATURES = 64;
const MAX_CHARS = 64 * 1024;
const LINE = /^— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/u;
// biome-ignore lint/suspicious/noControlCharactersInRegex: a note holds none but the line feed
const CONTROL = /[\u0000-\u0009\u000b-\u001f]/;

/** One signature line with its line feed. */
export const signatureLine = ({ name, id, signature }: NoteSignature): string => {
  const bytes = Buffer.alloc(ID_BYTES + signature.length);
  bytes.writeUInt32BE(id);
  bytes.set(signature, ID_BYTES);
  return `— ${name} ${bytes.toString('base64')}\n`;
};

/** Reads one signature line without its line feed; `undefined` unless it is spelled as `signatureLine` spells it. */
export const readSignatureLine = (line: string): NoteSignature | undefined => {
  const [, name, text] = LINE.exec(line) ?? [];
  if (name === undefined || text === undefined) return undefined;
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length <= ID_BYTES || bytes.toString('base64') !== text) return undefined;
  return { name, id: bytes.readUInt32BE(), signature: bytes.subarray(ID_BYTES) };
};

/** The note as it travels. */
export const noteText = ({ text, signatures }: Note): string =>
  `${text}\n${signatures.map(signatureLine).join('')}`;

/** Takes a note apart; `undefined` unless it is exactly one: at most 64 KiB and 64 signatures, no control character. */
export const readNote = (note: string): Note | undefined => {
  const end = note.lastIndexOf('\n\n');
  if (note.length > MAX_CHARS || end < 0 || !note.endsWith('\n') || CONTROL.test(note)) return undefined;
  const lines = note.slice(end + 2, -1).split('\n');
  const signatures = lines.map(readSignatureLine);
  if (lines.length > MAX_SIGNATURES || !note.isWellFormed() || signatures.includes(undefined))
    return undefined;
  return { text: note.slice(0, end + 1), signatures: signatures as NoteSignature[] };
};
