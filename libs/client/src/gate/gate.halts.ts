// The halts of the gate: how one heard live becomes a recorded one, and how a release takes it away. Pure.
import { covers, type HaltTool, type Scope } from '@writ/contracts';
import { toolCovers } from '../pattern.js';
import {
  type EngagedHalt,
  type GateState,
  GateTimes,
  type HeardHalt,
  type RecordedHalt,
} from './gate.state.js';

/** An action to be judged: whose, on what. Without resource and operation: anything at all by that agent. */
export type Target = {
  readonly agent: Scope;
  readonly resource?: string;
  readonly operation?: string;
};

type Halt = { readonly scope: Scope; readonly person: string; readonly tool?: HaltTool | undefined };

const sameHalt = (a: Halt, b: Halt): boolean =>
  a.person === b.person &&
  a.scope === b.scope &&
  a.tool?.resource === b.tool?.resource &&
  a.tool?.operation === b.tool?.operation;

const HEARD_KEPT = 256;

const concerns = (state: GateState, scope: Scope): boolean =>
  state.serves === 'environment' || covers(scope, state.self);

/** A live halt is added unless the plane recorded it already and nothing else was matched to that record. */
export const hearHalt = (state: GateState, heard: HeardHalt): GateState => {
  if (!concerns(state, heard.scope)) return state;
  for (const halt of state.halts.values()) {
    if (!halt.matched && sameHalt(halt, heard) && Math.abs(halt.at - heard.at) <= GateTimes.matchMs) {
      return { ...state, halts: new Map(state.halts).set(halt.id, { ...halt, matched: true }) };
    }
  }
  if (state.heard.filter((h) => sameHalt(h, heard)).length >= HEARD_KEPT) return state;
  return { ...state, heard: [...state.heard, heard] };
};

/** A recorded halt takes the place of the oldest one heard like it, and of those too old to have a record of their own. */
export const engageHalt = (state: GateState, engaged: EngagedHalt): GateState => {
  if (state.halts.has(engaged.id) || state.released.has(engaged.id)) return state;
  if (!concerns(state, engaged.scope)) return state;
  const alike = state.heard.filter((h) => sameHalt(h, engaged));
  const stale = alike.filter((h) => h.at < engaged.at - GateTimes.matchMs);
  const taken = [...stale, ...alike.filter((h) => !stale.includes(h)).slice(0, 1)];
  const halt: RecordedHalt = {
    id: engaged.id,
    scope: engaged.scope,
    person: engaged.person,
    ...(engaged.tool === undefined ? {} : { tool: engaged.tool }),
    freed: [],
    at: engaged.at,
    matched: taken.length > stale.length,
  };
  return {
    ...state,
    halts: new Map(state.halts).set(halt.id, halt),
    heard: state.heard.filter((h) => !taken.includes(h)),
  };
};

const RELEASED_KEPT = 4096;

/** A proved release of a known halt. For a scope narrower than the halt's it frees only what lies beneath. */
export const releaseHalt = (state: GateState, id: string, scope: Scope): GateState => {
  const halt = state.halts.get(id);
  if (halt === undefined) return state;
  const halts = new Map(state.halts);
  if (!covers(scope, halt.scope)) {
    halts.set(id, { ...halt, freed: [...halt.freed, scope] });
    return { ...state, halts };
  }
  halts.delete(id);
  const released = [...state.released, id].slice(-RELEASED_KEPT);
  const unproven = new Set([...state.unproven].filter((known) => known !== id));
  return { ...state, halts, released: new Set(released), unproven };
};

const touches = (halt: Halt, target: Target, self: Scope): boolean => {
  if (!covers(halt.scope, target.agent) && !covers(halt.scope, self)) return false;
  if (target.resource === undefined || target.operation === undefined) return true;
  return toolCovers(halt.tool, { resource: target.resource, operation: target.operation });
};

/** The halts that cover an action of `target.agent` at this gate (the gate's own scope counts too). */
export const haltsOn = (state: GateState, target: Target): readonly (RecordedHalt | HeardHalt)[] => {
  const recorded = [...state.halts.values()].filter(
    (h) => touches(h, target, state.self) && !h.freed.some((scope) => covers(scope, target.agent)),
  );
  return [...recorded, ...state.heard.filter((h) => touches(h, target, state.self))];
};

/** Whether everything that `agent` might do is halted: a halt that no tool narrows covers it. */
export const haltedWhole = (state: GateState, agent: Scope): boolean =>
  haltsOn(state, { agent }).some((h) => h.tool === undefined);
