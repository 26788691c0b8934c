// Documents as people write them: what is found, where, and why.
import { describe, expect, it } from 'vitest';
import { checkBoundary, checkGate } from './index.js';

const boundary = (spec: string, clear = '[args.rows, args.name]') => `apiVersion: writ/v1
kind: PermissionBoundary
metadata: { name: ops, scope: acme.shop.prod }
spec:
  task: keep the shop running
  level: 1
  autonomy: autonomous
  clear: ${clear}
  default: { effect: deny }
${spec}`;

const rule = (fields: string) =>
  boundary(`  rules:
    - id: r1
      resource: pg:orders/*
      operations: [update]
${fields}`);

const problemsOf = (text: string) => {
  const checked = checkBoundary(text, 'ops.yaml');
  return checked.ok ? [] : checked.problems;
};

describe('checkBoundary', () => {
  it('accepts a boundary, YAML or JSON, and fills in its defaults', () => {
    const checked = checkBoundary(rule('      effect: permit\n      when: args.rows <= 100'), 'ops.yaml');
    if (!checked.ok) throw new Error(JSON.stringify(checked.problems));
    expect(checked.boundary.spec).toMatchObject({ permitSeconds: 300, limits: [] });
    expect(checked.boundary.spec.rules[0]).toMatchObject({
      reversibility: 'irreversible',
      blastRadius: 'many',
    });
    expect(checkBoundary(JSON.stringify(checked.boundary), 'ops.json')).toMatchObject({
      ok: true,
      warnings: [],
    });
  });

  it('names line and column of a syntax error', () => {
    const [first] = problemsOf('apiVersion: writ/v1\nkind: [');
    expect(first).toMatchObject({ code: 'WRIT-BND-001', file: 'ops.yaml', line: 2 });
    expect(problemsOf('a: 1\na: 2')[0]).toMatchObject({ code: 'WRIT-BND-001', line: 2, column: 1 });
  });

  it('names the place of an unknown field, a wrong one and a missing one', () => {
    const unknown = problemsOf(rule('      effect: permit\n      efect: deny'));
    expect(unknown).toEqual([
      {
        code: 'WRIT-BND-002',
        file: 'ops.yaml',
        line: 15,
        column: 7,
        path: 'spec.rules[0].efect',
        reason: "'efect' is not a field here",
      },
    ]);
    const wrong = problemsOf(rule('      effect: allow'));
    expect(wrong[0]).toMatchObject({
      code: 'WRIT-BND-002',
      line: 14,
      column: 15,
      path: 'spec.rules[0].effect',
    });
    expect(problemsOf(rule(''))[0]).toMatchObject({ line: 11, column: 7, path: 'spec.rules[0].effect' });
  });

  it('refuses aliases, other YAML tricks and what is far too long', () => {
    expect(problemsOf('a: &x [1]\nb: *x')[0]).toMatchObject({ code: 'WRIT-BND-001' });
    expect(problemsOf(`# ${'x'.repeat(300_000)}`)[0]).toMatchObject({ code: 'WRIT-BND-001', line: 1 });
    expect(problemsOf('--- 1\n--- 2')[0]).toMatchObject({ code: 'WRIT-BND-001' });
    expect(problemsOf('')[0]).toMatchObject({ code: 'WRIT-BND-002' });
  });

  it.each([
    ['args.rows <', 'WRIT-BND-003', 11],
    ['args.rows <= 1 && foo == 2', 'WRIT-BND-003', 18],
    ['action.tol == "x"', 'WRIT-BND-003', 7],
    ['1 + 1', 'WRIT-BND-003', 0],
    ['args.secret == 1', 'WRIT-BND-004', 0],
    ['size(args) > 1', 'WRIT-BND-004', 5],
    ['args[action.tool] == 1', 'WRIT-BND-004', 0],
    ['cel.bind(a, args, a.rows > 1)', 'WRIT-BND-004', 12],
    ['dyn(args).rows > 1', 'WRIT-BND-004', 4],
    ['evidence.exists(args, args.ageSeconds > 1)', 'WRIT-BND-003', 16],
    ['history["nothing"] > 1', 'WRIT-BND-003', 0],
    ['true && now.getHours("Europe/Berlin") > 8', 'WRIT-BND-003', 8],
    ['true && timestamp(args.name) > now', 'WRIT-BND-003', 8],
    ['now > timestamp("2026-01-01T00:00:00")', 'WRIT-BND-003', 6],
    ['true && args.name.matches("(a+)+b")', 'WRIT-BND-003', 8],
    ['args.name.matches(args.name)', 'WRIT-BND-003', 0],
    ['[1].all(a, [2].all(b, [3].all(c, a < b)))', 'WRIT-BND-003', 22],
  ])('refuses the condition %s with %s where it goes wrong', (when, code, offset) => {
    const found = problemsOf(rule(`      effect: permit\n      when: >-\n        ${when}`));
    expect(found[0]).toMatchObject({ code, line: 16, column: 9 + offset, path: 'spec.rules[0].when' });
  });

  it('points into a quoted and into a block condition', () => {
    const quoted = problemsOf(rule(`      effect: permit\n      when: 'args.rows < foo'`));
    expect(quoted[0]).toMatchObject({ line: 15, column: 26 });
    const block = problemsOf(
      rule('      effect: permit\n      when: |\n        args.rows < 5 &&\n        foo == 1'),
    );
    expect(block[0]).toMatchObject({ line: 17, column: 9 });
  });

  it('wants a gate named wherever one is needed', () => {
    expect(problemsOf(rule('      effect: gate'))[0]).toMatchObject({ code: 'WRIT-BND-005', line: 11 });
    const level2 = rule('      effect: permit').replace('level: 1', 'level: 2');
    expect(problemsOf(level2)[0]).toMatchObject({ code: 'WRIT-BND-005' });
    const named = level2.replace('autonomy: autonomous', 'autonomy: autonomous\n  highStakesGate: people');
    expect(problemsOf(named)).toEqual([]);
    const supervised = rule('      effect: permit').replace('autonomous', 'supervised');
    expect(problemsOf(supervised)[0]).toMatchObject({ code: 'WRIT-BND-005' });
    const limit = boundary(
      '  rules: []\n  limits:\n    - { id: l, max: 1, windowSeconds: 60, effect: gate }',
    );
    expect(problemsOf(limit)[0]).toMatchObject({ code: 'WRIT-BND-005', path: 'spec.limits[0]' });
  });

  it('wants a clamped field declared clear, so that the verdict can be derived again', () => {
    const clamp = (field: string) =>
      rule(`      effect: permit\n      obligations: [{ kind: clamp, field: args.${field}, max: 10 }]`);
    expect(problemsOf(clamp('secret'))[0]).toMatchObject({ code: 'WRIT-BND-004' });
    expect(problemsOf(clamp('rows'))).toEqual([]);
  });

  it('refuses a data subject that would stand in the ledger in clear, where it is named', () => {
    const about = (field: string) => boundary(`  dataSubject: args.${field}\n  rules: []`);
    const [found] = problemsOf(about('rows'));
    const text = about('rows').split('\n');
    const line = text.findIndex((one) => one.includes('dataSubject')) + 1;
    expect(found).toMatchObject({ code: 'WRIT-BND-008', path: 'spec.dataSubject', line, column: 16 });
    expect(problemsOf(about('customer_id'))).toEqual([]);
    const retention = boundary('  retention: { class: financial, days: 0 }\n  rules: []');
    expect(problemsOf(retention)).toMatchObject([{ code: 'WRIT-BND-002', path: 'spec.retention.days' }]);
  });

  const rules = (...lines: readonly string[]) =>
    boundary(`  rules:\n${lines.map((line, n) => `    - { id: r${n}, ${line} }`).join('\n')}`);
  const all = 'resource: "**", operations: ["*"]';
  const one = 'resource: pg:orders/1, operations: [update]';

  it('finds a rule behind a deny or a gate that covers it, wherever that stands', () => {
    const denied = problemsOf(rules(`${one}, effect: permit`, `${all}, effect: deny`));
    expect(denied).toMatchObject([{ code: 'WRIT-BND-007', line: 11, path: 'spec.rules[0]' }]);
    const gated = problemsOf(rules(`${all}, effect: gate, gate: g`, `${one}, effect: permit`));
    expect(gated).toMatchObject([{ code: 'WRIT-BND-007', path: 'spec.rules[1]' }]);
    expect(problemsOf(rules(`${all}, when: args.rows > 1, effect: deny`, `${one}, effect: permit`))).toEqual(
      [],
    );
  });

  it('finds duplicates, conditions that are never true and ids used twice', () => {
    expect(problemsOf(rules(`${one}, effect: permit`, `${one}, effect: permit`))).toMatchObject([
      { code: 'WRIT-BND-007', path: 'spec.rules[1]' },
    ]);
    expect(problemsOf(rules(`${one}, effect: permit, when: "false"`))[0]).toMatchObject({
      code: 'WRIT-BND-007',
    });
    const twice = rules(`${one}, effect: permit`, `${all}, effect: permit`).replace('id: r1', 'id: r0');
    expect(problemsOf(twice)[0]).toMatchObject({ code: 'WRIT-BND-006', path: 'spec.rules[1].id' });
  });

  it('warns of a rule that a wider one of the same effect makes nameless', () => {
    const checked = checkBoundary(rules(`${all}, effect: permit`, `${one}, effect: permit`), 'ops.yaml');
    expect(checked).toMatchObject({ ok: true, warnings: [{ code: 'WRIT-BND-007', path: 'spec.rules[1]' }] });
  });
});

describe('checkGate', () => {
  const gate = (approvers: string, quorum = 1) => `apiVersion: writ/v1
kind: ApprovalGate
metadata: { name: people, scope: acme }
spec:
  type: human
  approvers: ${approvers}
  quorum: ${quorum}
  deadlineSeconds: 300
  fallback: deny
`;

  it('accepts a gate and refuses one that nobody could open', () => {
    expect(checkGate(gate('{ roles: [approver] }', 2), 'g.yaml')).toMatchObject({ ok: true });
    expect(checkGate(gate('{}'), 'g.yaml')).toMatchObject({
      ok: false,
      problems: [{ line: 6, path: 'spec.approvers' }],
    });
    expect(checkGate(gate('{ people: [ann, ann] }', 2), 'g.yaml')).toMatchObject({
      ok: false,
      problems: [{ code: 'WRIT-BND-002', line: 7, path: 'spec.quorum' }],
    });
  });
});
