// The small organisation of the tests: one shop, its agents and people, and what they may do.
import { afterAll, beforeAll } from 'vitest';
import type { Asker } from './asker.js';
import { boundary, gate, rule, shopRules } from './documents.js';
import type { Person } from './person.js';
import { type PlaneOptions, startPlane, type TestPlane } from './plane.js';

export const ENV = 'acme.shop.prod';
export const OPS = `${ENV}.ops`;
export const PROXY = `${ENV}.proxy`;
export const READ = { operation: 'select', resource: 'db:shop/orders', args: { rows: 3 } };
export const DELETE = { operation: 'delete', resource: 'db:shop/carts', args: { rows: 1 } };
/** Waits for one approver. */
export const DROP = { operation: 'drop', resource: 'db:shop/orders' };
/** Waits for two, and not for the owner. */
export const PURGE = { operation: 'purge', resource: 'db:shop/orders' };
export const SECRET = { operation: 'select', resource: 'db:secrets/keys' };

export const Event = {
  permitted: 'writ.decision.permitted.v1',
  denied: 'writ.decision.denied.v1',
  escalated: 'writ.decision.escalated.v1',
  issued: 'writ.authority.receipt-issued.v1',
  withheld: 'writ.authority.receipt-withheld.v1',
  halted: 'writ.authority.halt-engaged.v1',
  released: 'writ.authority.halt-released.v1',
  opened: 'writ.approval.gate-opened.v1',
  voted: 'writ.approval.voted.v1',
  granted: 'writ.approval.granted.v1',
  rejected: 'writ.approval.rejected.v1',
  timedOut: 'writ.approval.timed-out.v1',
} as const;

const purge = rule({
  id: 'purge',
  resource: 'db:shop/**',
  operations: ['purge'],
  effect: 'gate',
  gate: 'two',
  reversibility: 'irreversible',
  blastRadius: 'system',
});

/** The boundary of every agent of the shop. */
export const shopBoundary = boundary('shop', ENV, { rules: [...shopRules, purge] });

const approver = { grants: [{ role: 'approver' as const, scope: 'acme' }] };

const shopOptions: PlaneOptions = {
  agents: [OPS],
  points: [PROXY],
  people: { bob: approver, carol: approver, dave: {}, oncall: { haltScopes: ['acme.shop'] } },
  documents: [gate('people'), gate('two', { quorum: 2, excludeOwner: true }), shopBoundary],
};

/** What the tests of one file share. */
export type Shop = {
  readonly plane: TestPlane;
  readonly ops: Asker;
  readonly proxy: Asker;
  readonly alice: Person;
  readonly bob: Person;
  readonly carol: Person;
  readonly dave: Person;
  readonly oncall: Person;
};

/** Brings the shop up before the tests of a file and takes it away after them. */
export const useShop = (more: Partial<PlaneOptions> = {}): (() => Shop) => {
  let shop: Shop | undefined;
  let plane: TestPlane | undefined;
  beforeAll(async () => {
    plane = await startPlane({ ...shopOptions, ...more });
    const [ops, proxy] = await Promise.all([plane.raw(OPS), plane.raw(PROXY)]);
    const named = async (name: string) => (plane as TestPlane).person(name);
    const [bob, carol, dave, oncall] = await Promise.all([
      named('bob'),
      named('carol'),
      named('dave'),
      named('oncall'),
    ]);
    shop = { plane, ops, proxy, alice: plane.alice, bob, carol, dave, oncall };
  });
  afterAll(() => plane?.stop());
  return () => {
    if (shop === undefined) throw new Error('the shop is not open yet');
    return shop;
  };
};
