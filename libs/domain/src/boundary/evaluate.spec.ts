// What a boundary says: given rules and inputs, then a verdict.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitraryBoundary, boundaryOf, inputs, rule, verdictOf } from '../../test/given/boundary.js';
import { compileBoundary, disclosedFields, evaluate } from './index.js';

const clear = ['args.rows', 'args.name', 'args.items'];
const people = { highStakesGate: 'people' };

describe('rules', () => {
  it('deny by default, and gate by default where the boundary says so', () => {
    expect(verdictOf({})).toMatchObject({ effect: 'deny', rule: null, codes: ['default-deny'] });
    const gated = verdictOf({ default: { effect: 'gate', gate: 'people' } });
    expect(gated).toMatchObject({ effect: 'gate', gate: 'people', codes: ['default-gate'], lowRisk: false });
  });

  it('let deny override gate and gate override permit, in whatever order they stand', () => {
    const permit = rule({ id: 'p' });
    const gate = rule({ id: 'g', effect: 'gate', gate: 'people' });
    const deny = rule({ id: 'd', effect: 'deny' });
    expect(verdictOf({ rules: [permit, gate, deny] })).toMatchObject({ effect: 'deny', rule: 'd' });
    expect(verdictOf({ rules: [permit, gate] })).toMatchObject({
      effect: 'gate',
      rule: 'g',
      codes: ['rule-gate'],
    });
    expect(verdictOf({ rules: [permit, rule({ id: 'q' })] })).toMatchObject({ effect: 'permit', rule: 'p' });
  });

  it('see integers, strings, lists, evidence, history and time in their conditions', () => {
    const holds = (when: string, args = {}) =>
      verdictOf(
        { clear, rules: [rule({ when })], limits: [limit] },
        { args, inputs: { counters: { hour: 3 } } },
      ).effect;
    const limit = {
      id: 'hour',
      resource: '**',
      operations: ['*'],
      max: 9,
      windowSeconds: 60,
      effect: 'deny' as const,
    };
    expect(holds('args.rows <= 100', { rows: 100 })).toBe('permit');
    expect(holds('args.rows <= 100', { rows: 101 })).toBe('deny');
    expect(holds('args.rows * 2 + 1 == 21', { rows: 10 })).toBe('permit');
    expect(holds('args.name.startsWith("tmp_")', { name: 'tmp_1' })).toBe('permit');
    expect(
      holds('args.items.all(i, i.price < 5 && i.kind in ["a", "b"])', { items: [{ price: 4, kind: 'a' }] }),
    ).toBe('permit');
    expect(
      holds('args.items[0].price == 9007199254740991', { items: [{ price: Number.MAX_SAFE_INTEGER }] }),
    ).toBe('permit');
    expect(holds('evidence.exists(e, e.source == "warehouse" && e.ageSeconds == 60)')).toBe('permit');
    expect(holds('history["hour"] == 3')).toBe('permit');
    expect(holds('now == timestamp("2026-03-01T12:00:00Z") && now.getDayOfWeek() == 0')).toBe('permit');
    expect(holds('scope.environment == "prod" && agent.name.endsWith(".bot")')).toBe('permit');
    expect(holds('action.reversal == "inverse-action" && action.tool == "sql"')).toBe('permit');
    expect(holds('has(args.rows) && args.rows > 1')).toBe('deny');
  });

  it.each([
    ['a missing field', 'args.rows > 1', {}],
    ['a wrong type', 'args.rows > 1', { rows: 'x' }],
    ['a result that is no boolean', 'args.rows', { rows: 1 }],
    ['a division by zero', '1 / args.rows == 1', { rows: 0 }],
    ['far too many values', 'args.items.size() > 0', { items: Array.from({ length: 3000 }, () => 1) }],
  ])('deny with condition-error on %s, even beside a permit', (_what, when, args) => {
    const rules = [rule({ id: 'ok' }), rule({ id: 'bad', when })];
    expect(verdictOf({ clear, rules }, { args })).toMatchObject({
      effect: 'deny',
      rule: 'bad',
      codes: ['condition-error'],
    });
  });

  it('keep their obligations on permit and gate, and deny what an obligation does not fit', () => {
    const obligations = [{ kind: 'clamp' as const, field: 'args.rows', max: 10 }];
    expect(verdictOf({ clear, rules: [rule({ obligations })] }, { args: { rows: 50 } }).obligations).toEqual(
      obligations,
    );
    const unfit = verdictOf({ clear, rules: [rule({ obligations })] }, { args: { rows: 'all' } });
    expect(unfit).toMatchObject({ effect: 'deny', codes: ['obligation-inapplicable'], obligations: [] });
  });

  it('ask for a halt only when a denying rule does', () => {
    expect(verdictOf({ rules: [rule({ effect: 'deny', onViolation: 'halt' })] }).onViolation).toBe('halt');
    expect(verdictOf({ rules: [rule({ onViolation: 'halt' })] }).onViolation).toBeUndefined();
    expect(
      verdictOf({ level: 0, rules: [rule({ effect: 'deny', onViolation: 'halt' })] }).onViolation,
    ).toBeUndefined();
  });
});

