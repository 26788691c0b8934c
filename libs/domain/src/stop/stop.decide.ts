// Decides what is recorded after a halt: acknowledgements, silence, state handed over and given back.
import {
  type Ack,
  type AgentScope,
  type Digest,
  type EnvironmentScope,
  type EventId,
  environmentOf,
  type Frame,
  type HaltId,
  type PreserveRequest,
  type Refused,
} from '@writ/contracts';
import type { z } from 'zod';
import { decided, draftOf, refusal, vouchedBy } from '../draft.js';
import type { Decision } from '../recorded.js';
import { noFollowUp, type PreservedState, type StopState } from './stop.state.js';

type HaltName = z.infer<typeof HaltId>;

/** The most that is kept of an agent's state, bytes. */
export const PRESERVED_MAX_BYTES = 256 * 1024;
const AGENTS_PER_EVENT = 500;

/** Who asks: the agent itself, or an enforcement point of its environment that acts for it. */
export type StopAsker = { readonly name: AgentScope; readonly role: 'agent' | 'enforcement-point' };

const mayActFor = ({ name, role }: StopAsker, agent: AgentScope): boolean =>
  role === 'agent' ? name === agent : environmentOf(name) === environmentOf(agent);

const notYours = () => refusal('WRIT-FRM-007', 'this key may not speak for that agent');

/** `known`: the halts of this environment that the authority fold has seen, in force or released since. */
export type AckInput = {
  readonly ack: Ack;
  readonly frame: Frame;
  /** The certificate of the session key that signed it. */
  readonly session?: Frame | undefined;
  readonly asker: StopAsker;
  readonly known: (halt: HaltName) => boolean;
};

/** `recorded` now, or `known`: it says nothing new. */
export type AckResult = { readonly kind: 'recorded' | 'known'; readonly eventId: EventId };

/**
 * Records that an agent has stopped, for those of the named halts that exist. The same acknowledgement, or one that says
 * nothing new, is `known`. Refuses: not for that agent (WRIT-FRM-007), none of the halts exists (WRIT-HLT-001).
 */
export const decideAck = (input: AckInput, state: StopState): Decision<AckResult | Refused> => {
  const { ack, frame, session, asker } = input;
  const { agent, state: how, aborted, heardAt } = ack.data;
  if (!mayActFor(asker, agent)) return notYours();
  const halts = [...new Set(ack.data.halts)].filter(input.known);
  if (halts.length === 0) return refusal('WRIT-HLT-001', 'none of the acknowledged halts is recorded here');
  const before = halts.map((halt) => state.halts.get(halt)?.acks.get(agent));
  const first = before[0];
  const nothingNew = before.every((b) => b !== undefined && b.state === how && b.aborted === aborted);
  const repeated = before.every((b) => b?.ackId === ack.id);
  if (first !== undefined && (nothingNew || repeated))
    return decided({ kind: 'known', eventId: first.event });
  const draft = draftOf(
    'writ.stop.acknowledged.v1',
    { id: `${ack.id}.stop.0`, agent, causationid: ack.id, correlationid: halts[0]! },
    { agent, halts, ack: frame, ...vouchedBy(session), state: how, aborted, heardAt },
  );
  return decided({ kind: 'recorded', eventId: draft.id }, draft);
};

/** `agents`: those that should have acknowledged by now. */
export type UnconfirmedInput = {
  readonly environment: EnvironmentScope;
  readonly halt: HaltName;
  readonly agents: readonly AgentScope[];
};

/** All agents that are silent; `recorded` when the record had to change. */
export type UnconfirmedResult =
  | { readonly kind: 'recorded'; readonly eventId: EventId; readonly agents: readonly AgentScope[] }
  | { readonly kind: 'known'; readonly agents: readonly AgentScope[] };

/**
 * Records the agents (the first 500 by name) that have not acknowledged a halt; written again only when the set changes, also
 * when it has become empty.
 */
