// GOV_CHECKPOINTS as the sealer uses it: publishes notes, and reads what was published before. It believes no message that is no note.
import type { Ledger } from '@writ/ledger';
import { RuntimeFault } from '@writ/runtime';
import { readSigned, type SignedCheckpoint } from './notes.js';

/** `subject` is `gov.checkpoint.<org>`, `stream` the stream GOV_CHECKPOINTS. */
export interface CheckpointStream {
  /** The published checkpoint of this origin with the largest size; `undefined` when there is none. */
  largest(): Promise<SignedCheckpoint | undefined>;
  /**
   * Publishes a note and waits until it is stored, 5 s at most (WRIT-SEA-008). `signedSize`: the largest that we have signed; a note of
   * this origin that is larger was signed by another sealer with our key (WRIT-SEA-004).
   */
  publish(note: string, signedSize: number): Promise<void>;
}

/** Junk may stand between the notes: how far is looked back. */
const LOOK_BACK = 64;
const PUBLISH_MS = 5_000;
const AGAIN_MS = 50;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export const openCheckpointStream = (stream: Ledger, subject: string, origin: string): CheckpointStream => {
  let last = 0;

  const notesAfter = async (after: number): Promise<readonly SignedCheckpoint[]> => {
    const notes: SignedCheckpoint[] = [];
    for await (const { bytes } of stream.load(subject, after)) {
      const signed = readSigned(Buffer.from(bytes).toString('utf8'));
      if (signed?.checkpoint.origin === origin) notes.push(signed);
    }
    return notes;
  };

  /** What others, or an attempt of ours whose answer was lost, have published since. */
  const look = async (note: string, signedSize: number): Promise<boolean> => {
    const end = await stream.lastOf(subject);
    const notes = await notesAfter(last);
    last = end;
    const foreign = notes.find(({ checkpoint }) => checkpoint.size > signedSize);
    if (foreign !== undefined)
      throw new RuntimeFault(
        'WRIT-SEA-004',
        `size ${foreign.checkpoint.size} was published, ours is ${signedSize}`,
      );
    return notes.some((published) => published.note === note);
  };

  const attempt = async (note: string, signedSize: number): Promise<boolean> => {
    const messages = [{ id: `checkpoint ${signedSize}`, bytes: Buffer.from(note, 'utf8') }];
    const outcome = await stream.append({ subject, expected: last, messages });
    if (outcome.kind === 'refused')
      throw new RuntimeFault('WRIT-SEA-008', `${outcome.code} ${outcome.reason}`);
    if (outcome.kind === 'stored') last = outcome.seqs[0] as number;
    if (outcome.kind === 'conflict' || outcome.kind === 'ambiguous')
      return look(note, signedSize).catch((error: unknown) => {
        if (error instanceof RuntimeFault) throw error;
        return false;
      });
    return outcome.kind === 'stored';
  };

  return {
    largest: async () => {
      last = await stream.lastOf(subject);
      for (let before = last; before > 0; before -= LOOK_BACK) {
        const notes = await notesAfter(Math.max(0, before - LOOK_BACK));
        const [largest] = notes.toSorted((a, b) => b.checkpoint.size - a.checkpoint.size);
        if (largest !== undefined) return largest;
      }
      return undefined;
    },
    publish: async (note, signedSize) => {
      const end = performance.now() + PUBLISH_MS;
      while (!(await attempt(note, signedSize))) {
        if (performance.now() > end) throw new RuntimeFault('WRIT-SEA-008', 'no acknowledgement in 5 s');
        await pause(AGAIN_MS);
      }
    },
  };
};