describe('limits', () => {
  const limit = {
    id: 'hour',
    resource: 'pg:**',
    operations: ['*'],
    max: 2,
    windowSeconds: 60,
    effect: 'deny' as const,
  };
  const at = (hour: number, fields = {}) =>
    verdictOf({ rules: [rule({})], limits: [{ ...limit, ...fields }] }, { inputs: { counters: { hour } } });

  it('permit up to their maximum and then deny or gate, named by the limit', () => {
    expect(at(1).effect).toBe('permit');
    expect(at(2)).toMatchObject({ effect: 'deny', rule: 'limit:hour', codes: ['limit-exceeded'] });
    const gated = at(2, { effect: 'gate', gate: 'people' });
    expect(gated).toMatchObject({ effect: 'gate', gate: 'people', rule: 'limit:hour' });
    expect(at(2, { resource: 's3:**' }).effect).toBe('permit');
  });
});

describe('people', () => {
  it('are asked for high stakes from level 2 on, and not at level 1', () => {
    const rules = [rule({ reversibility: 'irreversible', blastRadius: 'system' })];
    expect(verdictOf({ level: 1, ...people, rules }).effect).toBe('permit');
    expect(verdictOf({ level: 2, ...people, rules })).toMatchObject({
      effect: 'gate',
      codes: ['rule-permit', 'high-stakes'],
    });
    expect(verdictOf({ level: 2, rules })).toMatchObject({ effect: 'deny', codes: ['gate-not-named'] });
  });

  it('are asked by the autonomy step, and by containment for what has consequences', () => {
    const rules = [rule({ reversibility: 'irreversible' })];
    const supervised = verdictOf({ ...people, rules, autonomy: 'supervised' });
    expect(supervised).toMatchObject({ effect: 'gate', codes: ['rule-permit', 'autonomy-supervised'] });
    const contained = { inputs: { containment: 'gate' as const } };
    expect(verdictOf({ ...people, rules }, contained)).toMatchObject({ effect: 'gate', gate: 'people' });
    expect(verdictOf({ ...people, rules: [rule({})] }, contained).effect).toBe('permit');
  });

  it('are not bypassed by low risk where more than the rule asks for them', () => {
    const rules = [rule({ effect: 'gate', gate: 'fast', lowRisk: true, blastRadius: 'many' })];
    expect(verdictOf({ ...people, rules })).toMatchObject({ gate: 'fast', lowRisk: true });
    const contained = verdictOf({ ...people, rules }, { inputs: { containment: 'gate' } });
    expect(contained).toMatchObject({ gate: 'fast', lowRisk: false });
  });
});

