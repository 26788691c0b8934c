// Invariants 6 and 11 for what people command about conduct and what agents say about halts: their own signatures.
import {
  type ConductEvent,
  environmentOf,
  IntakesOf,
  type PreserveRequest,
  type StopEvent,
  subjects,
} from '@writ/contracts';
import { canonicalize } from '@writ/crypto';
import { environmentIn, type View } from '../folded/view.js';
import type { Judged } from '../message.js';
import { commandFlaws } from './commands-work-once.js';
import { type Flaw, flawIf } from './flaw.js';
import { embeddedFrame } from './keys-and-frames.js';

type Conduct<T extends ConductEvent['type']> = Judged<Extract<ConductEvent, { readonly type: T }>>;

/** A flag for an id used twice: the second intent is the agent's own, and not the one that was decided under the id. */
const reuseFlaws = (view: View, event: Conduct<'writ.conduct.flagged.v1'>): readonly Flaw[] => {
  const { agent, detector, events } = event.document.data;
  if (detector !== 'intent-id-reused') return [];
  const expected = { roles: ['agent'], holder: agent, subject: subjects.intent } as const;
  const { document: intent, flaws } = embeddedFrame(view, event, 'intent', expected);
  if (intent === undefined) return flaws;
  const [decision = ''] = events;
  const known = environmentIn(view, event.scope).decision.intents.get(intent.id);
  const decided = view.actions.usable(intent.id)?.document.data.agent;
  const other = known !== undefined && known.eventId !== decision;
  const foreign = decided !== undefined && decided !== agent;
  const unnamed = decision.split('.')[0] !== intent.id;
  const frame = event.embedded.get('intent');
  const same = known !== undefined && frame?.ok === true && frame.digest === known.digest;
  return [
    ...flaws,
    ...flawIf(other || foreign || unnamed, 'WRIT-VER-164', 'the decision that it names is not on that id'),
    ...flawIf(same, 'WRIT-VER-164', 'it is the very intent that was decided'),
  ];
};

/** A flood: the service that shed it says the same under its own key, and can have shed it. */
const floodFlaws = (view: View, event: Conduct<'writ.conduct.flood-shed.v1'>): readonly Flaw[] => {
  const { service, report: _, ...shed } = event.document.data;
  const subject = () => subjects.report(view.org, service);
  const expected = { roles: [service], holder: service, subject };
  const { document, flaws } = embeddedFrame(view, event, 'conduct-report', expected, 'report');
  const said = canonicalize({ about: 'flood', ...shed } as never);
  const other = document !== undefined && canonicalize(document.data as never) !== said;
  const foreign = !IntakesOf[service].includes(shed.kind);
  return [
    ...flaws,
    ...flawIf(other, 'WRIT-VER-164', 'the signed report says something else'),
    ...flawIf(foreign, 'WRIT-VER-164', `${service} does not answer ${shed.kind}`),
  ];
};

/** Judges what services reported, and a change of containment or autonomy that a person commanded; the rest follows by rule. */
export const conductFlaws = (view: View, event: Judged<ConductEvent>): readonly Flaw[] => {
  const { document } = event;
  if (document.type === 'writ.conduct.flagged.v1') return reuseFlaws(view, { ...event, document });
  if (document.type === 'writ.conduct.flood-shed.v1') return floodFlaws(view, { ...event, document });
  const moved =
    document.type === 'writ.conduct.autonomy-promoted.v1' ||
    document.type === 'writ.conduct.autonomy-demoted.v1';
  const contained = document.type === 'writ.conduct.containment-changed.v1';
  if (!moved && !contained) return [];
  const { agent, to, command } = document.data;
  const needed = moved
    ? document.type === 'writ.conduct.autonomy-promoted.v1'
    : document.data.cause === 'command';
  if (command === undefined) {
    return flawIf(needed, 'WRIT-VER-194', 'nobody commanded it');
  }
  return commandFlaws(view, event, {
    service: 'anomaly-detector',
    role: 'operator',
    scope: agent,
    asks: (action) =>
      moved
        ? action.do === 'set-autonomy' && action.agent === agent && action.step === to
        : action.do === 'set-containment' && action.agent === agent && action.level === to,
  }).flaws;
};

const ASKERS = ['agent', 'enforcement-point'] as const;

const speaksFor = (
  key: { readonly role: string; readonly holder: string } | undefined,
  agent: string,
): boolean =>
  key === undefined ||
  (key.role === 'agent' ? key.holder === agent : environmentOf(key.holder) === environmentOf(agent));

const acknowledgedFlaws = (
  view: View,
  event: Judged<Extract<StopEvent, { readonly type: 'writ.stop.acknowledged.v1' }>>,
): readonly Flaw[] => {
  const { agent, halts, state, aborted } = event.document.data;
  const expected = { roles: ASKERS, subject: (holder: string) => subjects.ack(holder) };
  const { document: ack, key, flaws } = embeddedFrame(view, event, 'ack', expected);
  const same =
    ack === undefined ||
    (ack.data.agent === agent &&
      ack.data.state === state &&
      ack.data.aborted === aborted &&
      halts.every((halt) => ack.data.halts.includes(halt)));
  return [
    ...flaws,
    ...flawIf(!same, 'WRIT-VER-164', 'the signed acknowledgement says something else'),
    ...flawIf(!speaksFor(key, agent), 'WRIT-VER-162', `${key?.holder} may not speak for ${agent}`),
  ];
};

const preservedFlaws = (
  view: View,
  event: Judged,
  recorded: Partial<PreserveRequest['data']> & { readonly agent: string },
): readonly Flaw[] => {
  const expected = { roles: ASKERS, subject: (holder: string) => subjects.preserve(holder) };
  const { document, key, flaws } = embeddedFrame(view, event, 'preserve-request', expected, 'request');
  const other =
    document !== undefined &&
    Object.entries(recorded).some(
      ([field, value]) =>
        canonicalize(document.data[field as keyof typeof recorded] as never) !== canonicalize(value as never),
    );
  return [
    ...flaws,
    ...flawIf(other, 'WRIT-VER-164', 'the signed request says something else'),
    ...flawIf(!speaksFor(key, recorded.agent), 'WRIT-VER-162', `${key?.holder} may not speak for it`),
  ];
};

/** Judges what agents said about halts and state: their own signatures. */
export const stopFlaws = (view: View, event: Judged<StopEvent>): readonly Flaw[] => {
  const { document } = event;
  switch (document.type) {
    case 'writ.stop.acknowledged.v1':
      return acknowledgedFlaws(view, { ...event, document });
    case 'writ.stop.state-preserved.v1': {
      const { agent, digest, bytes, halts } = document.data;
      return preservedFlaws(view, event, { agent, digest, bytes, halts, op: 'put' });
    }
    case 'writ.stop.state-restored.v1':
      return preservedFlaws(view, event, {
        agent: document.data.agent,
        digest: document.data.digest,
        op: 'get',
      });
    case 'writ.stop.unconfirmed.v1':
    case 'writ.stop.drill-finished.v1':
      return [];
  }
};
