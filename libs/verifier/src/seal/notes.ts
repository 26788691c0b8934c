// Reads checkpoints and says who signed them. Which tree they must name is not decided here.
import type { Kid } from '@writ/contracts';
import {
  type Checkpoint,
  importPublic,
  type Note,
  type NoteKey,
  readCheckpoint,
  readNote,
  verifyNote,
} from '@writ/crypto';
import { keyStandingAt, type RegistryKey, type RegistryState } from '@writ/domain';
import type { Cosignature, Witnesses } from './witnesses.js';

/** A signed checkpoint taken apart; nothing is verified. */
export type SignedCheckpoint = { readonly note: Note; readonly checkpoint: Checkpoint };

/** Takes a signed checkpoint apart; `undefined` unless it is exactly one. */
export const readSignedCheckpoint = (text: string): SignedCheckpoint | undefined => {
  const note = readNote(text);
  const checkpoint = note === undefined ? undefined : readCheckpoint(note.text);
  return note === undefined || checkpoint === undefined ? undefined : { note, checkpoint };
};

/** Who signed: `sealer` the certified key, `bad` the name of a known key whose signature does not verify. */
export type Signers = {
  readonly sealer: Kid | undefined;
  readonly witnesses: readonly Cosignature[];
  readonly bad: string | undefined;
};

/** Whether a sealer's key counted for a tree of this size: what lands next would be at `size + 1`. */
const sealsAt = (key: RegistryKey, size: number): boolean =>
  key.role === 'sealer' && keyStandingAt(key, size + 1) === 'valid';

const noteKeyOf = (key: RegistryKey, name: string): readonly NoteKey[] => {
  try {
    const imported = importPublic(key.x);
    return imported.kid === key.kid ? [{ kind: 'log', name, key: imported }] : [];
  } catch {
    return [];
  }
};

/** Verifies the signatures of a checkpoint under the sealer's keys that the registry gives there, and the policy's witnesses. */
export const signersOf = (
  { note, checkpoint }: SignedCheckpoint,
  registry: RegistryState,
  witnesses: Witnesses,
): Signers => {
  const sealers = [...registry.keys.values()].filter((key) => sealsAt(key, checkpoint.size));
  const sealerKeys = sealers.flatMap((key) => noteKeyOf(key, checkpoint.origin));
  const verdict = verifyNote(note, [...sealerKeys, ...witnesses.keys]);
  if (!verdict.ok) return { sealer: undefined, witnesses: [], bad: verdict.bad.name };
  const sealer = verdict.signers.find(({ key }) => key.kind === 'log');
  const cosigned = verdict.signers.filter(({ key }) => key.kind === 'witness');
  return {
    sealer: sealer?.key.key.kid,
    witnesses: cosigned.map(({ key, at = 0 }) => ({
      name: key.name,
      operator: witnesses.operatorOf(key),
      at: timeOf(at),
    })),
    bad: undefined,
  };
};

/** The largest time that a date can hold, s. */
const LATEST = 8_640_000_000_000;

const timeOf = (seconds: number): string => new Date(Math.min(seconds, LATEST) * 1000).toISOString();
