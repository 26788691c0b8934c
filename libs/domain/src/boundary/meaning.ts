// What is wrong with a boundary or gate that fits its schema: conditions, names, gates, rules that never apply.
import type { ApprovalGate, PermissionBoundary, Rule } from '@writ/contracts';
import { isHighStakes, requiresGate } from '../autonomy/autonomy.js';
import { parseCondition } from './condition.js';
import { type DocumentPath, type Finding, problem } from './finding.js';
import { findShadowed } from './shadow.js';

const repeated = (names: readonly string[], path: DocumentPath, what: string): readonly Finding[] =>
  names.flatMap((name, index) =>
    names.indexOf(name) === index
      ? []
      : [problem('WRIT-BND-006', [...path, index, 'id'], `there is another ${what} '${name}'`)],
  );

const isClear = (boundary: PermissionBoundary, field: string): boolean =>
  boundary.spec.clear.includes(`args.${field}`);

const conditionFindings = (boundary: PermissionBoundary, rule: Rule, index: number): readonly Finding[] => {
  if (rule.when === undefined) return [];
  const path = ['spec', 'rules', index, 'when'];
  const parsed = parseCondition(rule.when);
  if (!parsed.ok) return parsed.faults.map((f) => problem(f.code, path, f.reason, f.offset));
  const limits = boundary.spec.limits.map((limit) => limit.id);
  const { fields, limits: read } = parsed.condition;
  return [
    ...[...fields]
      .filter(([field]) => !isClear(boundary, field))
      .map(([field, at]) => problem('WRIT-BND-004', path, `args.${field} is not declared in spec.clear`, at)),
    ...[...read]
      .filter(([limit]) => !limits.includes(limit))
      .map(([limit, at]) =>
        problem('WRIT-BND-003', path, `history["${limit}"] is not a limit of this boundary`, at),
      ),
  ];
};

const obligationFindings = (boundary: PermissionBoundary, rule: Rule, index: number): readonly Finding[] =>
  rule.obligations.flatMap((o, n) => {
    const path = ['spec', 'rules', index, 'obligations', n, 'field'];
    if (o.kind !== 'clamp' || isClear(boundary, o.field.slice('args.'.length))) return [];
    return [problem('WRIT-BND-004', path, `${o.field} is clamped and not declared in spec.clear`)];
  });

/** Why a permit of this rule would still need a person, so that somebody must be named to ask. */
const personNeeded = (boundary: PermissionBoundary, rule: Rule): string | undefined => {
  const { level, autonomy } = boundary.spec;
  const { reversibility, blastRadius } = rule;
  if (rule.effect !== 'permit' || level === 0) return undefined;
  if (level >= 2 && isHighStakes(reversibility, blastRadius)) {
    return `at level ${level} it is high stakes (${reversibility}, ${blastRadius})`;
  }
  return requiresGate(autonomy, reversibility, blastRadius)
    ? `at autonomy '${autonomy}' it needs a person (${reversibility}, ${blastRadius})`
    : undefined;
};

const gateFindings = (boundary: PermissionBoundary): readonly Finding[] => {
  const { rules, limits, default: fallback, highStakesGate } = boundary.spec;
  const unnamed = 'effect gate names no gate';
  const anyGate = highStakesGate ?? fallback.gate;
  return [
    ...rules.flatMap((rule, n) => {
      const path = ['spec', 'rules', n];
      if (rule.effect === 'gate' && rule.gate === undefined) return [problem('WRIT-BND-005', path, unnamed)];
      const why = anyGate === undefined ? personNeeded(boundary, rule) : undefined;
      return why === undefined
        ? []
        : [problem('WRIT-BND-005', path, `${why}, and spec.highStakesGate names no gate`)];
    }),
    ...limits.flatMap((limit, n) =>
      limit.effect === 'gate' && limit.gate === undefined
        ? [problem('WRIT-BND-005', ['spec', 'limits', n], unnamed)]
        : [],
    ),
    ...(fallback.effect === 'gate' && fallback.gate === undefined
      ? [problem('WRIT-BND-005', ['spec', 'default'], unnamed)]
      : []),
  ];
};

const subjectFindings = ({ spec }: PermissionBoundary): readonly Finding[] =>
  spec.dataSubject !== undefined && spec.clear.includes(spec.dataSubject)
    ? [
        problem(
          'WRIT-BND-008',
          ['spec', 'dataSubject'],
          `${spec.dataSubject} is declared in spec.clear: who the person is would stay in the ledger for ever`,
        ),
      ]
    : [];

/** Everything wrong with a boundary that its schema cannot say: WRIT-BND-003 to -008; problems and warnings. Pure. */
export const boundaryFindings = (boundary: PermissionBoundary): readonly Finding[] => [
  ...repeated(
    boundary.spec.rules.map((r) => r.id),
    ['spec', 'rules'],
    'rule',
  ),
  ...repeated(
    boundary.spec.limits.map((l) => l.id),
    ['spec', 'limits'],
    'limit',
  ),
  ...boundary.spec.rules.flatMap((rule, n) => conditionFindings(boundary, rule, n)),
  ...boundary.spec.rules.flatMap((rule, n) => obligationFindings(boundary, rule, n)),
  ...gateFindings(boundary),
  ...subjectFindings(boundary),
  ...findShadowed(boundary.spec.rules),
];

/** Everything wrong with a gate that its schema cannot say. Pure. */
export const gateDocumentFindings = (gate: ApprovalGate): readonly Finding[] => {
  const { approvers, quorum } = gate.spec;
  const people = new Set(approvers.people).size;
  const path = ['spec', 'approvers'];
  if (people === 0 && approvers.roles.length === 0) {
    return [problem('WRIT-BND-002', path, 'nobody may approve: name people or roles')];
  }
  if (approvers.roles.length === 0 && people < quorum) {
    return [
      problem('WRIT-BND-002', ['spec', 'quorum'], `quorum ${quorum} of ${people} people can never be met`),
    ];
  }
  return [];
};

/** The gates that a boundary names, each once, sorted. */
export const gatesNamed = (boundary: PermissionBoundary): readonly string[] => {
  const { rules, limits, default: fallback, highStakesGate } = boundary.spec;
  const names = [...rules.map((r) => r.gate), ...limits.map((l) => l.gate), fallback.gate, highStakesGate];
  return [...new Set(names.filter((name) => name !== undefined))].sort();
};
