// Decides registry commands: once each, in time, against the version they were made for, by somebody who may.
import {
  type Command,
  type Digest,
  type EventId,
  type Frame,
  type JsonObject,
  type Refused,
  RegistryAction,
  refused,
  type Timestamp,
} from '@writ/contracts';
import type { Decision, Draft } from '../recorded.js';
import type { Change } from './registry.asking.js';
import { type Author, mayAsk } from './registry.authority.js';
import type { Possession } from './registry.keys.js';
import { personOf } from './registry.queries.js';
import { changeOf } from './registry.rules.js';
import type { RegistryState } from './registry.state.js';
import { thingsOfAction } from './registry.things.js';

/**
 * A command with what the caller verified: its frame and signature, the author behind the key, the digest of the canonical
 * boundary or gate that it carries (SHA-256 of its canonical JSON), and proofs of possession. `now`: the service's clock.
 */
export type RegistryInput = {
  readonly command: Command;
  readonly frame: Frame;
  readonly author: Author;
  readonly now: Timestamp;
  readonly digests: { readonly boundary?: Digest | undefined; readonly gate?: Digest | undefined };
  readonly possession: Possession;
  /** The keyed pseudonym of the data subject that the command commits to. */
  readonly subject?: Digest | undefined;
};

/** `changed` names the event that the command became. */
export type RegistryResult = { readonly kind: 'changed'; readonly events: readonly EventId[] } | Refused;

type Ask = { readonly org: string; readonly action: RegistryAction };

const readAction = (input: RegistryInput, state: RegistryState): Ask | Refused => {
  if (state.org === null) return refused('WRIT-REG-002', 'there is no organisation yet');
  const parsed = RegistryAction.safeParse(input.command.data.action);
  if (!parsed.success) return refused('WRIT-REG-006', 'this is not a registry command');
  return { org: state.org, action: parsed.data };
};

/** Works once, in time (§7.11): WRIT-REG-005, WRIT-REG-008. */
const spent = (input: RegistryInput, state: RegistryState): Refused | undefined => {
  const { id, data } = input.command;
  if (state.commands.has(id)) return refused('WRIT-REG-008', `command ${id} was used already`);
  return Date.parse(data.expires) > Date.parse(input.now)
    ? undefined
    : refused('WRIT-REG-005', `it expired at ${data.expires}`);
};

/** Works against no other version than it was made for (§7.11): WRIT-REG-004. */
const outdated = (input: RegistryInput, state: RegistryState, { org, action }: Ask): Refused | undefined => {
  const { version } = input.command.data;
  if (version > state.ver) {
    return refused('WRIT-REG-004', `made against version ${version}; the registry is at ${state.ver}`);
  }
  for (const name of thingsOfAction(org, action)) {
    const changed = state.changed.get(name) ?? 0;
    if (version < changed) {
      return refused('WRIT-REG-004', `made against version ${version}; ${name} changed at ${changed}`);
    }
  }
  return undefined;
};

const unknownAuthor = (author: Author, state: RegistryState): Refused | undefined =>
  author.kind === 'root' || personOf(state, author.person) !== undefined
    ? undefined
    : refused('WRIT-REG-001', 'the author is not a person of this organisation');

const draftOf = (input: RegistryInput, change: Change): Draft => {
  const { id } = input.command;
  return {
    id: `${id}.registry.0`,
    type: change.type,
    ...(change.agent === undefined ? {} : { agent: change.agent }),
    causationid: id,
    correlationid: id,
    data: { ...change.data, command: input.frame } as unknown as JsonObject,
  };
};

const judge = (input: RegistryInput, state: RegistryState): Change | Refused => {
  const timely = spent(input, state) ?? unknownAuthor(input.author, state);
  if (timely !== undefined) return timely;
  const ask = readAction(input, state);
  if ('kind' in ask) return ask;
  const { org, action } = ask;
  const early = mayAsk(state, org, input.author, action) ?? outdated(input, state, ask);
  return early ?? changeOf({ ...input, state, org, action });
};

/**
 * Decides one registry command. Guarantees (§7.11): a command id works once, before it expires, and only if nothing that it
 * is about changed since the version it was made against; every change names its author by the command's own frame.
 * Refuses WRIT-REG-001 to -009 and WRIT-ERA-001. Throws only for a missing digest or pseudonym, which is the caller's mistake.
 */
export const decideRegistry = (input: RegistryInput, state: RegistryState): Decision<RegistryResult> => {
  const change = judge(input, state);
  if ('kind' in change) return { result: change, events: [] };
  const draft = draftOf(input, change);
  return { result: { kind: 'changed', events: [draft.id] }, events: [draft] };
};
