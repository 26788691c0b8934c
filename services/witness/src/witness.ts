// The witness itself: judges, remembers, then cosigns. Everything between the look at its memory and the write is one synchronous step,
// so that of two requests at once the second sees what the first one left.
import {
  cosignNote,
  type KeyPair,
  type Note,
  noteKeyId,
  noteText,
  readNote,
  signatureLine,
} from '@writ/crypto';
import type { KnownLog } from './files.js';
import { judge } from './judge.js';
import type { Memory } from './memory.js';
import { readSubmission } from './request.js';

/** What is sent back. `size` is told with 409. */
export type WitnessReply =
  | { readonly status: 200; readonly body: string }
  | { readonly status: 409; readonly size: number }
  | { readonly status: 400 | 403 | 404 | 422 };

export type WitnessParts = {
  readonly name: string;
  readonly pair: KeyPair;
  readonly logs: readonly KnownLog[];
  readonly memory: Memory;
  /** Wall time, ms. */
  readonly now: () => number;
};

export interface Witness {
  /** One add-checkpoint request. Throws WRIT-WIT-005, and what the disk says: then nothing was cosigned. */
  add(body: string): WitnessReply;
  /** The last checkpoint of an origin with our cosignature; `undefined` when there is none. */
  latest(origin: string): string | undefined;
}

const SECOND = 1_000;

/** The note without what nobody has verified, and each key once. The note has passed `judge`, so what a known key made holds. */
const verifiedOnly = ({ text, signatures }: Note, { keys }: KnownLog): Note => ({
  text,
  signatures: keys.flatMap((key) => {
    const id = noteKeyId(key);
    return signatures.find((line) => line.name === key.name && line.id === id) ?? [];
  }),
});

/** Makes a witness. It does no network. */
export const createWitness = ({ name, pair, logs, memory, now }: WitnessParts): Witness => {
  const known = new Map(logs.map((log) => [log.origin, log]));
  const cosigned = new Map<string, Note>();
  const cosign = (origin: string, { text, signatures }: Note): string => {
    const signature = cosignNote(text, name, pair, Math.floor(now() / SECOND));
    cosigned.set(origin, { text, signatures: [...signatures, signature] });
    return signatureLine(signature);
  };
  const add = (body: string): WitnessReply => {
    const submission = readSubmission(body);
    if (submission === undefined) return { status: 400 };
    const { origin } = submission.checkpoint;
    const log = known.get(origin);
    const judgement = judge(submission, log, memory.last(origin));
    if (judgement.kind === 'refuse') return { status: judgement.status };
    if (judgement.kind === 'conflict') return { status: 409, size: judgement.size };
    const note = verifiedOnly(submission.note, log as KnownLog);
    memory.keep(origin, { checkpoint: submission.checkpoint, text: note.text, note: noteText(note) });
    return { status: 200, body: cosign(origin, note) };
  };
  const latest = (origin: string): string | undefined => {
    const last = memory.last(origin);
    const log = known.get(origin);
    const note = last === undefined ? undefined : readNote(last.note);
    if (note === undefined || log === undefined) return undefined;
    if (cosigned.get(origin)?.text !== note.text) cosign(origin, verifiedOnly(note, log));
    return noteText(cosigned.get(origin) as Note);
  };
  return { add, latest };
};
