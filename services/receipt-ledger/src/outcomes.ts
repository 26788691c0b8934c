// Records what happened: one report per receipt, `unknown` when nobody reports, reconciliation by a person.
import { environmentOf, refused } from '@writ/contracts';
import {
  type AuthorityState,
  decideReconcile,
  decideReport,
  decideUnknown,
  dueUnknown,
  hasRole,
  type OutcomeState,
  type ReceiptView,
  receiptOf,
} from '@writ/domain';
import {
  type Answer,
  keepDisclosures,
  type OpenVault,
  type Plane,
  type Received,
  type StoredFrames,
  type WriterPool,
} from '@writ/runtime';

export type OutcomeDeps = {
  readonly plane: Plane;
  readonly authority: WriterPool<AuthorityState>;
  readonly outcome: WriterPool<OutcomeState>;
  readonly frames: StoredFrames;
  readonly vault: OpenVault;
};

const RECORD_MS = 2_000;

type Done = {
  readonly kind: 'done';
  readonly result: { readonly kind: string; readonly eventId?: string };
  readonly frames: readonly Uint8Array[];
};

const stored = async (frames: StoredFrames, done: Done): Promise<Answer> => {
  const frame = done.frames[0] ?? (await frames.of(done.result.eventId ?? ''));
  return frame === undefined
    ? refused('WRIT-RCP-015', 'the outcome is being recorded')
    : { kind: 'frames', frames: [frame] };
};

/** Answers an outcome report with the stored outcome event. */
export const answerOutcome = async (
  { plane, authority, outcome, frames, vault }: OutcomeDeps,
  message: Received<'outcome-report'>,
): Promise<Answer> => {
  const { document, frame, key, disclosures } = message;
  const about = { scope: document.data.agent, time: document.time };
  const unkept = await keepDisclosures(vault, about, [document.data.result], disclosures);
  if (unkept !== undefined) return unkept;
  const environment = environmentOf(document.data.agent);
  const done = await outcome.of(environment).submit({
    id: document.id,
    deadline: performance.now() + RECORD_MS,
    decide: ({ state }) =>
      decideReport(
        {
          report: document,
          frame,
          asker: { name: key.holder, kid: key.kid },
          receipt: receiptOf(authority.state(environment), document.data.intentId),
          now: plane.timestamp(),
        },
        state,
      ),
  });
  if (done.kind !== 'done') return refused('WRIT-LED-002', done.reason);
  return done.result.kind === 'refused' ? done.result : stored(frames, done as Done);
};

/** Answers an operator's command to reconcile an unknown outcome. */
export const answerReconcile = async (
  { plane, outcome, frames, vault }: OutcomeDeps,
  message: Received<'command'>,
): Promise<Answer> => {
  const { document, frame, key, disclosures } = message;
  const { action } = document.data;
  if (action.do !== 'reconcile') return refused('WRIT-FRM-009', 'not a command for this service');
  const about = { scope: action.environment, time: document.time };
  const unkept = await keepDisclosures(vault, about, [action.reason], disclosures);
  if (unkept !== undefined) return unkept;
  const done = await outcome.of(action.environment).submit({
    id: document.id,
    deadline: performance.now() + RECORD_MS,
    decide: ({ state }) =>
      decideReconcile(
        {
          command: document,
          frame,
          authorised: hasRole(plane.registry(), key.holder, 'operator', action.environment),
          now: plane.timestamp(),
        },
        state,
      ),
  });
  if (done.kind !== 'done') return refused('WRIT-LED-002', done.reason);
  return done.result.kind === 'refused' ? done.result : stored(frames, done as Done);
};

/** Keeps the receipts that wait for a report; `sweep` records `unknown` for those that waited too long. */
export const watchUnreported = ({ plane, outcome }: OutcomeDeps): { sweep(): Promise<void> } => {
  const open = new Map<string, ReceiptView>();
  plane.follower.listen((event) => {
    const { document } = event;
    if (event.void) return;
    if (document.type === 'writ.authority.receipt-issued.v1') {
      const { data } = document;
      open.set(data.intentId, {
        eventId: document.id,
        digest: event.digest,
        intentId: data.intentId,
        agent: data.agent,
        audience: data.audience,
        argsDigest: data.what.argsDigest,
        issued: data.when.issued,
        expires: data.when.expires,
        seq: event.seq,
      });
    } else if (event.family === 'outcome') open.delete((document.data as { intentId: string }).intentId);
  });
  return {
    sweep: async () => {
      const now = plane.timestamp();
      for (const receipt of open.values()) {
        const environment = environmentOf(receipt.agent);
        const [due] = dueUnknown([receipt], outcome.state(environment), now);
        if (due === undefined) continue;
        await outcome.of(environment).submit({
          id: due.intentId,
          deadline: performance.now() + RECORD_MS,
          decide: ({ state }) => decideUnknown({ receipt: due, now: plane.timestamp() }, state),
        });
      }
    },
  };
};
