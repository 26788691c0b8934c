// The appointment of a registrar by the roots: what must hold before the new registrar signs it. Admission judges the same again.
import { type CommandId, type Refused, type RegistrarAppointedData, refused } from '@writ/contracts';
import type { Endorses } from '../admission/endorsements.js';
import { draftOf } from '../draft.js';
import type { Draft } from '../recorded.js';
import type { Possession } from './registry.keys.js';
import type { RegistryState } from './registry.state.js';

/** An appointment with its endorsements; `id` (a UUIDv7) names it, so that it is recorded once. */
export type Appointment = {
  readonly id: CommandId;
  readonly data: RegistrarAppointedData;
  readonly endorses: Endorses;
  readonly possession: Possession;
};

/** The distinct roots that endorsed an appointment. */
export const endorsersOf = (
  { data, endorses }: Pick<Appointment, 'data' | 'endorses'>,
  { roots }: Pick<RegistryState, 'roots'>,
): readonly string[] =>
  roots
    .filter((root) => data.endorsements.some((e) => e.kid === root.kid && endorses(e, root, data.org, data)))
    .map(({ kid }) => kid)
    .toArray();

const unfit = ({ data, possession }: Appointment, state: RegistryState): Refused | undefined => {
  const { org, genesis, after, registrar, revokes } = data;
  if (state.org === null || org !== state.org)
    return refused('WRIT-REG-002', `there is no organisation ${org}`);
  if (genesis !== state.genesis) return refused('WRIT-REG-002', `this is not the ledger ${genesis}`);
  if (after !== state.registrar)
    return refused('WRIT-REG-004', `made while ${after} was the registrar; it is ${state.registrar}`);
  if (registrar.role !== 'registrar' || registrar.holder !== 'registry' || registrar.scope !== org) {
    return refused('WRIT-REG-006', `the key must have role registrar, holder registry and scope ${org}`);
  }
  if (state.keys.has(registrar.kid)) return refused('WRIT-REG-003', 'a key is certified once, in one role');
  if (revokes !== null && state.keys.get(revokes)?.role !== 'registrar')
    return refused('WRIT-REG-002', 'the key that it ends is not that of a registrar');
  return possession(registrar)
    ? undefined
    : refused('WRIT-REG-007', 'the possession frame does not fit the key');
};

/**
 * The appointment as a draft, to be signed by the new registrar's own key. Refuses WRIT-REG-002, -003, -004, -006, -007, and WRIT-KEY-022
 * when fewer distinct roots endorsed it than the threshold asks for.
 */
export const appointRegistrar = (appointment: Appointment, state: RegistryState): Draft | Refused => {
  const no = unfit(appointment, state);
  if (no !== undefined) return no;
  const count = endorsersOf(appointment, state).length;
  if (count < state.threshold)
    return refused('WRIT-KEY-022', `${count} of ${state.threshold} root keys have endorsed it`);
  const { id, data } = appointment;
  const causes = { id: `${id}.registry.0`, causationid: id, correlationid: id };
  return draftOf('writ.registry.registrar-appointed.v1', causes, data);
};
