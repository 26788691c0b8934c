import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { haltSubjectsOf, inboxOf, isInboxOf, parseSubject, Services, subjects } from './index.js';

const token = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,12}$/);
const agent = fc.tuple(token, token, token, token).map((t) => t.join('.'));

describe('subjects', () => {
  it('what is built is parsed back, for every kind', () => {
    fc.assert(
      fc.property(agent, token, fc.constantFrom(...Services), (scope, person, service) => {
        const [org, project, env] = scope.split('.') as [string, string, string, string];
        expect(parseSubject(subjects.intent(scope))).toEqual({ kind: 'intent', asker: scope });
        expect(parseSubject(subjects.vote(org, person))).toEqual({ kind: 'vote', org, person });
        expect(parseSubject(subjects.command(service, org, person))).toEqual({
          kind: 'command',
          service,
          org,
          person,
        });
        expect(parseSubject(subjects.report(org, service))).toEqual({ kind: 'report', org, service });
        expect(parseSubject(subjects.checkpoint(org))).toEqual({ kind: 'checkpoint', org });
        expect(parseSubject(subjects.halt(person, scope))).toEqual({ kind: 'halt', person, scope });
        const environment = `${org}.${project}.${env}`;
        expect(parseSubject(subjects.ledger('decision', environment))).toEqual({
          kind: 'ledger',
          family: 'decision',
          scope: environment,
        });
        expect(parseSubject(subjects.lease(environment))).toEqual({ kind: 'lease', env: environment });
      }),
    );
  });

  it('any other text is no subject of Writ and never throws', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const parsed = parseSubject(text);
        expect(parsed === undefined || text.startsWith('gov.')).toBe(true);
      }),
    );
    for (const wrong of [
      'gov',
      'gov.intent',
      'gov.intent.a.b.c',
      'gov.intent.*.b.c.d',
      'gov.ledger.decision.a',
      'gov.ledger.other.a.b.c',
      'gov.halt.bob',
      'gov.checkpoint.acme.x',
      'gov.report.acme.bob',
      'gov.report.acme.decision.x',
      'gov.intent.A.b.c.d',
    ]) {
      expect(parseSubject(wrong), wrong).toBeUndefined();
    }
  });

  it('an agent hears halts of itself and of exactly its three ancestors', () => {
    expect(haltSubjectsOf('acme.shop.prod.ops')).toEqual([
      'gov.halt.*.acme',
      'gov.halt.*.acme.shop',
      'gov.halt.*.acme.shop.prod',
      'gov.halt.*.acme.shop.prod.ops',
    ]);
  });

  it('an inbox belongs to its owner alone: a longer name is another owner', () => {
    expect(isInboxOf('acme.shop.prod.ops', `${inboxOf('acme.shop.prod.ops')}.1`)).toBe(true);
    expect(isInboxOf('acme.shop.prod.ops', `${inboxOf('acme.shop.prod.ops2')}.1`)).toBe(false);
    expect(isInboxOf('acme.shop.prod.ops', inboxOf('acme.shop.prod.ops'))).toBe(false);
    expect(isInboxOf('acme.shop.prod.ops', undefined)).toBe(false);
  });
});
