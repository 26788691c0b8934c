// All heads of one ledger as they move, message by message. Memory grows with subjects and agents, not with messages.
import type { AgentScope } from '@writ/contracts';
import type { TreeHash } from '../merkle/hash.js';
import { EMPTY_HEAD, headLeafName, headNamesOf, type NamedHead, nextHead } from './heads.js';

/** The heads of a ledger that is being read in order. */
export interface RunningHeads {
  /** The next message: its subject, the agent that it names (`messageAgent`), its sequence, the hash of its leaf. */
  take(subject: string, agent: AgentScope | undefined, seq: number, leaf: TreeHash): void;
  /** Every head as of now. */
  all(): readonly NamedHead[];
}

/** Begins before the first message, or with heads that were kept. */
export const createHeads = (kept: Iterable<NamedHead> = []): RunningHeads => {
  const heads = new Map<string, NamedHead>();
  const keyOf = ({ name }: Pick<NamedHead, 'name'>): string => `${headLeafName(name)}\n${name.subject}`;
  for (const head of kept) heads.set(keyOf(head), head);
  return {
    take: (subject, agent, seq, leaf) => {
      for (const name of headNamesOf(subject, agent)) {
        const key = keyOf({ name });
        heads.set(key, { name, ...nextHead(heads.get(key) ?? EMPTY_HEAD, seq, leaf) });
      }
    },
    all: () => [...heads.values()],
  };
};
