// Boundaries, inputs and their arbitraries, for specs.
import { type DecisionInputs, type JsonValue, PermissionBoundary, type Rule } from '@writ/contracts';
import fc from 'fast-check';
import { compileBoundary, evaluate, type Verdict } from '../../src/index.js';

type Spec = Partial<PermissionBoundary['spec']>;
export type LooseRule = Partial<Rule>;

/** A rule about updating orders, reversible and single unless said otherwise. */
export const rule = (fields: LooseRule): Rule =>
  ({
    id: 'r1',
    resource: 'pg:orders/*',
    operations: ['update'],
    effect: 'permit',
    reversibility: 'reversible',
    blastRadius: 'single',
    obligations: [],
    ...fields,
  }) as Rule;

/** A boundary of level 1, autonomous, deny by default. */
export const boundaryOf = (spec: Spec, scope = 'acme.shop.prod'): PermissionBoundary =>
  PermissionBoundary.parse({
    apiVersion: 'writ/v1',
    kind: 'PermissionBoundary',
    metadata: { name: 'ops', scope },
    spec: { task: 't', level: 1, autonomy: 'autonomous', default: { effect: 'deny' }, rules: [], ...spec },
  });

export const inputs = (fields: Partial<DecisionInputs> = {}): DecisionInputs => ({
  now: '2026-03-01T12:00:00.000Z',
  agentStatus: 'active',
  containment: 'none',
  autonomy: 'autonomous',
  halted: false,
  counters: {},
  ...fields,
});

/** Evaluates an update of pg:orders/1. */
export const verdictOf = (
  spec: Spec,
  of: { inputs?: Partial<DecisionInputs>; args?: Record<string, JsonValue>; observedAt?: string } = {},
): Verdict =>
  evaluate({
    compiled: compileBoundary(boundaryOf(spec)),
    agent: 'acme.shop.prod.bot',
    action: { tool: 'sql', operation: 'update', resource: 'pg:orders/1' },
    args: of.args ?? {},
    evidence: [{ source: 'warehouse', observedAt: of.observedAt ?? '2026-03-01T11:59:00.000Z' }],
    reversalMethod: 'inverse-action',
    inputs: inputs({ autonomy: spec.autonomy ?? 'autonomous', ...of.inputs }),
  });

const conditions = [
  'args.rows <= 100',
  'args.missing == 1',
  'args.rows > 10 && args.kind == "bulk"',
  'args.list.exists(x, x == args.rows)',
  'action.reversal == "none"',
  'agent.containment == "watch"',
  'evidence.exists(e, e.ageSeconds < 60)',
  'has(args.rows)',
  'history["hour"] < 2',
  'now > time("2026-03-01T12:00:00Z")',
  'args.rows / 0 == 1',
] as const;

const gates = fc.constantFrom('people', 'night', 'nobody');
const maybe = <T>(arb: fc.Arbitrary<T>) => fc.option(arb, { nil: undefined });
const prune = (o: object) => Object.fromEntries(Object.entries(o).filter(([, v]) => v !== undefined));

const arbitraryRule = fc.record({
  resource: fc.constantFrom('**', 'pg:orders/*', 'pg:**', 'pg:orders/1', 's3:*'),
  operations: fc.constantFrom(['*'], ['update'], ['delete', 'up*'], ['read']),
  when: maybe(fc.constantFrom(...conditions)),
  effect: fc.constantFrom('permit', 'permit', 'gate', 'deny'),
  gate: gates,
  reversibility: fc.constantFrom('reversible', 'partially', 'irreversible'),
  blastRadius: fc.constantFrom('single', 'many', 'system', 'external'),
  obligations: fc.constantFrom(
    [],
    [{ kind: 'clamp', field: 'args.rows', max: 5 }],
    [{ kind: 'redact', field: 'args.x' }],
  ),
  onViolation: maybe(fc.constant('halt')),
  lowRisk: maybe(fc.boolean()),
});

const limit = (id: string) =>
  fc.record({
    id: fc.constant(id),
    resource: fc.constantFrom('**', 'pg:orders/*', 's3:**'),
    operations: fc.constantFrom(['*'], ['update']),
    max: fc.integer({ min: 0, max: 3 }),
    windowSeconds: fc.constantFrom(1, 30, 3600),
    effect: fc.constantFrom('deny', 'gate'),
    gate: maybe(gates),
  });

/** Any boundary that fits its schema, sensible or not. */
export const arbitraryBoundary: fc.Arbitrary<PermissionBoundary> = fc
  .record({
    level: fc.constantFrom(0, 1, 2, 3),
    autonomy: fc.constantFrom('shadow', 'supervised', 'bounded', 'autonomous'),
    clear: fc.constantFrom([], ['args.rows'], ['args.rows', 'args.kind', 'args.list']),
    default: fc.record({ effect: fc.constantFrom('deny', 'gate'), gate: maybe(gates) }).map(prune),
    highStakesGate: maybe(gates),
    permitSeconds: fc.integer({ min: 1, max: 600 }),
    limits: fc.tuple(limit('hour'), limit('burst')).map((ls) => ls.map(prune)),
    rules: fc
      .array(arbitraryRule, { maxLength: 5 })
      .map((rs) => rs.map((r, n) => prune({ id: `r${n}`, ...r }))),
  })
  .map((spec) => boundaryOf(prune(spec) as Spec));
