// A halt that a service owes is asked for until the ledger shows it, and not after that.
import { expect, test } from 'vitest';
import { keepHaltDemands, type Plane } from '../src/index.js';

const AGENT = 'acme.shop.prod.ops';
type Fold = (event: unknown) => void;

const stage = () => {
  const folds: Fold[] = [];
  const asked: string[] = [];
  let mono = 0;
  const plane = {
    follower: { fold: (fold: Fold) => folds.push(fold) },
    clock: { mono: () => mono },
    bus: { publish: (subject: string) => asked.push(subject) },
  } as unknown as Plane;
  const demands = keepHaltDemands(plane, {
    person: 'svc-anomaly',
    reason: 'a reason',
    demandOf: ({ document }) =>
      document.type === 'writ.conduct.containment-changed.v1'
        ? { agent: document.data.agent, wanted: document.data.to === 'halt' }
        : undefined,
  });
  const fold = (type: string, data: unknown) => {
    for (const each of folds) each({ void: false, document: { type, data } });
  };
  return {
    askMissing: (at: number) => {
      mono = at;
      demands.askMissing();
      return asked.splice(0);
    },
    contained: (to: string) => fold('writ.conduct.containment-changed.v1', { agent: AGENT, to }),
    halted: (person: string) => fold('writ.authority.halt-engaged.v1', { scope: AGENT, person }),
  };
};

test('what a process before owed is asked for, again after 15 s, and no more once the ledger shows it', () => {
  const { askMissing, contained, halted } = stage();
  contained('halt');
  expect(askMissing(0)).toEqual([`gov.halt.svc-anomaly.${AGENT}`]);
  expect(askMissing(14_999)).toEqual([]);
  halted('alice');
  expect(askMissing(15_000)).toHaveLength(1);
  halted('svc-anomaly');
  expect(askMissing(60_000)).toEqual([]);
});

test('a demand that was taken back is not asked for', () => {
  const { askMissing, contained } = stage();
  contained('halt');
  contained('none');
  expect(askMissing(0)).toEqual([]);
});