export const decideUnconfirmed = (
  { environment, halt, agents }: UnconfirmedInput,
  state: StopState,
): Decision<UnconfirmedResult> => {
  const { acks, unconfirmed, rounds } = state.halts.get(halt) ?? noFollowUp;
  const silent = [...new Set(agents)].filter((agent) => !acks.has(agent)).sort();
  const listed = silent.slice(0, AGENTS_PER_EVENT);
  const same = listed.length === unconfirmed.size && listed.every((agent) => unconfirmed.has(agent));
  if (same || rounds > 9_999) return decided({ kind: 'known', agents: silent });
  const [, project, env] = environment.split('.');
  const draft = draftOf(
    'writ.stop.unconfirmed.v1',
    { id: `${halt}.stop.${rounds}.${project}.${env}`, causationid: halt, correlationid: halt },
    { environment, halts: [halt], agents: listed },
  );
  return decided({ kind: 'recorded', eventId: draft.id, agents: silent }, draft);
};

/** The state itself goes to the vault before the append; here stand only its digest and size. */
export type PreserveInput = {
  readonly request: PreserveRequest;
  readonly frame: Frame;
  /** The certificate of the session key that signed it. */
  readonly session?: Frame | undefined;
  readonly asker: StopAsker;
};

/** The event under which the state is kept. */
export type PreserveResult = {
  readonly kind: 'preserved' | 'known';
  readonly eventId: EventId;
  readonly digest: Digest;
};

/**
 * Records an agent's state as kept; it takes the place of an earlier one. The same state again, not given back meanwhile, is
 * `known`. Refuses: not for that agent (WRIT-FRM-007), more than 256 KiB (WRIT-HLT-004), not a `put` (WRIT-FRM-009).
 */
export const decidePreserve = (
  { request, frame, session, asker }: PreserveInput,
  state: StopState,
): Decision<PreserveResult | Refused> => {
  const { agent, op, digest, bytes, halts } = request.data;
  if (op !== 'put') return refusal('WRIT-FRM-009', 'this is not a put');
  if (!mayActFor(asker, agent)) return notYours();
  if (bytes > PRESERVED_MAX_BYTES)
    return refusal('WRIT-HLT-004', `${bytes} bytes, ${PRESERVED_MAX_BYTES} at most`);
  const kept = state.preserved.get(agent);
  if (kept?.digest === digest && kept.restored === undefined) {
    return decided({ kind: 'known', eventId: kept.event, digest });
  }
  const draft = draftOf(
    'writ.stop.state-preserved.v1',
    { id: `${request.id}.stop.0`, agent, causationid: request.id, correlationid: halts[0] ?? request.id },
    { agent, halts, digest, bytes, request: frame, ...vouchedBy(session) },
  );
  return decided({ kind: 'preserved', eventId: draft.id, digest }, draft);
};

/** `halted`: a halt without a tool still covers the agent; its state stays where it is until the release. */
export type RestoreInput = PreserveInput & { readonly halted: boolean };

/** The state to give back; `known` when it was given back before. */
export type RestoreResult = {
  readonly kind: 'restored' | 'known';
  readonly eventId: EventId;
  readonly preserved: PreservedState;
};

/**
 * Gives back the state that an agent handed over last. Asked again (after a crash) it is `known` and given again. Refuses: not
 * for that agent (WRIT-FRM-007), still halted (WRIT-DEC-008), no state of that digest (WRIT-HLT-005), not a `get` (WRIT-FRM-009).
 */
export const decideRestore = (
  { request, frame, session, asker, halted }: RestoreInput,
  state: StopState,
): Decision<RestoreResult | Refused> => {
  const { agent, op, digest } = request.data;
  if (op !== 'get') return refusal('WRIT-FRM-009', 'this is not a get');
  if (!mayActFor(asker, agent)) return notYours();
  if (halted) return refusal('WRIT-DEC-008', 'the state is given back after the release');
  const kept = state.preserved.get(agent);
  if (kept?.digest !== digest) return refusal('WRIT-HLT-005', 'no state of that digest is kept');
  if (kept.restored !== undefined) {
    return decided({ kind: 'known', eventId: kept.restored, preserved: kept });
  }
  const draft = draftOf(
    'writ.stop.state-restored.v1',
    { id: `${request.id}.stop.0`, agent, causationid: request.id, correlationid: kept.event },
    { agent, digest, preserved: kept.event, request: frame, ...vouchedBy(session) },
  );
  return decided({ kind: 'restored', eventId: draft.id, preserved: kept }, draft);
};
