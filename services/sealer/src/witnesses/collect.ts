// Collects cosignatures in rounds, one checkpoint a round, all witnesses at once. Sealing never waits for it. What a witness says
// against our tree is an alarm and never stops the sealing: else one witness could.
import { type NoteSignature, noteText, readNote } from '@writ/crypto';
import { type Log, type Metrics, RuntimeFault, type SealReader, type SealStore } from '@writ/runtime';
import { readSigned, type SignedCheckpoint } from '../notes.js';
import { operatorsOf, type Witness, type WitnessPolicy } from './policy.js';
import { submit, type WitnessAnswer } from './submit.js';

export type CollectorParts = {
  readonly policy: WitnessPolicy;
  readonly reader: SealReader;
  readonly store: SealStore;
  readonly log: Log;
  readonly metrics: Metrics;
  /** The latest signed checkpoint. */
  readonly latest: () => SignedCheckpoint | undefined;
  /** The policy holds for this note; called again when further cosignatures have come. Must not throw. */
  readonly onCosigned: (cosigned: SignedCheckpoint) => Promise<void>;
  /** How long a witness may take, 5 s, and how soon a next round may begin, 1 s. */
  readonly timeoutMs?: number;
  readonly everyMs?: number;
};

export interface Collector {
  /** False once a witness has told of another history than ours. */
  undisputed(): boolean;
  /** Size of the last checkpoint that met the policy. */
  cosignedSize(): number;
  stop(): Promise<void>;
}

/** How often one witness is asked in a round: a guess, its own size, once more after a race. */
const TRIES = 3;

type Round = {
  readonly target: SignedCheckpoint;
  readonly signatures: Map<string, NoteSignature>;
  kept: number;
};

type State = CollectorParts & {
  /** What each witness has last cosigned, as far as is known. */
  readonly sizes: Map<string, number>;
  round: Round | undefined;
  cosignedSize: number;
  disputed: boolean;
};

type Fault = 'WRIT-SEA-020' | 'WRIT-SEA-021' | 'WRIT-SEA-022' | 'WRIT-SEA-023' | 'WRIT-SEA-024';

const report = (state: State, witness: Witness, code: Fault, why: string): void => {
  const grave = code === 'WRIT-SEA-020' || code === 'WRIT-SEA-021';
  state.disputed ||= grave;
  state.metrics.refused(code);
  state.log[grave ? 'fatal' : 'warn']({ event: 'witness', witness: witness.key.name, code, why });
};

const names: { readonly [K in Exclude<WitnessAnswer['kind'], 'cosigned' | 'elsewhere'>]: Fault } = {
  disputed: 'WRIT-SEA-020',
  unknown: 'WRIT-SEA-022',
  failed: 'WRIT-SEA-023',
  invalid: 'WRIT-SEA-024',
};

const wordsOf = (answer: WitnessAnswer): string => {
  if (answer.kind === 'unknown') return `status ${answer.status}`;
  if (answer.kind === 'failed' || answer.kind === 'invalid') return answer.why;
  return 'the consistency proof does not hold there';
};

/** Where the next try begins; `undefined` when there is none. */
const elsewhere = (
  state: State,
  witness: Witness,
  old: number,
  target: number,
  size: number,
): number | undefined => {
  if (size > (state.latest()?.checkpoint.size ?? 0)) {
    report(state, witness, 'WRIT-SEA-021', `it has cosigned size ${size}`);
    return undefined;
  }
  state.sizes.set(witness.key.name, size);
  if (size > target) return undefined;
  if (size === old && size === target) report(state, witness, 'WRIT-SEA-020', `another root at size ${size}`);
  return size === old ? undefined : size;
};