describe('level 0', () => {
  it('permits what a boundary would deny or gate, and says so', () => {
    expect(verdictOf({ level: 0 })).toMatchObject({
      effect: 'permit',
      codes: ['would-deny', 'default-deny'],
    });
    const gated = verdictOf({ level: 0, rules: [rule({ effect: 'gate', gate: 'people' })] });
    expect(gated).toMatchObject({ effect: 'permit', rule: 'r1', codes: ['would-gate', 'rule-gate'] });
    expect(gated.gate).toBeUndefined();
  });

  it.each([
    [{ halted: true }, 'halted'],
    [{ containment: 'isolate' as const }, 'containment-isolate'],
    [{ agentStatus: 'orphaned' as const }, 'agent-orphaned'],
  ])('softens no halt, no isolation and no agent out of service: %o', (given, code) => {
    expect(verdictOf({ level: 0, rules: [rule({})] }, { inputs: given })).toMatchObject({
      effect: 'deny',
      codes: [code],
    });
  });
});

describe('evaluation', () => {
  it('discloses the clear fields that rules read and nothing else', () => {
    const rules = [rule({ when: 'args.rows > 1 && args.secret == 1' })];
    expect(disclosedFields(boundaryOf({ clear, rules }))).toEqual(['rows']);
  });

  it('is deterministic and total for any boundary and inputs', () => {
    const state = fc.record({
      containment: fc.constantFrom('none', 'watch', 'gate', 'isolate', 'halt'),
      autonomy: fc.constantFrom('shadow', 'supervised', 'bounded', 'autonomous'),
      halted: fc.boolean(),
      counters: fc.dictionary(fc.constantFrom('hour', 'burst'), fc.nat(4)),
    });
    fc.assert(
      fc.property(
        arbitraryBoundary,
        state,
        fc.dictionary(fc.constantFrom('rows', 'kind', 'list', '__proto__'), fc.jsonValue()),
        (b, s, args) => {
          const of = {
            agent: 'acme.shop.prod.bot',
            action: { tool: 'sql', operation: 'update', resource: 'pg:orders/1' },
            args: args as never,
            evidence: [],
            reversalMethod: 'none',
            inputs: inputs(s as never),
          };
          const first = evaluate({ ...of, compiled: compileBoundary(b) });
          const again = evaluate({ ...of, compiled: compileBoundary(structuredClone(b)) });
          expect(again).toEqual(first);
          expect(first.codes.length).toBeGreaterThan(0);
          expect(first.codes.every((code) => /^[a-z][a-z0-9-]{0,62}$/.test(code))).toBe(true);
          if (s.halted) expect(first.effect).toBe('deny');
        },
      ),
      { numRuns: 500 },
    );
  });

  it('stays within half a millisecond for 100 rules and 20 limits, on a busy machine', () => {
    const rules = Array.from({ length: 100 }, (_, n) =>
      rule({
        id: `r${n}`,
        resource: `pg:table${n % 7}/*`,
        ...(n % 3 === 0 ? { when: 'args.rows <= 100' } : {}),
      }),
    );
    const limits = Array.from({ length: 20 }, (_, n) => ({
      id: `l${n}`,
      resource: 'pg:**',
      operations: ['*'],
      max: 10,
      windowSeconds: 60,
      effect: 'deny' as const,
    }));
    const compiled = compileBoundary(boundaryOf({ clear, rules, limits }));
    const action = { tool: 'sql', operation: 'update', resource: 'pg:table3/1' };
    const once = () =>
      evaluate({
        compiled,
        agent: 'a.b.c.d',
        action,
        args: { rows: 7 },
        evidence: [],
        reversalMethod: 'none',
        inputs: inputs(),
      });
    for (let n = 0; n < 2000; n += 1) once();
    const started = performance.now();
    for (let n = 0; n < 2000; n += 1) once();
    const each = ((performance.now() - started) / 2000) * 1000;
    expect(each).toBeLessThan(500);
  });
});
