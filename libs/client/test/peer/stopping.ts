// The kill switch of the sample plane: records halts, tells of them, answers for the state, keeps what agents hand over.
import type { Msg } from '@nats-io/transport-node';
import { parseHaltBody, parseSubject, subjects } from '@writ/contracts';
import { joinFrames, joinMessage, type KeyPair } from '@writ/crypto';
import { newCommandId } from '../../src/new-id.js';
import { type Desk, type Halt, read, serve } from './desk.js';
import { ENV, embedded, event, iso, type Json, live, ORG } from './organisation.js';

const UNVERSIONED = { ver: undefined, prev: undefined };
const AUTHORITY = subjects.ledger('authority', ENV);
const eventId = (family: string) => `${newCommandId(Date.now())}.${family}.1`;
const killer = (desk: Desk): KeyPair => desk.org.keys['kill-switch'];

/** Starts the kill switch; what it returns are its levers. */
export const serveStopping = (desk: Desk) => {
  const kept: Kept = { disclosures: new Map(), latest: null };
  let sequence = 0;
  /** Records a halt as the kill-switch does, and tells of it. */
  const engage = (person: string, scope: string, tool?: Json): Halt => {
    const more = tool === undefined ? {} : { tool };
    const halt = { id: `halt-${++sequence}`, scope, person, at: iso(), position: ++desk.position, ...more };
    desk.halts.set(halt.id, halt);
    notify(desk, 'halt-engaged', engagedFact(desk, halt));
    return halt;
  };
  serve(desk, 'gov.state.>', (message) => answerState(desk, kept, message));
  serve(desk, 'gov.preserve.>', (message) => keep(desk, kept, message));
  serve(desk, 'gov.ack.>', (message) => {
    desk.seen.acks.push(read(message.data).data);
    return new TextEncoder().encode('{}');
  });
  serve(desk, 'gov.halt.>', (message) => {
    const parsed = parseSubject(message.subject);
    if (parsed?.kind !== 'halt' || !desk.will.recordHalts) return undefined;
    engage(parsed.person, parsed.scope, parseHaltBody(message.string()).tool);
    return undefined;
  });
  const timer = setInterval(() => sendLease(desk), 500);
  const factOf = (halt: Halt): Uint8Array => engagedFact(desk, halt);
  return { engage, factOf, stop: () => clearInterval(timer) };
};

const sendLease = (desk: Desk): void => {
  if (!desk.will.leases) return;
  const data = { environment: ENV, epoch: 1, haltPosition: desk.position, validMs: 1500 };
  desk.bus.publish(subjects.lease(ENV), live('lease', killer(desk), subjects.lease(ENV), data));
};

type Kept = { readonly disclosures: Map<string, string>; latest: Json | null };

const answerState = (desk: Desk, kept: Kept, message: Msg): Uint8Array | undefined => {
  desk.seen.states++;
  if (!desk.will.answerState) return undefined;
  const { data } = read(message.data);
  const state = live('state', killer(desk), message.subject, {
    ...{ agent: data['agent'], nonce: data['nonce'], epoch: 1, haltPosition: desk.position, validMs: 1500 },
    halts: [...desk.halts.values()].map(({ at, ...halt }) => ({
      ...halt,
      engagedAt: at,
      event: eventId('authority'),
    })),
    ...{ status: 'active', containment: 'none', autonomy: 'bounded' },
    preserved: kept.latest,
    revokedKeys: desk.will.revokedKeys,
  });
  const path = (data['want'] as string[]).length > 0 ? desk.org.path : [];
  return joinFrames([state, ...path, ...desk.will.tail]);
};

const keep = (desk: Desk, kept: Kept, message: Msg): Uint8Array | undefined => {
  const { data, frame, rest } = read(message.data);
  const { digest, agent, halts, bytes } = data;
  if (data['op'] === 'put') {
    if (rest[0]?.length !== bytes) return undefined;
    kept.disclosures.set(digest as string, rest[0] as string);
    kept.latest = { digest, event: eventId('stop'), at: iso() };
    const body = { agent, halts, digest, bytes, request: embedded(frame) };
    return event(
      killer(desk),
      'writ.stop.state-preserved.v1',
      subjects.ledger('stop', ENV),
      'kill-switch',
      body,
    );
  }
  const disclosure = kept.disclosures.get(digest as string);
  if (disclosure === undefined) return undefined;
  kept.latest = null;
  const answer = live('preserved', killer(desk), message.subject, { agent, digest, event: eventId('stop') });
  return joinMessage(answer, [disclosure]);
};

const notify = (desk: Desk, about: 'halt-engaged' | 'halt-released', fact: Uint8Array): void => {
  const data = { environment: ENV, about, position: desk.position, fact: embedded(fact) };
  desk.bus.publish(subjects.notice(ENV), live('notice', killer(desk), subjects.notice(ENV), data));
};

const engagedFact = (desk: Desk, halt: Halt): Uint8Array => {
  const { id, scope, person, at, tool } = halt;
  const body = {
    ...{ environment: ENV, halt: id, scope, person, cause: 'human', reason: { _sd: [] }, heardAt: at },
    ...(tool === undefined ? {} : { tool }),
  };
  return event(killer(desk), 'writ.authority.halt-engaged.v1', AUTHORITY, 'kill-switch', body, UNVERSIONED);
};

/** A release command of a person. */
export const releaseCommand = (
  person: string,
  key: KeyPair,
  scope: string,
  halts: readonly string[],
  expires = Date.now() + 60_000,
): Uint8Array =>
  live('command', key, subjects.command('kill-switch', ORG, person), {
    action: { do: 'release', scope, halts, reason: { _sd: [] } },
    expires: iso(expires),
    version: 1,
  });

/** Records a release with the given commands, whatever they are worth; `quiet` sends no notice. Gives its fact. */
export const release = (
  desk: Desk,
  by: readonly string[],
  scope: string,
  halts: readonly string[],
  commands: readonly Uint8Array[],
  quiet = false,
): Uint8Array => {
  for (const id of halts) desk.halts.delete(id);
  desk.position++;
  const body = { environment: ENV, halts, scope, by, commands: commands.map(embedded) };
  const type = 'writ.authority.halt-released.v1';
  const fact = event(killer(desk), type, AUTHORITY, 'kill-switch', body, UNVERSIONED);
  if (!quiet) notify(desk, 'halt-released', fact);
  return fact;
};
