// Which recorded denials make the decision service ask for a halt, also after a crash.
import { type Plane, systemClock } from '@writ/runtime';
import { Map as IMap } from 'immutable';
import { expect, test } from 'vitest';
import { boundary, rule } from '../../../test/harness/documents.js';
import { keepViolations } from '../src/violations.js';

const AGENT = 'acme.shop.prod.ops';
const strict = rule({
  id: 'strict',
  resource: 'db:x',
  operations: ['*'],
  effect: 'deny',
  onViolation: 'halt',
});
const lenient = rule({ id: 'lenient', resource: 'db:y', operations: ['*'], effect: 'deny' });
const published = { boundary: boundary('ops', 'acme.shop.prod', { rules: [strict, lenient] }) };

const askedAfter = (...denials: readonly { rule: string; codes: readonly string[] }[]): readonly string[] => {
  const asked: string[] = [];
  const folds: ((event: unknown) => void)[] = [];
  const plane = {
    clock: systemClock,
    registry: () => ({ boundariesByDigest: IMap([['D', published]]) }),
    follower: { fold: (fold: (event: unknown) => void) => folds.push(fold) },
    bus: { publish: (subject: string) => asked.push(subject) },
  } as unknown as Plane;
  const halts = keepViolations(plane);
  for (const denial of denials) {
    const data = { agent: AGENT, boundary: { digest: 'D' }, ...denial };
    for (const fold of folds) fold({ void: false, document: { type: 'writ.decision.denied.v1', data } });
  }
  halts.askMissing();
  return asked;
};

test('a denial by a rule that halts whoever violates it is asked for, once an agent', () => {
  const denial = { rule: 'strict', codes: ['rule-deny'] };
  expect(askedAfter(denial, denial)).toEqual([`gov.halt.svc-decision.${AGENT}`]);
});

test('any other denial asks for none', () => {
  expect(
    askedAfter({ rule: 'lenient', codes: ['rule-deny'] }, { rule: 'strict', codes: ['condition-error'] }),
  ).toEqual([]);
});
