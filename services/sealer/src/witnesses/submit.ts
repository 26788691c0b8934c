// One request to one witness (C2SP tlog-witness, add-checkpoint), and what its answer means. It believes a cosignature only when it
// verifies, and reads at most 64 KiB.
import {
  hashText,
  type NoteSignature,
  readNote,
  readSignatureLine,
  type TreeHash,
  verifyNote,
} from '@writ/crypto';
import type { SignedCheckpoint } from '../notes.js';
import type { Witness } from './policy.js';

/**
 * - `cosigned`: a signature of the witness over exactly this checkpoint.
 * - `elsewhere`: it has last cosigned this size (409); the proof must begin there.
 * - `disputed` (422): it says that our tree does not continue the one it knows.
 * - `unknown` (403, 404): it does not know the ledger or its key.
 * - `failed`: no answer, or none that means anything.
 */
export type WitnessAnswer =
  | { readonly kind: 'cosigned'; readonly signature: NoteSignature }
  | { readonly kind: 'elsewhere'; readonly size: number }
  | { readonly kind: 'disputed' }
  | { readonly kind: 'unknown'; readonly status: number }
  | { readonly kind: 'failed'; readonly why: string }
  | { readonly kind: 'invalid'; readonly why: string };

const MAX_ANSWER = 64 * 1024;
const SIZE = /^(0|[1-9][0-9]{0,15})\n?$/;

/** The body of the request: old size, proof, empty line, checkpoint. */
export const submission = (old: number, proof: readonly TreeHash[], note: string): string =>
  `old ${old}\n${proof.map((hash) => `${hashText(hash)}\n`).join('')}\n${note}`;

const readBounded = async (response: Response): Promise<string> => {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > MAX_ANSWER) throw new Error('the answer is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
};

const cosignatureIn = (
  answer: string,
  { key }: Witness,
  { note }: SignedCheckpoint,
): NoteSignature | undefined => {
  const lines = answer.split('\n').map(readSignatureLine);
  const text = readNote(note)?.text ?? '';
  return lines.find((signature): signature is NoteSignature => {
    if (signature === undefined) return false;
    const verdict = verifyNote({ text, signatures: [signature] }, [key]);
    return verdict.ok && verdict.signers.length === 1;
  });
};

const conflict = (response: Response, text: string): WitnessAnswer => {
  const type = response.headers.get('content-type')?.split(';')[0]?.trim();
  const size = SIZE.exec(text)?.[1];
  if (type !== 'text/x.tlog.size' || size === undefined)
    return { kind: 'invalid', why: '409 without a size' };
  return { kind: 'elsewhere', size: Number(size) };
};

const meaningOf = (
  response: Response,
  text: string,
  witness: Witness,
  signed: SignedCheckpoint,
): WitnessAnswer => {
  const { status } = response;
  if (status === 409) return conflict(response, text);
  if (status === 422) return { kind: 'disputed' };
  if (status === 403 || status === 404) return { kind: 'unknown', status };
  if (status !== 200) return { kind: 'failed', why: `status ${status}` };
  const signature = cosignatureIn(text, witness, signed);
  return signature === undefined
    ? { kind: 'invalid', why: 'no cosignature that verifies' }
    : { kind: 'cosigned', signature };
};

/** Asks once. Never rejects. */
export const submit = async (
  witness: Witness,
  signed: SignedCheckpoint,
  old: number,
  proof: readonly TreeHash[],
  timeoutMs: number,
): Promise<WitnessAnswer> => {
  try {
    const response = await fetch(`${witness.url}/add-checkpoint`, {
      method: 'POST',
      body: submission(old, proof, signed.note),
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    return meaningOf(response, await readBounded(response), witness, signed);
  } catch (error) {
    return { kind: 'failed', why: (error as Error).name };
  }
};
