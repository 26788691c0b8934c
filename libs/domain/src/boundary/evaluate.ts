// The policy decision itself: what a boundary says about one action, from recorded inputs alone. Deterministic and total.
import { oblige, type Rule } from '@writ/contracts';
import { isConsequential, isHighStakes, requiresGate } from '../autonomy/autonomy.js';
import { type CelContext, celArguments, EvidenceValue } from './cel.js';
import type { CompiledRule } from './compile.js';
import type { EvaluationInput, Verdict } from './verdict.js';

/** The verdict before levels: the same shape, and whether level 0 may soften it. */
type Finding = Verdict;

const NO_RULE = {
  rule: null,
  obligations: [],
  reversibility: 'irreversible',
  blastRadius: 'many',
  lowRisk: false,
} as const;

type Place = Pick<Verdict, 'rule' | 'reversibility' | 'blastRadius'>;

const deny = (code: string, { rule, reversibility, blastRadius }: Place = NO_RULE): Finding => ({
  effect: 'deny',
  rule,
  codes: [code],
  obligations: [],
  reversibility,
  blastRadius,
  lowRisk: false,
});

const secondsBetween = (earlier: string, later: string): bigint =>
  BigInt(Math.floor((Date.parse(later) - Date.parse(earlier)) / 1000));

const historyOf = (input: EvaluationInput): ReadonlyMap<string, bigint> => {
  const { operation, resource } = input.action;
  const covering = input.compiled.limits.filter((l) => l.covers(operation, resource));
  return new Map(covering.map(({ limit }) => [limit.id, BigInt(input.inputs.counters[limit.id] ?? 0)]));
};

const scopeOf = (agent: string) => {
  const [organisation = '', project = '', environment = ''] = agent.split('.');
  return { organisation, project, environment };
};

const contextOf = (input: EvaluationInput): CelContext | 'error' => {
  const { action, agent, inputs, evidence, reversalMethod } = input;
  try {
    return {
      args: celArguments(input.args),
      action: { ...action, reversal: reversalMethod },
      agent: { name: agent, autonomy: inputs.autonomy, containment: inputs.containment },
      scope: scopeOf(agent),
      evidence: evidence.map(
        (e) => new EvidenceValue(e.source, new Date(e.observedAt), secondsBetween(e.observedAt, inputs.now)),
      ),
      history: historyOf(input),
      now: new Date(inputs.now),
    };
  } catch {
    return 'error';
  }
};

const holds = (compiled: CompiledRule, context: () => CelContext | 'error'): boolean | 'error' => {
  if (compiled.condition === undefined) return true;
  if (compiled.condition === 'broken') return 'error';
  const values = context();
  return values === 'error' ? 'error' : compiled.condition.run(values);
};

const ofRule = (rule: Rule) => ({
  rule: rule.id,
  reversibility: rule.reversibility,
  blastRadius: rule.blastRadius,
});

const RANK = { deny: 0, gate: 1, permit: 2 } as const;

type Matched = { readonly decisive: Rule | undefined; readonly broken: Rule | undefined };

/** Deny overrides gate, gate overrides permit; among equals the first in the document. */
const matchRules = (input: EvaluationInput): Matched => {
  let built: CelContext | 'error' | undefined;
  const context = () => {
    built ??= contextOf(input);
    return built;
  };
  let decisive: Rule | undefined;
  let broken: Rule | undefined;
  for (const compiled of input.compiled.rules) {
    if (!compiled.covers(input.action.operation, input.action.resource)) continue;
    const applies = holds(compiled, context);
    if (applies === 'error') broken ??= compiled.rule;
    else if (applies && (decisive === undefined || RANK[compiled.rule.effect] < RANK[decisive.effect])) {
      decisive = compiled.rule;
    }
  }
  return { decisive, broken };
};

const byDefault = (input: EvaluationInput): Finding => {
  const { effect, gate } = input.compiled.boundary.spec.default;
  if (effect === 'deny') return deny('default-deny');
  return gateWith({ ...NO_RULE, effect: 'permit', codes: [] }, 'default-gate', gate);
};

/** Turns a finding into one that waits at a gate; without a named gate nobody could answer, so it denies. */
const gateWith = (finding: Finding, code: string, gate: string | undefined): Finding => {
  const named = finding.gate ?? gate;
  if (named === undefined) return deny('gate-not-named', finding);
  return { ...finding, effect: 'gate', codes: [...finding.codes, code], gate: named };
};

