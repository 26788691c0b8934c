// Whether the gate is open for an action now, and whether the plane must be asked for its state. Pure; the clock comes in.
import type { Instant } from '../clock.js';
import type { GateStatus } from '../types.js';
import { leaseAge, stoodStill } from './gate.clock.js';
import { haltedWhole, haltsOn, type Target } from './gate.halts.js';
import { type GateState, GateTimes } from './gate.state.js';

const closed = (code: 'WRIT-ENF-001' | 'WRIT-ENF-002', reason: string): GateStatus => ({
  kind: 'closed',
  code,
  reason,
});

const OPEN: GateStatus = { kind: 'open' };

/** Open only while no halt covers the target and the lease is fresh; everything else is closed, with the reason. */
export const decideGate = (state: GateState, now: Instant, target: Target): GateStatus => {
  const halts = haltsOn(state, target);
  if (halts.length > 0) return closed('WRIT-ENF-001', `${halts.length} halt(s) cover this action`);
  return decideLease(state, now);
};

/** The lease half of the decision: WRIT-ENF-002 or open. */
export const decideLease = (state: GateState, now: Instant): GateStatus => {
  if (state.deaf)
    return closed('WRIT-ENF-002', 'this client may not hear its halts: check its bus permissions');
  if (!state.connected) return closed('WRIT-ENF-002', 'the connection to the plane is lost');
  if (stoodStill(state, now)) return closed('WRIT-ENF-002', 'this process stood still');
  if (state.sync === undefined || state.lease === undefined) {
    return closed('WRIT-ENF-002', 'the state has not been read yet');
  }
  if (state.ahead > Math.max(state.position, state.noticed)) {
    return closed('WRIT-ENF-002', 'the lease names a halt or release that has not been seen here');
  }
  if (leaseAge(state, now) >= state.lease.validMs) return closed('WRIT-ENF-002', 'the lease has run out');
  return OPEN;
};

/**
 * Whether to read the state: `now` (the gate is or will be closed without it), `soon` (to be sure), or not at all. While a halt
 * keeps the gate closed all the same nothing is urgent, and what only a release makes matter waits for it.
 */
export const wantsState = (state: GateState, now: Instant): 'now' | 'soon' | 'no' => {
  if (!state.connected || state.deaf) return 'no';
  const halted = state.told && haltedWhole(state, state.self);
  const lacking = decideLease(state, now).kind === 'closed' || leaseAge(state, now) > GateTimes.askAfterMs;
  if (lacking && !halted) return 'now';
  const since = now.mono - (state.sync?.askedAt ?? 0);
  if (since > GateTimes.resyncMs) return 'soon';
  const behind = state.noticed > state.position && !halted;
  const unsettled = behind || state.heard.length > 0 || state.unproven.size > 0;
  return unsettled && since > GateTimes.calmMs ? 'soon' : 'no';
};
