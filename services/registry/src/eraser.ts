// Carries out ordered erasures, as the vault's eraser: what a crash left half done is finished, what is held is left alone.
import { refused } from '@writ/contracts';
import {
  type Decision,
  decideErased,
  decideRetention,
  type ErasureResult,
  erasedEventId,
  holdOver,
  holdsInForce,
  mayAsk,
  openErasures,
  type RegistryState,
} from '@writ/domain';
import {
  type Answer,
  type OpenEraser,
  type Plane,
  type StoredFrames,
  uuidv7,
  type WriterPool,
} from '@writ/runtime';
import type { CarryOut } from './carry-out.js';
import { type PrivacyAction, readPrivateWords } from './private-words.js';

const RECORD_MS = 3_000;
const SETTLE_MS = 3_000;

export type EraserDeps = {
  readonly plane: Plane;
  readonly writers: WriterPool<RegistryState>;
  readonly frames: StoredFrames;
  readonly vault: OpenEraser;
};

/** Everything that destroys. One thing at a time: a hold that was answered is seen by every erasure after it. */
export interface Eraser {
  /** Orders, holds and lifts by a person's command; an order is carried out before it is answered, where it can be. */
  answer(command: Parameters<CarryOut>, disclosures: readonly string[], carryOut: CarryOut): Promise<Answer>;
  /** Carries out what is open, then orders and carries out what is past its retention. Never throws. */
  sweep(): Promise<void>;
}

type Decide = (state: RegistryState) => Decision<ErasureResult>;

const submit = async ({ plane, writers }: EraserDeps, id: string, decide: Decide) => {
  const done = await writers.of(plane.org).submit({
    id,
    deadline: performance.now() + RECORD_MS,
    decide: ({ state }) => decide(state),
  });
  if (done.kind !== 'done') throw new Error(`not recorded: ${done.code}`);
  return done;
};

/** Everything up to now is folded: no hold that was answered is missed. */
const stateNow = async ({ plane, writers }: EraserDeps): Promise<RegistryState> => {
  if (!(await plane.follower.reached(await plane.ledger.end(), SETTLE_MS)))
    throw new Error('the ledger was not folded in time');
  return writers.state(plane.org);
};

const targetsHeld = (state: RegistryState) => holdsInForce(state).map(({ target }) => target);

/** Carries out one order and records it; undefined where a hold blocks it. Doing it again changes nothing. */
const finish = async (deps: EraserDeps, order: string): Promise<Uint8Array | undefined> => {
  const { plane, vault, frames } = deps;
  const state = await stateNow(deps);
  const open = state.erasures.get(order);
  if (open === undefined) return undefined;
  if (open.done !== undefined) return frames.of(open.done.event);
  if (holdOver(state, open.what) !== undefined) return undefined;
  const outcome = await vault.erase(order, open.what, targetsHeld(state));
  if (outcome.kind === 'held') return undefined;
  const { keys, disclosures } = outcome;
  const done = await submit(deps, `${order}.done`, (now) => decideErased({ order, keys, disclosures }, now));
  plane.log.warn({ event: 'erasure.done', order, keys, disclosures: disclosures.count });
  return done.frames[0] ?? frames.of(erasedEventId(order));
};

const retain = async (deps: EraserDeps): Promise<void> => {
  const state = await stateNow(deps);
  const before = deps.plane.timestamp();
  for (const name of await deps.vault.due(before, targetsHeld(state))) {
    const id = uuidv7();
    const ordered = await submit(deps, id, (now) => decideRetention({ id, class: name, before }, now));
    if (ordered.result.kind !== 'refused') await finish(deps, ordered.result.event);
  }
};

const guarded = (deps: EraserDeps, what: string, work: () => Promise<unknown>): Promise<unknown> =>
  work().catch((error: Error & { code?: string }) => {
    deps.plane.log.error({ event: `${what}.failed`, error: error.name, code: error.code });
    return undefined;
  });

const ask = async (
  deps: EraserDeps,
  [command, frame, author]: Parameters<CarryOut>,
  disclosures: readonly string[],
  carryOut: CarryOut,
): Promise<Answer> => {
  const { plane, vault } = deps;
  const action = command.data.action as PrivacyAction;
  const words = readPrivateWords(action, disclosures);
  if (words.kind === 'refused') return words;
  const name = words.identifier === undefined ? undefined : await vault.subjects.of(words.identifier);
  if (action.do === 'erase') {
    const { target } = action;
    const what = target.kind === 'subject' ? { kind: 'subject' as const, subject: name as string } : target;
    const state = await stateNow(deps);
    // Whether something is held is told to whoever may order its erasure; all others are refused by `carryOut`.
    const may = mayAsk(state, plane.org, author, action) === undefined;
    if (may && (await vault.isHeld(what, targetsHeld(state))))
      return refused('WRIT-ERA-001', 'some of it is under a legal hold');
  }
  const answer = await carryOut(command, frame, author, name);
  if (answer?.kind !== 'frames') return answer;
  await guarded(deps, 'reason', () => vault.keep(plane.org, command.time.slice(0, 7), words.reason));
  if (action.do !== 'erase') return answer;
  const done = await guarded(deps, 'erasure', () => finish(deps, `${command.id}.registry.0`));
  return done instanceof Uint8Array ? { kind: 'frames', frames: [...answer.frames, done] } : answer;
};

/** Makes the eraser. */
export const createEraser = (deps: EraserDeps): Eraser => {
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const next = last.then(work);
    last = next.catch(() => undefined);
    return next;
  };
  const unable = (error: Error & { code?: string }): Answer => {
    deps.plane.log.error({ event: 'eraser.failed', error: error.name, code: error.code });
    return refused('WRIT-ERA-003', 'the vault or the ledger does not answer');
  };
  const pass = async (): Promise<void> => {
    for (const { event } of openErasures(await stateNow(deps))) await finish(deps, event);
    await retain(deps);
  };
  return {
    answer: (command, disclosures, carryOut) =>
      inTurn(() => ask(deps, command, disclosures, carryOut)).catch(unable),
    sweep: async () => void (await inTurn(() => guarded(deps, 'erasures', pass))),
  };
};
