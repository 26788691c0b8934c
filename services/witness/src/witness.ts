// The witness itself: judges, remembers, then cosigns. Everything between the look at its memory and the write is one synchronous step,
// so that of two requests at once the second sees what the first one left.
import { cosignNote, type KeyPair, noteText, signatureLine } from '@writ/crypto';
import type { KnownLog } from './files.js';
import { judge } from './judge.js';
import type { Memory } from './memory.js';
import { readSubmission, type Submission } from './request.js';

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

/** Makes a witness. It does no network. */
export const createWitness = ({ name, pair, logs, memory, now }: WitnessParts): Witness => {
  const known = new Map(logs.map((log) => [log.origin, log]));
  const cosigned = new Map<string, { readonly size: number; readonly note: string }>();
  const cosign = ({ note, checkpoint }: Pick<Submission, 'note' | 'checkpoint'>): string => {
    const signature = cosignNote(note.text, name, pair, Math.floor(now() / SECOND));
    const signatures = [...note.signatures.filter((line) => line.name === checkpoint.origin), signature];
    cosigned.set(checkpoint.origin, {
      size: checkpoint.size,
      note: noteText({ text: note.text, signatures }),
    });
    return signatureLine(signature);
  };
  const add = (body: string): WitnessReply => {
    const submission = readSubmission(body);
    if (submission === undefined) return { status: 400 };
    const { checkpoint, text } = submission;
    const { origin } = checkpoint;
    const judgement = judge(submission, known.get(origin), memory.last(origin)?.checkpoint);
    if (judgement.kind === 'refuse') return { status: judgement.status };
    if (judgement.kind === 'conflict') return { status: 409, size: judgement.size };
    memory.keep(origin, { checkpoint, note: text });
    return { status: 200, body: cosign(submission) };
  };
  const latest = (origin: string): string | undefined => {
    const last = memory.last(origin);
    if (last === undefined) return undefined;
    const ready = cosigned.get(origin);
    if (ready?.size === last.checkpoint.size) return ready.note;
    const submission = readSubmission(`old 0\n\n${last.note}`);
    if (submission === undefined) return undefined;
    cosign(submission);
    return cosigned.get(origin)?.note;
  };
  return { add, latest };
};
