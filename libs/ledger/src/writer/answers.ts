// Answering commands once the follower has come far enough. Own events that landed without effect become refusals.
import type { LedgerSeq } from '@writ/contracts';
import type { LedgerItem } from '../event.js';
import type { Command } from './command.js';

type Waiting<S> = {
  /** Answer when the follower has judged this sequence. */
  readonly after: LedgerSeq;
  readonly seqs: readonly LedgerSeq[];
  readonly command: Command<S>;
  readonly answer: () => void;
};

export type Answers<S> = {
  /** `seqs`: the command's own events; `after`: the sequence to wait for, 0 to answer at once. */
  await(waiting: Waiting<S>): void;
  /** Notes how an own event came out that has no effect. */
  noteBad(seq: LedgerSeq, item: LedgerItem): void;
  /** The follower has judged everything of the subject up to here. */
  advance(confirmed: LedgerSeq): void;
};

const describe = (item: LedgerItem): string =>
  item.kind === 'junk'
    ? `${item.junk.code}: ${item.junk.reason}`
    : 'void: the key or the type does not count';

export const createAnswers = <S>(judged: LedgerSeq): Answers<S> => {
  const queue: Waiting<S>[] = [];
  const bad = new Map<LedgerSeq, string>();
  let confirmed = judged;
  const settle = ({ seqs, command, answer }: Waiting<S>): void => {
    const reason = seqs.map((seq) => bad.get(seq)).find((found) => found !== undefined);
    for (const seq of seqs) bad.delete(seq);
    if (reason === undefined) answer();
    else command.settle({ kind: 'refused', code: 'WRIT-LED-008', reason });
  };
  return {
    await: (waiting) => {
      if (waiting.after <= confirmed) settle(waiting);
      else queue.push(waiting);
    },
    noteBad: (seq, item) => void bad.set(seq, describe(item)),
    advance: (position) => {
      confirmed = position;
      for (let next = queue[0]; next !== undefined && next.after <= confirmed; next = queue[0]) {
        queue.shift();
        settle(next);
      }
    },
  };
};
