// The rules of erasure and legal hold: what may be ordered, what may be kept, what may be recorded as destroyed.
import {
  type CommandId,
  type ErasedData,
  type ErasureRequest,
  type ErasureTarget,
  type EventId,
  type HoldRequest,
  type HoldTarget,
  type Refused,
  type RetentionDueData,
  refused,
} from '@writ/contracts';
import { draftOf } from '../draft.js';
import type { Decision } from '../recorded.js';
import { type Asking, exists, missing, type Of, type Ruling } from './registry.asking.js';
import { holdOver, openErasures } from './registry.erasure.state.js';
import { agentOf } from './registry.queries.js';
import type { RegistryState } from './registry.state.js';

/** The target with the data subject under the pseudonym that the caller worked out from the command's disclosure. */
const named = <T extends ErasureTarget | HoldTarget>(
  request: ErasureRequest | HoldRequest,
  pseudonym: string | undefined,
): T => {
  if (request.kind !== 'subject') return request as T;
  if (pseudonym === undefined) throw new Error('the pseudonym of the data subject was not computed');
  return { kind: 'subject', subject: pseudonym } as T;
};

const sameTarget = (a: object, b: object): boolean =>
  Object.entries(a).every(([name, value]) => (b as Record<string, unknown>)[name] === value);

const unknown = (state: RegistryState, target: ErasureTarget, now: string): Refused | undefined => {
  if (target.kind !== 'agent-month') return undefined;
  if (agentOf(state, target.agent) === undefined) return missing(`agent ${target.agent}`);
  return target.month > now.slice(0, 7)
    ? refused('WRIT-REG-006', `${target.month} has not come yet`)
    : undefined;
};

const erase = ({ state, now, subject }: Asking, action: Of<'erase'>): Ruling => {
  const target = named<ErasureTarget>(action.target, subject);
  const unfit = unknown(state, target, now);
  if (unfit !== undefined) return unfit;
  const hold = holdOver(state, target);
  if (hold !== undefined) return refused('WRIT-ERA-001', `the hold ${hold.event} covers it`);
  const open = openErasures(state).find(({ what }) => sameTarget(target, what));
  if (open !== undefined) return exists(`the order ${open.event}, not carried out yet,`);
  const agent = target.kind === 'agent-month' ? { agent: target.agent } : {};
  return { type: 'writ.registry.erasure-ordered.v1', ...agent, data: { target } };
};

const placeHold = ({ state, subject }: Asking, action: Of<'place-hold'>): Ruling => {
  const target = named<HoldTarget>(action.target, subject);
  const same = [...state.holds.values()].find(
    (hold) => hold.liftedAt === undefined && sameTarget(target, hold.target),
  );
  if (same !== undefined) return exists(`the hold ${same.event}`);
  return { type: 'writ.registry.legal-hold-placed.v1', data: { target } };
};

const liftHold = ({ state }: Asking, { hold }: Of<'lift-hold'>): Ruling => {
  const held = state.holds.get(hold);
  if (held === undefined || held.liftedAt !== undefined) return missing(`hold ${hold} in force`);
  return { type: 'writ.registry.legal-hold-lifted.v1', data: { hold } };
};

/** The rule of an erasure or a hold: WRIT-REG-002, -003, -006; WRIT-ERA-001 where a hold covers what is to be erased. */
export const erasureChange = (asking: Asking, action: Of<'erase' | 'place-hold' | 'lift-hold'>): Ruling => {
  switch (action.do) {
    case 'erase':
      return erase(asking, action);
    case 'place-hold':
      return placeHold(asking, action);
    case 'lift-hold':
      return liftHold(asking, action);
  }
};

/** `recorded` names the new event; `known` the one that stands there already. */
export type ErasureResult = { readonly kind: 'recorded' | 'known'; readonly event: EventId } | Refused;

/** The id under which the carrying out of an order is recorded: one for ever. */
export const erasedEventId = (order: EventId): EventId => `${order.split('.')[0]}.registry.1`;

/**
 * Records that an order was carried out. Guarantees: once per order, however often it is said (`known`). Refuses WRIT-ERA-004
 * where there is no such order. It does not ask about holds: what is destroyed is destroyed, and has to stand in the ledger.
 */
export const decideErased = (data: ErasedData, state: RegistryState): Decision<ErasureResult> => {
  const order = state.erasures.get(data.order);
  if (order === undefined)
    return { result: refused('WRIT-ERA-004', `there is no order ${data.order}`), events: [] };
  if (order.done !== undefined) return { result: { kind: 'known', event: order.done.event }, events: [] };
  const cause = data.order.split('.')[0] as string;
  const agent = order.what.kind === 'agent-month' ? { agent: order.what.agent } : {};
  const causes = { id: erasedEventId(data.order), ...agent, causationid: cause, correlationid: cause };
  const draft = draftOf('writ.registry.erased.v1', causes, data);
  return { result: { kind: 'recorded', event: draft.id }, events: [draft] };
};

/** Orders the erasure of what is past its retention; `known` while an order for the class is open. `id` is a fresh UUIDv7. */
export const decideRetention = (
  { id, ...data }: RetentionDueData & { readonly id: CommandId },
  state: RegistryState,
): Decision<ErasureResult> => {
  const open = openErasures(state).find(({ what }) => what.kind === 'retention' && what.class === data.class);
  if (open !== undefined) return { result: { kind: 'known', event: open.event }, events: [] };
  const causes = { id: `${id}.registry.0`, causationid: id, correlationid: id };
  const draft = draftOf('writ.registry.retention-due.v1', causes, data);
  return { result: { kind: 'recorded', event: draft.id }, events: [draft] };
};

/** What speaks against a recorded erasure as the registry stood before it; undefined when nothing does. */
export const erasedFlaw = (data: ErasedData, state: RegistryState): string | undefined => {
  const order = state.erasures.get(data.order);
  if (order === undefined) return `nobody ordered ${data.order}`;
  if (order.done !== undefined) return `${data.order} was carried out before, as ${order.done.event}`;
  const hold = holdOver(state, order.what);
  return hold === undefined ? undefined : `the hold ${hold.event} covered it`;
};
