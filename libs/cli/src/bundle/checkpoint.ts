// Owns fetching checkpoints: from a file, or the latest one from the read model. It verifies none.
import { readFileSync } from 'node:fs';
import { fault } from '../fault.js';
import { openApi } from '../reading/api.js';

/** The signed note of a file, or of `latest`. WRIT-CLI-002: the file cannot be read; WRIT-CLI-005: nobody has one. */
export async function readCheckpointNote(from: string, home: string): Promise<string> {
  if (from === 'latest')
    return (await latestCheckpoint(home)) ?? fault('WRIT-CLI-005', 'there is no checkpoint to be had');
  try {
    return readFileSync(from, 'utf8');
  } catch {
    return fault('WRIT-CLI-002', `${from} cannot be read`);
  }
}

type Answer = {
  readonly latest: { readonly note: string };
  readonly witnessed: { readonly note: string } | null;
};

/**
 * The checkpoint that the read model shows: the last one that enough witnesses have cosigned, where there are witnesses, else the last
 * signed one. `undefined` when there is none, or nobody to ask.
 */
export async function latestCheckpoint(home: string): Promise<string | undefined> {
  const answer = await openApi(home)
    ?.get<Answer>('/v1/checkpoint')
    .catch(() => undefined);
  return answer === undefined ? undefined : (answer.witnessed ?? answer.latest).note;
}

const SEAL_MS = 3_000;
const LOOK_MS = 100;

/** How many messages a checkpoint is of: the second line of the note. */
const sizeIn = (note: string): number => Number(note.split('\n')[1]);

/** The latest checkpoint, once it covers `end`: the sealer signs within about a second. After 3 s the latest that there is. */
export async function sealedUpTo(home: string, end: number): Promise<string | undefined> {
  const until = performance.now() + SEAL_MS;
  for (;;) {
    const note = await latestCheckpoint(home);
    const over = note === undefined || sizeIn(note) >= end || performance.now() > until;
    if (over) return note;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
