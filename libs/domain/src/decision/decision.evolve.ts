// Folds decision events of one environment: who was answered, what counts. Forgets by the events' own time.
import type { CommandId, LedgerDocument } from '@writ/contracts';
import { Set as ISet } from 'immutable';
import type { Recorded } from '../recorded.js';
import { record } from './counters.js';
import type { DecisionData } from './decision.input.js';
import {
  type AnsweredIntent,
  bucketOf,
  counterKey,
  type DecisionState,
  DecisionTimes,
} from './decision.state.js';

const EFFECTS = {
  'writ.decision.permitted.v1': 'permit',
  'writ.decision.denied.v1': 'deny',
  'writ.decision.escalated.v1': 'gate',
} as const;

type Verdicts = keyof typeof EFFECTS;
type VerdictEvent = Extract<LedgerDocument, { readonly type: Verdicts }>;

/** Whether an event is the decision on an intent (and not on a plan). */
export const isDecision = (document: LedgerDocument): document is VerdictEvent =>
  Object.hasOwn(EFFECTS, document.type);

/** The effect that a decision event records. */
export const effectOf = (document: VerdictEvent): AnsweredIntent['effect'] => EFFECTS[document.type];

const remember = (state: DecisionState, id: CommandId, intent: AnsweredIntent): DecisionState => ({
  ...state,
  intents: state.intents.set(id, intent),
  reminders: state.reminders.push({ id, at: state.clock + DecisionTimes.rememberMs }),
  answered: state.answered.update(bucketOf(id), ISet<CommandId>(), (ids) => ids.add(id)),
});

const count = (state: DecisionState, data: DecisionData): DecisionState => {
  const limits = Object.keys(data.inputs.counters);
  if (limits.length === 0) return state;
  const counted = state.counted.withMutations((map) => {
    for (const limit of limits) {
      map.update(counterKey(data.agent, limit), (times) => record(times, state.clock));
    }
  });
  return { ...state, counted };
};

/** Looks at what is due: open intents are kept and looked at again, the others forgotten. */
const forget = (state: DecisionState): DecisionState => {
  let { intents, reminders } = state;
  while ((reminders.first()?.at ?? Number.POSITIVE_INFINITY) <= state.clock) {
    const { id } = reminders.first() as { readonly id: CommandId };
    reminders = reminders.shift();
    if ((intents.get(id)?.until ?? 0) > state.clock) {
      reminders = reminders.push({ id, at: state.clock + DecisionTimes.rememberMs });
    } else intents = intents.delete(id);
  }
  return { ...state, intents, reminders, answered: dropBuckets(state) };
};

const dropBuckets = (state: DecisionState): DecisionState['answered'] => {
  const reach = DecisionTimes.sweepReachMs + DecisionTimes.sweepSlackMs;
  const oldest = Math.floor((state.clock - reach) / DecisionTimes.bucketMs);
  const gone = [...state.answered.keys()].filter((bucket) => bucket < oldest);
  return gone.length === 0 ? state.answered : state.answered.deleteAll(gone);
};

/** Folds one admitted, effective event; other events leave the state as it is. Pure. */
export const evolveDecision = (state: DecisionState, rec: Recorded): DecisionState => {
  const event = rec.document;
  if (!isDecision(event)) return state;
  const { data } = event;
  const id = String(data.intent.signed['id']);
  const effect = effectOf(event);
  const now = { ...state, clock: Math.max(state.clock, Date.parse(data.inputs.now)) };
  const intent = {
    digest: data.intentDigest,
    eventId: event.id,
    effect,
    until: effect === 'deny' ? 0 : Date.parse(data.expires),
  };
  const known = remember(now, id, intent);
  return forget(effect === 'deny' ? known : count(known, data));
};