const byRules = (input: EvaluationInput): Finding => {
  const { decisive, broken } = matchRules(input);
  if (decisive?.effect === 'deny') {
    const halt = decisive.onViolation === undefined ? {} : { onViolation: decisive.onViolation };
    return { ...deny('rule-deny', ofRule(decisive)), ...halt };
  }
  if (broken !== undefined) return deny('condition-error', ofRule(broken));
  if (decisive === undefined) return byDefault(input);
  const { obligations } = decisive;
  if (
    oblige(
      input.args,
      obligations.filter((o) => o.kind === 'clamp'),
    ).kind === 'refused'
  ) {
    return deny('obligation-inapplicable', ofRule(decisive));
  }
  const found = { ...ofRule(decisive), obligations, lowRisk: false };
  if (decisive.effect === 'permit') return { ...found, effect: 'permit', codes: ['rule-permit'] };
  const gated = gateWith({ ...found, effect: 'permit', codes: [] }, 'rule-gate', decisive.gate);
  return { ...gated, lowRisk: gated.effect === 'gate' && decisive.lowRisk === true };
};

/** Adds a reason to wait for a person; with it the action is no longer low risk. */
const alsoGate = (input: EvaluationInput, finding: Finding, code: string, gate?: string): Finding => {
  const { highStakesGate, default: fallback } = input.compiled.boundary.spec;
  return { ...gateWith(finding, code, gate ?? highStakesGate ?? fallback.gate), lowRisk: false };
};

const withLimits = (input: EvaluationInput, finding: Finding): Finding => {
  const { operation, resource } = input.action;
  let current = finding;
  for (const { limit, covers } of input.compiled.limits) {
    if (current.effect === 'deny') return current;
    if ((input.inputs.counters[limit.id] ?? 0) < limit.max || !covers(operation, resource)) continue;
    const at = { ...current, rule: `limit:${limit.id}` };
    current =
      limit.effect === 'deny'
        ? deny('limit-exceeded', at)
        : { ...alsoGate(input, current, 'limit-gate', limit.gate), rule: at.rule };
  }
  return current;
};

const withPeople = (input: EvaluationInput, finding: Finding): Finding => {
  const { autonomy, containment } = input.inputs;
  const { reversibility, blastRadius } = finding;
  const level = input.compiled.boundary.spec.level;
  const reasons = [
    requiresGate(autonomy, reversibility, blastRadius) ? `autonomy-${autonomy}` : '',
    level >= 2 && isHighStakes(reversibility, blastRadius) ? 'high-stakes' : '',
    containment === 'gate' && isConsequential(reversibility, blastRadius) ? 'containment-gate' : '',
  ].filter((code) => code !== '');
  return reasons.reduce(
    (current, code) => (current.effect === 'deny' ? current : alsoGate(input, current, code)),
    finding,
  );
};

/** Level 0 watches: what a boundary would deny or gate is permitted, and says so (ARCHITECTURE §5, Levels). */
const atLevel = (input: EvaluationInput, finding: Finding): Verdict => {
  if (input.compiled.boundary.spec.level !== 0 || finding.effect === 'permit') return finding;
  const { gate: _gate, onViolation: _onViolation, ...rest } = finding;
  const code = finding.effect === 'deny' ? 'would-deny' : 'would-gate';
  return { ...rest, effect: 'permit', codes: [code, ...finding.codes], lowRisk: false };
};

/** What no boundary and no level can soften: the agent's standing, a halt, isolation. */
const standing = (input: EvaluationInput): Finding | undefined => {
  const { agentStatus, halted, containment } = input.inputs;
  if (agentStatus !== 'active') return deny(`agent-${agentStatus}`);
  if (halted) return deny('halted');
  if (containment === 'isolate' || containment === 'halt') return deny(`containment-${containment}`);
  return undefined;
};

/**
 * Evaluates an action under a boundary. Guarantees: pure, deterministic, total (a failing condition denies with
 * `condition-error`), and dependent on its input only, so that a recorded decision can be derived again (§7.8).
 *
 * Order: standing of the agent, halt, isolation; rules (deny overrides gate overrides permit); default; limits; autonomy
 * step, high stakes (from level 2), containment `gate`; level 0. The most consequential codes:
 * `agent-unknown|retired|orphaned`, `halted`, `containment-isolate|halt`, `rule-permit|gate|deny`, `default-deny|gate`,
 * `condition-error`, `obligation-inapplicable`, `limit-exceeded`, `limit-gate`, `autonomy-<step>`, `high-stakes`,
 * `containment-gate`, `gate-not-named`, `would-deny`, `would-gate`.
 */
export const evaluate = (input: EvaluationInput): Verdict => {
  const stopped = standing(input);
  if (stopped !== undefined) return stopped;
  const found = withLimits(input, byRules(input));
  return atLevel(input, found.effect === 'deny' ? found : withPeople(input, found));
};
