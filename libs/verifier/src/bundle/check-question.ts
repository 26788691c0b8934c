// Whether the messages of a bundle are those that its question asks for: none too many, none left out.
import type { LedgerSeq } from '@writ/contracts';
import { type Checkpoint, createHeads, extensionOf, readHash } from '@writ/crypto';
import type { VerifierCode } from '../codes.js';
import type { Prepared } from '../frames/prepare.js';
import { headFault, leavesHold, requiredHead, type ShownHeads } from './heads-file.js';
import type { Candidate, Question } from './query.js';

/** What does not fit. */
export type QuestionFault = { readonly seq: LedgerSeq; readonly code: VerifierCode; readonly reason: string };

/** Checks messages against a question, in order. */
export interface QuestionCheck {
  take(prepared: Prepared): void;
  end(heads: ShownHeads | undefined): readonly QuestionFault[];
}

/** The correlation of a message's document, when its signature holds. */
const correlationOf = ({ opened }: Prepared): string | undefined => {
  const correlation = opened.ok ? opened.document['correlationid'] : undefined;
  return typeof correlation === 'string' ? correlation : undefined;
};

/** A prepared message as a question looks at it. */
export const candidateOf = (prepared: Prepared): Candidate => ({
  seq: prepared.message.seq,
  subject: prepared.message.subject,
  agent: prepared.agent,
  correlation: correlationOf(prepared),
});

const headFaults = (
  question: Question,
  checkpoint: Checkpoint,
  shown: ShownHeads | undefined,
  all: ReturnType<ReturnType<typeof createHeads>['all']>,
): readonly QuestionFault[] => {
  const stated = extensionOf(checkpoint, 'heads');
  const root = stated === undefined ? undefined : readHash(stated);
  if (shown === undefined || root === undefined || !leavesHold(shown, root)) {
    const reason = root === undefined ? 'the checkpoint states no heads' : 'heads.json does not lead to it';
    return [{ seq: 0, code: 'WRIT-VER-226', reason }];
  }
  return question.heads.flatMap((name) => {
    const reason = headFault(shown, requiredHead(name, all));
    return reason === undefined ? [] : [{ seq: 0, code: 'WRIT-VER-225' as const, reason }];
  });
};

/** Creates the check of a question that was put to the tree of a checkpoint. */
export const checkQuestion = (question: Question, checkpoint: Checkpoint): QuestionCheck => {
  const heads = createHeads();
  const missing = new Set(question.drawn);
  const drawnCorrelations = new Set<string>();
  const related: Candidate[] = [];
  const faults: QuestionFault[] = [];
  const unasked = ({ seq, subject }: Candidate): void =>
    void faults.push({ seq, code: 'WRIT-VER-227', reason: `message ${seq} on ${subject}` });
  return {
    take: (prepared) => {
      const candidate = candidateOf(prepared);
      const { seq, subject, agent, correlation } = candidate;
      heads.take(subject, agent, seq, prepared.leaf);
      if (missing.delete(seq) && correlation !== undefined) drawnCorrelations.add(correlation);
      const belongs = seq > checkpoint.size ? 'no' : question.belongs(candidate);
      if (belongs === 'no') unasked(candidate);
      if (belongs === 'related') related.push(candidate);
    },
    end: (shown) => {
      for (const candidate of related) {
        if (!drawnCorrelations.has(candidate.correlation ?? '')) unasked(candidate);
      }
      const [left] = missing;
      const short = {
        seq: left ?? 0,
        code: 'WRIT-VER-228',
        reason: `${missing.size} drawn messages are not here`,
      } as const;
      return [
        ...faults,
        ...(left === undefined ? [] : [short]),
        ...headFaults(question, checkpoint, shown, heads.all()),
      ];
    },
  };
};
