// Invariant 4: an intent id gets one decision, whatever happens, and it is the decision on that very intent of that agent.
import { subjects } from '@writ/contracts';
import type { DecisionDocument } from '../folded/actions.js';
import type { View } from '../folded/view.js';
import type { Judged } from '../message.js';
import { type Flaw, flawIf } from './flaw.js';
import { embeddedFrame } from './keys-and-frames.js';

/** The id of the intent that a decision, or anything else about it, belongs to: the first part of the event's id. */
export const intentIdOf = (document: DecisionDocument): string => document.id.split('.')[0] as string;

/** Judges that a decision is the only one on its intent, and that its intent is signed by its agent. */
export const oneDecisionFlaws = (view: View, event: Judged<DecisionDocument>): readonly Flaw[] => {
  const { document } = event;
  const { agent, intentDigest } = document.data;
  const { document: intent, flaws } = embeddedFrame(view, event, 'intent', {
    roles: ['agent'],
    holder: agent,
    subject: () => subjects.intent(agent),
    digest: intentDigest,
  });
  const id = intent?.id ?? String(document.data.intent.signed['id']);
  const named = document.id === `${id}.decision.0` && document.agent === agent;
  const before = view.actions.of(id).effect;
  return [
    ...flaws,
    ...flawIf(!named, 'WRIT-VER-142', 'its id or agent is not that of the intent'),
    ...flawIf(before !== undefined, 'WRIT-VER-141', `the intent was decided before (${before})`),
  ];
};
