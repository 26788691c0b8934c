// Everything that the kill-switch hears besides halts: state requests, acknowledgements, state handed over, commands.
import { type ParsedSubject, subjects } from '@writ/contracts';
import type { RegistryKey } from '@writ/domain';
import { createIntake, type Plane } from '@writ/runtime';
import { answerAck, answerPreserve, type StopDeps } from './acks.js';
import { answerCommand, type ReleaseDeps } from './releases.js';
import { answerState, type StateDeps } from './state.js';

export type IntakeDeps = {
  readonly state: StateDeps;
  readonly stop: StopDeps;
  readonly release: ReleaseDeps;
};

const isAsker = (key: RegistryKey, sender: ParsedSubject): boolean =>
  'asker' in sender &&
  key.holder === sender.asker &&
  (key.role === 'agent' || key.role === 'enforcement-point');

const isPerson = (key: RegistryKey, sender: ParsedSubject): boolean =>
  key.role === 'person' && sender.kind === 'command' && key.holder === sender.person;

/** Opens the intakes. `seen` learns every asker that shows itself: it is expected to acknowledge a halt. */
export const openIntakes = (
  plane: Plane,
  deps: IntakeDeps,
  seen: Set<string>,
): readonly { stop(): Promise<void> }[] => {
  const see = <M extends { readonly sender: ParsedSubject }>(message: M): M => {
    if ('asker' in message.sender) seen.add(message.sender.asker);
    return message;
  };
  const all = `${plane.org}.*.*.*`;
  const asked = { queue: 'kill-switch', mayHold: isAsker } as const;
  const slow = { rate: 50, burst: 100 } as const;
  // A halt makes every agent speak at once; a release must not wait until all of them have been heard.
  const many = { atOnce: 128 } as const;
  return [
    createIntake(plane, {
      ...asked,
      ...many,
      kind: 'state-request',
      rate: 20,
      burst: 60,
      subject: subjects.state(all),
      handle: (message) => answerState(deps.state, see(message)),
    }),
    createIntake(plane, {
      ...asked,
      ...many,
      kind: 'ack',
      subject: subjects.ack(all),
      handle: (message) => answerAck(deps.stop, see(message)),
    }),
    createIntake(plane, {
      ...asked,
      ...slow,
      ...many,
      kind: 'preserve-request',
      subject: subjects.preserve(all),
      handle: (message) => answerPreserve(deps.stop, see(message)),
    }),
    createIntake(plane, {
      ...slow,
      kind: 'command',
      queue: 'kill-switch',
      subject: subjects.command('kill-switch', plane.org, '*'),
      mayHold: isPerson,
      handle: (message) => answerCommand(deps.release, message),
    }),
  ];
};
