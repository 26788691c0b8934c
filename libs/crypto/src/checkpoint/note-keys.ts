// Who may sign a note and how: the log's plain Ed25519 signature and a witness's timestamped cosignature (C2SP signed-note, tlog-cosignature).
import { createHash } from 'node:crypto';
import { toBase64url } from '../base64url.js';
import { importPublic, type KeyPair, type PublicKey } from '../keys.js';
import { signBytes, verifyStrict } from '../strict.js';
import type { Note, NoteSignature } from './note.js';

/** What a key signs: a log its text, a witness the text after two lines that say what and when. */
export type NoteKeyKind = 'log' | 'witness';

/** A key that a verifier has been given, under the name that it signs with. */
export type NoteKey = { readonly kind: NoteKeyKind; readonly name: string; readonly key: PublicKey };

/** A verified signature; `at` is a witness's own time, in seconds since 1970. */
export type NoteSigner = { readonly key: NoteKey; readonly at?: number };

/** `bad`: a known key's signature does not hold, and so the whole note is refused. */
export type NoteVerdict =
  | { readonly ok: true; readonly signers: readonly NoteSigner[] }
  | { readonly ok: false; readonly bad: NoteKey };

const TYPE: { readonly [K in NoteKeyKind]: number } = { log: 0x01, witness: 0x04 };
const TIME_BYTES = 8;
const NAME = /^[^\s+]+$/u;

/** SHA-256(name || LF || type || public key), its first 4 bytes. */
export const noteKeyId = ({ kind, name, key }: NoteKey): number =>
  createHash('sha256')
    .update(`${name}\n`)
    .update(Uint8Array.of(TYPE[kind]))
    .update(key.raw)
    .digest()
    .readUInt32BE();

/** The key as people exchange it: `<name>+<id in hex>+<base64 of type and key>`. */
export const verifierKey = (noteKey: NoteKey): string => {
  const id = noteKeyId(noteKey).toString(16).padStart(8, '0');
  const material = Buffer.concat([Uint8Array.of(TYPE[noteKey.kind]), noteKey.key.raw]);
  return `${noteKey.name}+${id}+${material.toString('base64')}`;
};

/** Reads `verifierKey`; `undefined` unless it is exactly one, its id included. */
export const readVerifierKey = (text: string): NoteKey | undefined => {
  const [name, , ...rest] = text.split('+');
  const material = Buffer.from(rest.join('+'), 'base64');
  const kind = (['log', 'witness'] as const).find((candidate) => TYPE[candidate] === material[0]);
  if (name === undefined || !NAME.test(name) || kind === undefined || material.length !== 33)
    return undefined;
  try {
    const noteKey: NoteKey = { kind, name, key: importPublic(toBase64url(material.subarray(1))) };
    return verifierKey(noteKey) === text ? noteKey : undefined;
  } catch {
    return undefined;
  }
};

const cosigned = (text: string, at: number): Uint8Array =>
  Buffer.from(`cosignature/v1\ntime ${at}\n${text}`, 'utf8');

/** The log's signature over a text. RangeError for a name that a note cannot hold. */
export const signNote = (text: string, name: string, pair: KeyPair): NoteSignature => {
  if (!NAME.test(name)) throw new RangeError('a key name has neither white space nor plus');
  const id = noteKeyId({ kind: 'log', name, key: pair });
  return { name, id, signature: signBytes(pair, Buffer.from(text, 'utf8')) };
};

/** A witness's cosignature at `at`, seconds since 1970. RangeError for a name that a note cannot hold. */
export const cosignNote = (text: string, name: string, pair: KeyPair, at: number): NoteSignature => {
  if (!NAME.test(name)) throw new RangeError('a key name has neither white space nor plus');
  const time = Buffer.alloc(TIME_BYTES);
  time.writeBigUInt64BE(BigInt(at));
  const id = noteKeyId({ kind: 'witness', name, key: pair });
  return { name, id, signature: Buffer.concat([time, signBytes(pair, cosigned(text, at))]) };
};

const verifyCosignature = (key: PublicKey, text: string, signature: Uint8Array): number | undefined => {
  if (signature.length !== TIME_BYTES + 64) return undefined;
  const at = Buffer.from(signature).readBigUInt64BE();
  if (at > BigInt(Number.MAX_SAFE_INTEGER)) return undefined;
  const seconds = Number(at);
  return verifyStrict(key, cosigned(text, seconds), signature.subarray(TIME_BYTES)) ? seconds : undefined;
};

const verifyOne = (noteKey: NoteKey, text: string, signature: Uint8Array): NoteSigner | undefined => {
  if (noteKey.kind === 'log') {
    const holds = signature.length === 64 && verifyStrict(noteKey.key, Buffer.from(text, 'utf8'), signature);
    return holds ? { key: noteKey } : undefined;
  }
  const at = verifyCosignature(noteKey.key, text, signature);
  return at === undefined ? undefined : { key: noteKey, at };
};

/** Which of the given keys signed a note. Unknown keys are passed over; a bad signature of a known one refuses the note. */
export const verifyNote = (note: Note, keys: readonly NoteKey[]): NoteVerdict => {
  const signers: NoteSigner[] = [];
  for (const { name, id, signature } of note.signatures) {
    const noteKey = keys.find((known) => known.name === name && noteKeyId(known) === id);
    if (noteKey === undefined) continue;
    const signer = verifyOne(noteKey, note.text, signature);
    if (signer === undefined) return { ok: false, bad: noteKey };
    signers.push(signer);
  }
  return { ok: true, signers };
};
