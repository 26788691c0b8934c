// The body of add-checkpoint taken apart: old size, consistency proof, checkpoint. It verifies nothing.
import { type Checkpoint, type Note, readCheckpoint, readHash, readNote, type TreeHash } from '@writ/crypto';

/** A request as C2SP tlog-witness spells it. */
export type Submission = {
  readonly old: number;
  readonly proof: readonly TreeHash[];
  readonly note: Note;
  readonly checkpoint: Checkpoint;
};

const OLD = /^old (0|[1-9][0-9]{0,15})$/;
const MAX_PROOF = 63;

/** `undefined` unless the body is exactly one request. */
export const readSubmission = (body: string): Submission | undefined => {
  const end = body.indexOf('\n\n');
  if (end < 0) return undefined;
  const [first, ...lines] = body.slice(0, end).split('\n');
  const old = Number(OLD.exec(first ?? '')?.[1] ?? Number.NaN);
  const proof = lines.map(readHash);
  const note = readNote(body.slice(end + 2));
  const checkpoint = note === undefined ? undefined : readCheckpoint(note.text);
  if (!Number.isSafeInteger(old) || lines.length > MAX_PROOF || proof.includes(undefined)) return undefined;
  if (note === undefined || checkpoint === undefined) return undefined;
  return { old, proof: proof as TreeHash[], note, checkpoint };
};
