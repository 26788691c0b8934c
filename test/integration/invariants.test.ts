// The invariants of ARCHITECTURE §7 that a running plane can show, one by one, on real processes.
import { subjects } from '@writ/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer, Signed } from '../harness/answer.js';
import type { Asker, MadeIntent } from '../harness/asker.js';
import { boundary, gate, rule, shopRules } from '../harness/documents.js';
import { type Person, } from '../harness/person.js';
import { startPlane, type TestPlane } from '../harness/plane.js';

const ENV = 'acme.shop.prod';
const OPS = `${ENV}.ops`;
const PROXY = `${ENV}.proxy`;
const READ = { operation: 'select', resource: 'db:shop/orders', args: { rows: 3 } };
const DROP = { operation: 'drop', resource: 'db:shop/orders' };
const PURGE = { operation: 'purge', resource: 'db:shop/orders' };
const SECRET = { operation: 'select', resource: 'db:secrets/keys' };
const purge = rule({
  id: 'purge',
  resource: 'db:shop/**',
  operations: ['purge'],
  effect: 'gate',
  gate: 'two',
  reversibility: 'irreversible',
  blastRadius: 'system',
});
const shop = boundary('shop', OPS, { rules: [...shopRules, purge] });
const ISSUED = 'writ.authority.receipt-issued.v1';

let plane: TestPlane;
let ops: Asker;
let proxy: Asker;
let bob: Person;
let carol: Person;
let dave: Person;
let oncall: Person;

beforeAll(async () => {
  const approver = { grants: [{ role: 'approver' as const, scope: 'acme' }] };
  plane = await startPlane({
    agents: [OPS],
    points: [PROXY],
    people: { bob: approver, carol: approver, dave: {}, oncall: { haltScopes: ['acme.shop'] } },
    documents: [gate('people'), gate('two', { quorum: 2, excludeOwner: true }), shop],
  });
  [ops, proxy] = [await plane.raw(OPS), await plane.raw(PROXY)];
  [bob, carol, dave, oncall] = await Promise.all([
    plane.person('bob'),
    plane.person('carol'),
    plane.person('dave'),
    plane.person('oncall'),
  ]);
});
afterAll(() => plane?.stop());

it('works', async () => {
  const made = await ops.decide(READ);
  expect(made.answer.first.type).toBe('writ.decision.permitted.v1');
  expect((await ops.receipt(made)).first.type).toBe(ISSUED);
});
