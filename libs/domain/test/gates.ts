// A gate of the specs: how it is opened, and how people vote at it.
import type { ApprovalGate, Vote } from '@writ/contracts';
import { approvalInitial, decideOpenGate, decideVote, evolveApproval } from '../src/approval/index.js';
import { at, digest, ENV, escalated, following, frameOf, live, nothing, uuid } from './recording.js';

/** The intent that waits at the gate. */
export const INTENT = uuid(1);
const PEOPLE = ['ada', 'ben', 'cyn', 'own'];

const gate = (spec: Partial<ApprovalGate['spec']> = {}): ApprovalGate => ({
  apiVersion: 'writ/v1',
  kind: 'ApprovalGate',
  metadata: { name: 'two-people', scope: ENV },
  spec: {
    type: 'human',
    approvers: { people: [], roles: ['approver'] },
    quorum: 2,
    deadlineSeconds: 600,
    fallback: 'deny',
    excludeOwner: true,
    grantSeconds: 300,
    ...spec,
  },
});

type Opening = {
  spec?: Partial<ApprovalGate['spec']>;
  data?: Readonly<Record<string, unknown>>;
  people?: string[];
};

/** What opens a gate for two of three people within ten minutes. */
export const opening = ({ spec, data, people = ['ada', 'ben', 'cyn', 'own'] }: Opening = {}) => ({
  decision: {
    id: `${INTENT}.decision.0`,
    digest: digest('decision'),
    correlationid: INTENT,
    data: escalated(1, data),
  },
  gate: gate(spec),
  approvers: people,
  excluded: ['own'],
  now: at(0),
});

/** A ledger in which the gate is open. */
export const openedGate = (how: Opening = {}) => {
  const ledger = following(approvalInitial, evolveApproval);
  ledger.tell(decideOpenGate(opening(how), ledger.state).events);
  return ledger;
};

type Voting = {
  choice?: 'approve' | 'reject' | 'abstain';
  more?: object;
  now?: number;
  n?: number;
  still?: string[];
};

/** A vote of a person, one second after the start. */
export const voteOf = (
  person: string,
  { choice = 'approve', more = {}, now = 1000, n, still = PEOPLE }: Voting = {},
) => {
  const number = n ?? 100 + person.charCodeAt(0);
  const data = {
    ...{ environment: ENV, intentId: INTENT, intentDigest: digest('intent1') },
    ...{ boundaryDigest: digest('boundary'), obligedDigest: digest('obliged1'), choice },
    ...{ nonce: 'n'.repeat(22), reason: nothing, expires: at(3_600_000), ...more },
  };
  const vote = live('vote', uuid(number), data) as Vote;
  return {
    vote,
    frame: frameOf(vote),
    digest: digest(`vote${number}`),
    person,
    approversNow: still,
    now: at(now),
  };
};

/** Decides a vote and records what was decided. */
export const cast = (ledger: ReturnType<typeof openedGate>, person: string, how: Voting = {}) => {
  const decision = decideVote(voteOf(person, how), ledger.state);
  ledger.tell(decision.events, how.now ?? 1000);
  return decision.result;
};