const askOne = async (state: State, witness: Witness, { target, signatures }: Round): Promise<void> => {
  const { name } = witness.key;
  const { size } = target.checkpoint;
  let old: number | undefined = Math.min(state.sizes.get(name) ?? 0, size);
  for (let tries = 0; tries < TRIES && old !== undefined; tries += 1) {
    const proof = await state.reader.consistency(old, size);
    const answer = await submit(witness, target, old, proof, state.timeoutMs ?? 5_000);
    if (answer.kind === 'elsewhere') {
      old = elsewhere(state, witness, old, size, answer.size);
      continue;
    }
    if (answer.kind !== 'cosigned') return report(state, witness, names[answer.kind], wordsOf(answer));
    state.sizes.set(name, size);
    signatures.set(name, answer.signature);
    return;
  }
};

const keep = async (state: State, round: Round): Promise<void> => {
  const { target, signatures } = round;
  if (
    signatures.size === round.kept ||
    operatorsOf(state.policy, new Set(signatures.keys())) < state.policy.threshold
  )
    return;
  round.kept = signatures.size;
  const note = readNote(target.note);
  if (note === undefined) return;
  const cosigned = noteText({ text: note.text, signatures: [...note.signatures, ...signatures.values()] });
  await state.store.keepCosigned(target.checkpoint.size, cosigned);
  state.cosignedSize = Math.max(state.cosignedSize, target.checkpoint.size);
  await state.onCosigned(readSigned(cosigned) as SignedCheckpoint);
};

/** One round: the latest checkpoint, or those witnesses that have not signed it yet. */
const turn = async (state: State): Promise<void> => {
  const target = state.latest();
  if (target === undefined) return;
  if (state.round?.target.checkpoint.size !== target.checkpoint.size)
    state.round = { target, signatures: new Map(), kept: 0 };
  const { round } = state;
  const missing = state.policy.witnesses.filter(({ key }) => !round.signatures.has(key.name));
  const asked = missing.map((witness) => askOne(state, witness, round).then(() => keep(state, round)));
  const failed = (await Promise.allSettled(asked)).find((one) => one.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
};

// A witness that is down should not be asked every second for ever.
const waitAfter = (state: State, quiet: number, everyMs: number): number => {
  const complete = state.round?.signatures.size === state.policy.witnesses.length;
  return complete ? everyMs : Math.min(everyMs * 2 ** Math.min(quiet, 6), 60_000);
};

const hasNews = (state: State): boolean =>
  state.latest()?.checkpoint.size !== state.round?.target.checkpoint.size;

/** Until a next round is worth it: `everyMs` when there is a newer checkpoint, longer and longer when there is none. */
const rest = async (state: State, quiet: number, signal: AbortSignal): Promise<void> => {
  const everyMs = state.everyMs ?? 1_000;
  const began = performance.now();
  const longest = waitAfter(state, quiet, everyMs);
  while (!signal.aborted) {
    await new Promise((resolve) => setTimeout(resolve, Math.min(50, everyMs)));
    const waited = performance.now() - began;
    if (waited >= longest || (waited >= everyMs && hasNews(state))) return;
  }
};

const onRoundFailed = ({ log }: State, error: unknown): void => {
  const { code, name } = error as { readonly code?: string; readonly name: string };
  log.error({ event: 'witness.round', error: error instanceof RuntimeFault ? error.code : (code ?? name) });
};

const run = async (state: State, signal: AbortSignal): Promise<void> => {
  for (let quiet = 0; !signal.aborted; ) {
    const before = state.round?.target.checkpoint.size;
    await turn(state).catch((error: unknown) => onRoundFailed(state, error));
    quiet = state.round?.target.checkpoint.size === before ? quiet + 1 : 0;
    await rest(state, quiet, signal);
  }
};

/** Begins to collect. */
export const startCollector = (parts: CollectorParts): Collector => {
  const abort = new AbortController();
  const state: State = { ...parts, sizes: new Map(), round: undefined, cosignedSize: 0, disputed: false };
  const running = run(state, abort.signal);
  return {
    undisputed: () => !state.disputed,
    cosignedSize: () => state.cosignedSize,
    stop: async () => {
      abort.abort();
      await running;
    },
  };
};
