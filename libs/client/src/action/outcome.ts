// Reports what happened, as executor or as verifier, until the plane has recorded it. Reporting is allowed while halted.
import { type Effect, type Refused, refused, subjects } from '@writ/contracts';
import { commit, splitFrames } from '@writ/crypto';
import { timestamp } from '../clock.js';
import { messageOf, notSigned, signLive } from '../documents.js';
import type { GateKeeper } from '../gate/keeper.js';
import type { Session } from '../session.js';
import type { Args } from '../types.js';
import { answer, askUntil, claimedType, distrusted, type Reading, readRefusal } from './ask.js';

/** Times are plane time, epoch ms. `errorCode` is a short code, never a message. */
export type OutcomeInput = {
  readonly intentId: string;
  readonly agent: string;
  readonly receipt: string;
  readonly as: 'executor' | 'verifier';
  readonly status: 'succeeded' | 'failed';
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly effects: readonly Effect[];
  readonly result?: Args | undefined;
  readonly errorCode?: string | undefined;
};

export type OutcomeRecorded = { readonly kind: 'recorded'; readonly event: string | null };

const OUTCOMES = [
  'writ.outcome.succeeded.v1',
  'writ.outcome.failed.v1',
  'writ.outcome.verified.v1',
  'writ.outcome.contradicted.v1',
] as const;
const TIMEOUT_MS = 60_000;

/** Sends one report, the same bytes until answered. WRIT-RCP-012 (recorded already) counts as recorded. */
export const reportOutcome = async (
  session: Session,
  keeper: GateKeeper,
  outcome: OutcomeInput,
): Promise<OutcomeRecorded | Refused> => {
  const { scope } = session.credentials;
  const subject = subjects.outcome(scope);
  const result = commit({ ...outcome.result });
  const { intentId, agent, receipt, as, status } = outcome;
  const data = {
    ...{ intentId, agent, receipt, as, status },
    startedAt: timestamp(outcome.startedAt),
    finishedAt: timestamp(outcome.finishedAt),
    effects: outcome.effects.slice(0, 64),
    result: result.committed,
    ...(outcome.errorCode === undefined ? {} : { errorCode: outcome.errorCode.slice(0, 64) }),
  };
  const at = keeper.planeTime();
  const report = await signLive('outcome-report', session.signing, subject, at, data).catch(notSigned);
  if ('code' in report) return report;
  const message = messageOf(report, result.disclosures);
  const read = (reply: Uint8Array) => readReply(session, reply, subject, report.id, intentId);
  return askUntil<OutcomeRecorded | Refused>(session, keeper, {
    subject,
    message,
    timeoutMs: TIMEOUT_MS,
    read,
  });
};

const readReply = (
  session: Session,
  reply: Uint8Array,
  subject: string,
  reportId: string,
  intentId: string,
): Reading<OutcomeRecorded | Refused> => {
  const [first] = splitFrames(reply);
  if (first === undefined) return answer(refused('WRIT-ENF-008', 'an empty answer'));
  if (claimedType(first) === 'writ.refusal.v1') {
    const reading = readRefusal(session, first, subject, 'receipt-ledger', reportId);
    const already = reading.kind === 'answer' && reading.value.code === 'WRIT-RCP-012';
    return already ? answer({ kind: 'recorded', event: null }) : reading;
  }
  const recorded = session.trust.fact(OUTCOMES, first, session.signers.outcome);
  if (!recorded.ok) return distrusted(recorded);
  if (recorded.document.data.intentId !== intentId) return answer(refused('WRIT-ENF-004', 'another outcome'));
  return answer({ kind: 'recorded', event: recorded.document.id });
};
