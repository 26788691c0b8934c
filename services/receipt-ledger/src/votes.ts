// The recorded votes of each gate, each verified here and read from the person's own signed words. Counts nothing.
import { type CommandId, type LedgerDocument, type LedgerSeq, subjects, Vote } from '@writ/contracts';
import type { LedgerEvent } from '@writ/ledger';
import type { Plane } from '@writ/runtime';
import { signedBy } from './signed-by.js';

type VotedData = Extract<LedgerDocument, { type: 'writ.approval.voted.v1' }>['data'];

/**
 * A vote as recorded (`said`) and as signed (`vote`; absent where the frame holds none). `signed` is `undefined` while the
 * signature is being verified.
 */
export type RecordedVote = {
  readonly seq: LedgerSeq;
  /** Server time of the event. */
  readonly time: string;
  readonly kid: string;
  readonly said: Pick<VotedData, 'intentId' | 'intentDigest' | 'person' | 'choice'>;
  readonly vote: Vote['data'] | undefined;
  readonly signed: boolean | undefined;
};

export interface Votes {
  take(event: LedgerEvent): void;
  /** Resolves when every vote recorded so far at this gate has been verified. */
  settled(intentId: CommandId): Promise<void>;
  /** In ledger order. */
  of(intentId: CommandId): readonly RecordedVote[];
}

type Held = { signed: boolean | undefined } & Omit<RecordedVote, 'signed'>;
type Ballots = { readonly votes: Held[]; readonly verifying: Promise<void>[] };

/** At most this many gates are held, and votes at one gate: no gate has more approvers. What is beyond does not count. */
const KEEP_GATES = 100_000;
const KEEP_VOTES = 256;

/** Follows `approval.voted`; give it every event that is not void. */
export const followVotes = (plane: Pick<Plane, 'registry' | 'org'>): Votes => {
  const known = new Map<CommandId, Ballots>();
  const ballotsOf = (intentId: CommandId): Ballots => {
    const ballots = known.get(intentId) ?? { votes: [], verifying: [] };
    known.set(intentId, ballots);
    if (known.size > KEEP_GATES) known.delete(known.keys().next().value as string);
    return ballots;
  };
  return {
    take: ({ document, seq, time }) => {
      if (document.type !== 'writ.approval.voted.v1') return;
      const { vote: frame, voteDigest: digest, ...said } = document.data;
      const { votes, verifying } = ballotsOf(said.intentId);
      if (votes.length >= KEEP_VOTES) return;
      const parsed = Vote.safeParse(frame.signed);
      const own = parsed.success && parsed.data.subject === subjects.vote(plane.org, said.person);
      const held: Held = {
        ...{ seq, time, kid: frame.kid, said, signed: undefined },
        vote: own ? parsed.data.data : undefined,
      };
      votes.push(held);
      const claim = { kind: 'vote', frame, digest, role: 'person', holder: said.person } as const;
      verifying.push(
        signedBy(plane, claim).then((signed) => {
          held.signed = signed;
        }),
      );
    },
    settled: async (intentId) => void (await Promise.all(known.get(intentId)?.verifying ?? [])),
    of: (intentId) => known.get(intentId)?.votes ?? [],
  };
};
