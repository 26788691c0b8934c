// The shapes of an evaluation: what goes in, what comes out. No logic.
import type {
  AgentScope,
  BlastRadius,
  DecisionInputs,
  JsonValue,
  Obligation,
  Reversibility,
  Timestamp,
} from '@writ/contracts';
import type { CompiledBoundary } from './compile.js';

/** What is to be done, without its arguments. */
export type ActionNames = { readonly tool: string; readonly operation: string; readonly resource: string };

/** A reading that the intent carries. Its value is private; conditions see source and age. */
export type EvidenceReading = { readonly source: string; readonly observedAt: Timestamp };

/** Everything a verdict depends on. `args` are the clear values only; `inputs` are what the decision event records. */
export type EvaluationInput = {
  readonly compiled: CompiledBoundary;
  readonly agent: AgentScope;
  readonly action: ActionNames;
  readonly args: Readonly<Record<string, JsonValue>>;
  readonly evidence: readonly EvidenceReading[];
  readonly reversalMethod: string;
  readonly inputs: DecisionInputs;
};

/** What a boundary says about an action: final, level and containment included. Codes are kebab-case, the decisive one first. */
export type Verdict = {
  readonly effect: 'permit' | 'deny' | 'gate';
  /** A rule id, `limit:<id>`, or null where no rule was decisive. */
  readonly rule: string | null;
  readonly codes: readonly string[];
  readonly obligations: readonly Obligation[];
  readonly reversibility: Reversibility;
  readonly blastRadius: BlastRadius;
  /** The name of the gate when the effect is `gate`. */
  readonly gate?: string;
  /** Whether the gate's `fallback: allow` may apply. */
  readonly lowRisk: boolean;
  /** The denying rule asks for a halt. */
  readonly onViolation?: 'halt';
};
