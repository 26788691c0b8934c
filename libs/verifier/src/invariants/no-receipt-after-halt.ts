// Invariant 2: no receipt after `halt engaged` in ledger order that covers its scope, until a release that the people named signed.
import { covers, type LedgerDocumentOf } from '@writ/contracts';
import { type Halt, haltsCovering, haltTouches, isOpened } from '@writ/domain';
import type { Environment, View } from '../folded/view.js';
import type { Judged } from '../message.js';
import { commandFlaws } from './commands-work-once.js';
import { type Flaw, flawIf } from './flaw.js';

type Receipt = Judged<LedgerDocumentOf<'writ.authority.receipt-issued.v1'>>;
type Release = Judged<LedgerDocumentOf<'writ.authority.halt-released.v1'>>;

/** Judges a receipt against the halts in force at its place in the very same subject. */
export const haltFlaws = (environment: Environment, { document }: Receipt): readonly Flaw[] => {
  const { agent, audience, what } = document.data;
  const authority = environment.authority.now();
  const names = [agent, audience.name];
  const covering = (halt: Halt): boolean =>
    names.some((name) => covers(halt.scope, name)) && haltTouches(halt.tool, what);
  const [halt] = names.flatMap((name) => haltsCovering(authority, name, what));
  const unlawful = environment.unlawful.find(covering);
  return [
    ...flawIf(!isOpened(authority), 'WRIT-VER-122', 'the kill-switch has not opened it'),
    ...flawIf(halt !== undefined, 'WRIT-VER-121', `${halt?.id} of sequence ${halt?.position} is in force`),
    ...flawIf(unlawful !== undefined, 'WRIT-VER-121', `${unlawful?.id} was never lawfully released`),
  ];
};

/**
 * Judges a release: each person named in it signed a command, of an operator of the released scope, that names these halts; no
 * command twice, none late. What it releases without that stays in force for the receipts that follow.
 */
export const releaseFlaws = (view: View, event: Release): readonly Flaw[] => {
  const { by, commands, halts, scope } = event.document.data;
  const judged = commands.map((_, n) =>
    commandFlaws(view, event, {
      service: 'kill-switch',
      role: 'operator',
      scope,
      name: `commands.${n}`,
      asks: (action) =>
        action.do === 'release' &&
        covers(action.scope, scope) &&
        halts.every((halt) => action.halts.includes(halt)),
    }),
  );
  const signed = new Set(
    judged.flatMap(({ flaws, person }) => (flaws.length === 0 && person ? [person] : [])),
  );
  const missing = by.filter((person) => !signed.has(person));
  return [
    ...judged.flatMap(({ flaws }) => flaws),
    ...flawIf(missing.length > 0, 'WRIT-VER-123', `not signed by ${missing.join(', ')}`),
  ];
};

/** Judges a revoked permit: where a person asked for it, an operator of the agent's scope. */
export const revocationFlaws = (
  view: View,
  event: Judged<LedgerDocumentOf<'writ.authority.permit-revoked.v1'>>,
): readonly Flaw[] => {
  const { agent, intentId, command } = event.document.data;
  if (command === undefined) return [];
  return commandFlaws(view, event, {
    service: 'kill-switch',
    role: 'operator',
    scope: agent,
    asks: (action) => action.do === 'revoke-permit' && action.agent === agent && action.intentId === intentId,
  }).flaws;
};
