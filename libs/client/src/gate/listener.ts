// Who hears of a change of the gate. Shape only.
import type { GateState } from './gate.state.js';

/** Called inside every change, before anything else can run. */
export type GateListener = (next: GateState, previous: GateState) => void;
