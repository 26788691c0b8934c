// One checkpoint: commit, sign, write down, publish, in this order. It never signs a tree that is smaller than one signed before, or
// another of its size.
import type { StoredMessage } from '@writ/ledger';
import { RuntimeFault, type SealState, type SealStep } from '@writ/runtime';
import { keepLastSigned } from './last-signed.js';
import { isStillThere, type Mark, markMessage } from './mark.js';
import { readSigned, type SignedCheckpoint, signText, textOf } from './notes.js';
import { differs } from './opening.js';
import { rootOfStep } from './seal-tree.js';
import { insist, type Work } from './work.js';

/** Publishes a checkpoint. That it could not be is an alarm; that someone else signs with our key is a refusal. */
export const publish = async (work: Work, { note }: SignedCheckpoint): Promise<void> => {
  try {
    await work.stream.publish(note, work.signed?.checkpoint.size ?? 0);
    work.publishedAt = performance.now();
  } catch (error) {
    if (!(error instanceof RuntimeFault) || error.code === 'WRIT-SEA-004') throw error;
    work.log.error({ event: 'checkpoint.unpublished', code: error.code, why: error.reason });
  }
};

/** Rejects with WRIT-SEA-002 when a message that was sealed is not in the ledger any more: the last one, unless told. */
export const assertSameLedger = (work: Work, mark: Mark | undefined = work.mark): Promise<void> =>
  insist(work, 'look-back', async () => {
    if (mark !== undefined && !(await isStillThere(work.ledger, mark)))
      throw new RuntimeFault('WRIT-SEA-002', `message ${mark.seq} is another than was sealed, or gone`);
  });

const show = async (work: Work, signed: SignedCheckpoint): Promise<void> => {
  await insist(work, 'note', () => work.store.keepNote(signed.checkpoint.size, signed.note));
  await publish(work, signed);
  work.onSigned(signed);
};

const sign = async (work: Work, state: SealState): Promise<void> => {
  const before = work.signed?.checkpoint.size ?? 0;
  const { size } = state.range;
  if (size <= before) throw new RuntimeFault('WRIT-SEA-003', `${before} was signed, ${size} is not more`);
  const note = await signText(textOf(state), work.origin, work.key);
  keepLastSigned(work.dir, note);
  const signed = readSigned(note) as SignedCheckpoint;
  work.signed = signed;
  work.metrics.count('sealed_messages', 'Ledger messages in a signed tree.')(size - before);
  work.metrics.count('checkpoints', 'Checkpoints signed.')();
  work.log.debug({ event: 'checkpoint', seq: size });
  await show(work, signed);
};

/** A tree that was signed before, found again in the ledger; WRIT-SEA-002 when it is another. */
const recognise = ({ ahead, log }: Work, step: SealStep): void => {
  for (let [expected] = ahead; expected?.checkpoint.size === step.state.range.size; [expected] = ahead) {
    const { size, root } = expected.checkpoint;
    if (expected.text !== textOf(step.state))
      throw new RuntimeFault('WRIT-SEA-002', differs(size, root, rootOfStep(step)));
    ahead.shift();
    log.info({ event: 'sealer.recognised', seq: size });
  }
};

const commit = async (work: Work, step: SealStep, message: StoredMessage): Promise<void> => {
  const started = performance.now();
  await assertSameLedger(work);
  await insist(work, 'commit', () => work.store.commit(step));
  work.mark = markMessage(message);
  work.waitingSince = work.tree.pending() === 0 ? undefined : started;
  work.metrics.took('commit', performance.now() - started);
};

/** Seals what has been taken since the last time. */
export const seal = async (work: Work): Promise<void> => {
  if (work.tree.pending() === 0) return;
  const step = work.tree.step();
  await commit(work, step, work.latest as StoredMessage);
  if (work.ahead.length === 0) return sign(work, step.state);
  recognise(work, step);
  if (work.ahead.length === 0 && work.signed !== undefined) await show(work, work.signed);
};

/** What the process that died before left undone: its last note may not be in the database yet, or on the bus. */
export const resume = async (work: Work): Promise<void> => {
  const { ahead, signed, log, tree } = work;
  const to = ahead.at(-1)?.checkpoint.size;
  if (to !== undefined) log.warn({ event: 'sealer.recomputing', seq: tree.size(), to });
  else if (signed !== undefined) await show(work, signed);
};
