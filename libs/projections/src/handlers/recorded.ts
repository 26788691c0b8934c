// What a handler is given, and the two facts about its place that most need. It decides nothing.
import { type Family, type LedgerDocument, organisationOf, parseSubject } from '@writ/contracts';
import { instant } from '../database/values.js';
import type { Change } from '../rows/change.js';

/** An effective event. `time` is the server's. */
export type Effective<D = LedgerDocument> = {
  readonly seq: number;
  readonly subject: string;
  readonly time: string;
  readonly document: D;
};

/** Every fact of one family. */
export type EventOf<F extends Family> = Extract<LedgerDocument, { readonly type: `writ.${F}.${string}` }>;

/** The changes that one event makes. Pure: the same event gives the same changes. A throw stops the projection. */
export type Handler<F extends Family> = (event: Effective<EventOf<F>>) => readonly Change[];

const scopes = new Map<string, string>();
const MOST_SCOPES = 10_000;

/** The scope of the event's subject: an environment, or for the registry an organisation. */
export const scopeOf = ({ subject }: Effective<unknown>): string => {
  const known = scopes.get(subject);
  if (known !== undefined) return known;
  const parsed = parseSubject(subject);
  if (parsed?.kind !== 'ledger') throw new Error('an event on a subject that is none of the ledger');
  if (scopes.size >= MOST_SCOPES) scopes.clear();
  scopes.set(subject, parsed.scope);
  return parsed.scope;
};

/** The organisation of the event's subject. */
export const orgOf = (event: Effective<unknown>): string => organisationOf(scopeOf(event));

const EPOCH = '1970-01-01T00:00:00.000Z';
let latest = { text: EPOCH, at: EPOCH };

/** The server's time of the event. Asked several times per event, worked out once. */
export const timeOf = ({ time }: Effective<unknown>): string => {
  if (time !== latest.text) latest = { text: time, at: instant(time) ?? EPOCH };
  return latest.at;
};

/** The key of a row about one intent of one agent. */
export const intentKey = (
  event: Effective<{ readonly data: { readonly agent: string; readonly intentId: string } }>,
) => ({
  environment: scopeOf(event),
  agent: event.document.data.agent,
  intent_id: event.document.data.intentId,
});
