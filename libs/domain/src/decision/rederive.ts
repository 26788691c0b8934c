// The verdict on an intent from recorded inputs alone: used to decide, to issue receipts and to verify (ARCHITECTURE §7.8).
import type { DecisionInputs, Intent, JsonValue, PermissionBoundary } from '@writ/contracts';
import { clearOf, compileBoundary } from '../boundary/compile.js';
import { evaluate } from '../boundary/evaluate.js';
import type { Verdict } from '../boundary/verdict.js';
import type { DecisionData } from './decision.input.js';
import { DecisionTimes } from './decision.state.js';
import { disclosedArgs, readAllDisclosed } from './disclosure.js';

/** What a verdict follows from, besides the boundary. */
export type Derivation = {
  readonly intent: Intent;
  readonly agent: string;
  readonly args: Readonly<Record<string, JsonValue>>;
  readonly inputs: DecisionInputs;
  /** Whether the gate of that name is in force for the agent. */
  readonly gateKnown: (name: string) => boolean;
};

/** A denial that no rule made. */
export const denied = (...codes: readonly [string, ...string[]]): Verdict => ({
  effect: 'deny',
  rule: null,
  codes,
  obligations: [],
  reversibility: 'irreversible',
  blastRadius: 'many',
  lowRisk: false,
});

/** Whether an intent was too old, or past its deadline, to be answered other than by the sweep. */
export const lateCodes = (intent: Intent, now: string): readonly [string, ...string[]] | undefined => {
  const at = Date.parse(now);
  const past = Date.parse(intent.data.deadline) <= at;
  const stale = at - Date.parse(intent.time) > DecisionTimes.staleAfterMs;
  if (past) return ['undecided-in-time', 'deadline-passed'];
  return stale ? ['undecided-in-time'] : undefined;
};

const atGate = (verdict: Verdict, gateKnown: Derivation['gateKnown']): Verdict => {
  if (verdict.gate === undefined || gateKnown(verdict.gate)) return verdict;
  const { rule, reversibility, blastRadius } = verdict;
  return { ...denied('gate-not-found'), rule, reversibility, blastRadius };
};

/** The one derivation of a verdict. `boundary` null: none is in force, which denies. Pure and total. */
export const deriveVerdict = (of: Derivation, boundary: PermissionBoundary | null): Verdict => {
  const late = lateCodes(of.intent, of.inputs.now);
  if (late !== undefined) return denied(...late);
  if (boundary === null) {
    return of.inputs.agentStatus === 'active'
      ? denied('no-boundary')
      : denied(`agent-${of.inputs.agentStatus}`);
  }
  const compiled = compileBoundary(boundary);
  const { action, evidence, reversal } = of.intent.data;
  const verdict = evaluate({
    compiled,
    agent: of.agent,
    action: { tool: action.tool, operation: action.operation, resource: action.resource },
    args: clearOf(compiled, of.args),
    evidence,
    reversalMethod: reversal.method,
    inputs: of.inputs,
  });
  return atGate(verdict, of.gateKnown);
};

const derivationOf = (
  data: DecisionData,
  intent: Intent,
  gateKnown: Derivation['gateKnown'],
): Derivation | undefined => {
  const disclosed = readAllDisclosed(data.disclosed);
  if (disclosed === undefined) return undefined;
  return { intent, agent: data.agent, args: disclosedArgs(disclosed), inputs: data.inputs, gateKnown };
};

const recordedGates = (data: DecisionData) => (): boolean => !data.codes.includes('gate-not-found');

/**
 * Derives the verdict of a recorded decision again, from the event, the intent in it and the boundary that it names (null
 * where it names none). Equal to the recorded verdict for every honest decision (§7.8); compare with `agreesWith`. The
 * caller has checked the intent frame, and that each disclosure is in the intent's commitment. Whether the named gate was
 * in force is taken from the event unless `gateKnown` (from the registry folded to `registryVer`) is given.
 */
export const rederiveVerdict = (
  data: DecisionData,
  intent: Intent,
  boundary: PermissionBoundary | null,
  gateKnown: Derivation['gateKnown'] = recordedGates(data),
): Verdict => {
  const derivation = derivationOf(data, intent, gateKnown);
  return derivation === undefined ? denied('disclosure-unreadable') : deriveVerdict(derivation, boundary);
};

/**
 * What the boundary now in force would say to the same intent and recorded inputs; null when none is. A limit that the
 * event does not count starts at 0; a field that the event does not disclose is missing, so a condition on it denies.
 * Used by receipt-ledger when the boundary has changed since the decision (§5 step 4).
 */
export const rederiveUnder = (
  data: DecisionData,
  intent: Intent,
  current: PermissionBoundary | null,
  gateKnown: Derivation['gateKnown'],
): Verdict => rederiveVerdict(data, intent, current, gateKnown);

const EFFECT_TYPE = { permit: 'permitted', deny: 'denied', gate: 'escalated' } as const;

type Judged = { readonly type: string; readonly data: DecisionData };

type Facts = Pick<Verdict, 'rule' | 'codes' | 'obligations' | 'reversibility' | 'blastRadius'>;

const sorted = (value: object) => Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));

const facts = (v: Facts): string =>
  JSON.stringify([v.rule, v.codes, v.obligations.map(sorted), v.reversibility, v.blastRadius]);

/** Whether a decision event records exactly this verdict: effect, rule, codes, obligations, reach, gate and low risk. */
export const agreesWith = (event: Judged, verdict: Verdict): boolean => {
  if (event.type !== `writ.decision.${EFFECT_TYPE[verdict.effect]}.v1`) return false;
  if (facts(event.data) !== facts(verdict)) return false;
  if (verdict.effect !== 'gate') return true;
  const data = event.data as { readonly gate?: { readonly name: string }; readonly lowRisk?: boolean };
  return data.gate?.name === verdict.gate && data.lowRisk === verdict.lowRisk;
};
