// Invariants 6 and 11 for what people command about conduct and what agents say about halts: their own signatures.
import {
  type ConductEvent,
  environmentOf,
  type PreserveRequest,
  type StopEvent,
  subjects,
} from '@writ/contracts';
import { canonicalize } from '@writ/crypto';
import type { View } from '../folded/view.js';
import type { Judged } from '../message.js';
import { commandFlaws } from './commands-work-once.js';
import { type Flaw, flawIf } from './flaw.js';
import { embeddedFrame } from './keys-and-frames.js';

/** Judges a change of containment or autonomy that a person commanded; what follows by rule has no command. */
export const conductFlaws = (view: View, event: Judged<ConductEvent>): readonly Flaw[] => {
  const { document } = event;
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
