// The full chain of one intent: the action and every event about it, in ledger order. Reads only.
import type { ActionRow } from './actions.js';
import type { Reader } from './reader.js';

/** One event of the chain; `data` is derived, the exact frame is in the export. `void`: it has no effect. */
export type ChainEvent = {
  readonly seq: number;
  readonly subject: string;
  readonly type: string;
  readonly id: string;
  readonly agent: string | null;
  readonly time: string;
  readonly kid: string;
  readonly digest: string;
  readonly void: boolean;
  readonly data: unknown;
};

/** Who authorised, what, when, why, what happened. `action` is null where no decision was effective. */
export type IntentChain = { readonly action: ActionRow | null; readonly events: readonly ChainEvent[] };

const MOST_EVENTS = 1000;

const eventsOf = (reader: Reader, intentId: string): Promise<readonly ChainEvent[]> =>
  reader
    .selectFrom('rm.events')
    .select(['seq', 'subject', 'type', 'id', 'agent', 'time', 'kid', 'digest', 'void', 'data'])
    .where('intent_id', '=', intentId)
    .orderBy('seq')
    .limit(MOST_EVENTS)
    .execute();

const placeOf = ({ subject, agent }: ChainEvent): string =>
  `${subject.split('.').slice(3).join('.')} ${agent ?? ''}`;

/**
 * The chains of an intent id: one, unless agents of different environments chose the same id. Empty: the ledger knows nothing
 * of it. At most 1,000 events.
 */
export const receipt = async (reader: Reader, intentId: string): Promise<readonly IntentChain[]> => {
  const [actions, events] = await Promise.all([
    reader
      .selectFrom('rm.actions')
      .selectAll()
      .where('intent_id', '=', intentId)
      .orderBy('decided_seq')
      .execute(),
    eventsOf(reader, intentId),
  ]);
  const places = new Map<string, { action: ActionRow | null; events: ChainEvent[] }>();
  for (const action of actions) places.set(`${action.environment} ${action.agent}`, { action, events: [] });
  for (const event of events) {
    const chain = places.get(placeOf(event)) ?? { action: null, events: [] };
    chain.events.push(event);
    places.set(placeOf(event), chain);
  }
  return [...places.values()];
};
