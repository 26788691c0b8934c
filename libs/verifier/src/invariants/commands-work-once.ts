// Invariant 11: no signed command works twice, late, or against another version than it was made for; and only for somebody who
// may give it. This file: commands to every service but the registry, whose decider is run again in `registry-changes`.
import { type Command, type PersonRole, type Scope, type ServiceName, subjects } from '@writ/contracts';
import { hasRole } from '@writ/domain';
import { freshOf, type View } from '../folded/view.js';
import type { Judged } from '../message.js';
import { Tolerances } from '../tolerances.js';
import { type Flaw, flawIf } from './flaw.js';
import { embeddedFrame } from './keys-and-frames.js';

/** What a command must be: to whom, by a holder of which role where, and asking for exactly what was recorded. */
export type Commanded = {
  readonly service: ServiceName;
  readonly role: PersonRole;
  readonly scope: Scope;
  readonly asks: (action: Command['data']['action']) => boolean;
  /** The field of the event; `command` unless given. */
  readonly name?: string;
};

/** The key under which a command counts as used in a ledger subject. */
export const usedAs = (commandId: string, subject: string): string => `${commandId} ${subject}`;

const timely = (view: View, event: Judged, { id, data }: Command): readonly Flaw[] => {
  const { ver } = view.registry.now();
  const used = view.commands.has(usedAs(id, event.subject));
  const late = event.ms > Date.parse(data.expires) + Tolerances.clockMs;
  return [
    ...flawIf(used, 'WRIT-VER-191', `command ${id} was carried out before`),
    ...flawIf(late, 'WRIT-VER-192', `it expired at ${data.expires}`),
    ...flawIf(data.version > ver, 'WRIT-VER-193', `made against version ${data.version} of ${ver}`),
  ];
};

/** Judges the command of an event; also gives the person who signed it. */
export const commandFlaws = (
  view: View,
  event: Judged,
  { service, role, scope, asks, name = 'command' }: Commanded,
): { readonly flaws: readonly Flaw[]; readonly person: string | undefined } => {
  const subject = (holder: string) => subjects.command(service, view.org, holder);
  const { document, key, flaws } = embeddedFrame(
    view,
    event,
    'command',
    { roles: ['person'], subject },
    name,
  );
  if (document === undefined || key === undefined) return { flaws, person: undefined };
  const may = freshOf(view.registry, event).some((registry) => hasRole(registry, key.holder, role, scope));
  const found = [
    ...flaws,
    ...timely(view, event, document),
    ...flawIf(!may, 'WRIT-VER-194', `${key.holder} is no ${role} of ${scope}`),
    ...flawIf(!asks(document.data.action), 'WRIT-VER-194', 'the command asks for something else'),
  ];
  return { flaws: found, person: key.holder };
};
