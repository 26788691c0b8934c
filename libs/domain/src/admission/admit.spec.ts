// The rule of admission, case by case: what is an event, what is void, what is junk.
import { describe, expect, test } from 'vitest';
import {
  type Admission,
  type AdmissionRules,
  admit,
  type Chain,
  emptyChain,
  isUnversionedType,
  type KeyRecord,
  nextPlace,
} from './index.js';

const ENV = 'acme.shop.prod';
const DECISION = `gov.ledger.decision.${ENV}`;
const AUTHORITY = `gov.ledger.authority.${ENV}`;
const REGISTRY = 'gov.ledger.registry.acme';

const record = (role: KeyRecord['role'], more: Partial<KeyRecord> = {}): KeyRecord => ({
  kid: role,
  x: `x-${role}`,
  role,
  holder: role,
  scope: 'acme',
  certifiedAt: 0,
  ...more,
});

const rulesFor = (keys: readonly KeyRecord[]): AdmissionRules => ({
  keys: { find: (kid) => keys.find((key) => key.kid === kid) },
  link: (prev, digest) => `${prev.slice(0, 8)}>${digest}`,
  accepts: (document) => {
    const { type } = document as { type: string };
    if (type.endsWith('.v9')) return 'unknown';
    return type.includes('broken') ? { invalid: 'data: broken' } : 'known';
  },
});

const roles = ['root', 'registrar', 'decision', 'receipt-ledger', 'kill-switch', 'agent'] as const;
const rules = rulesFor(roles.map((role) => record(role)));

const SOURCES: Record<string, string> = { root: 'registry', registrar: 'registry' };

type Overrides = { readonly [attribute: string]: unknown };

const eventOf = (chain: Chain, role: string, type: string, over: Overrides = {}) => {
  const agent = over['agent'] as string | undefined;
  return {
    specversion: '1.0',
    id: 'c.decision.1',
    type,
    source: `/writ/${SOURCES[role] ?? role}`,
    subject: DECISION,
    kid: role,
    seen: 0,
    data: {},
    ...(isUnversionedType(type) ? {} : nextPlace(chain, agent)),
    ...over,
  };
};

const judge = (chain: Chain, document: { readonly subject: unknown }, seq = 10, using = rules): Admission =>
  admit(chain, { seq, subject: String(document.subject), document, digest: `d${seq}` }, using);

const after = (verdict: Admission): Chain => {
  if (verdict.kind === 'junk') throw new Error(`${verdict.code}: ${verdict.reason}`);
  return verdict.chain;
};

const PERMITTED = 'writ.decision.permitted.v1';
const permitted = (chain: Chain, over: Overrides = {}) => eventOf(chain, 'decision', PERMITTED, over);
const HALT = 'writ.authority.halt-engaged.v1';
const halt = (id: string, over: Overrides = {}) =>
  eventOf(emptyChain, 'kill-switch', HALT, { id, subject: AUTHORITY, ...over });
const ISSUED = 'writ.authority.receipt-issued.v1';

describe('the place of an event', () => {
  test('versions count up and each event is linked to the one before', () => {
    const one = after(judge(emptyChain, permitted(emptyChain), 1));
    const two = after(judge(one, permitted(one), 2));
    expect(one).toMatchObject({ ver: 1, head: 'AAAAAAAA>d1' });
    expect(two).toMatchObject({ ver: 2, head: 'AAAAAAAA>d2' });
  });

  test('a replay, a gap and a version of zero are junk and leave the chain as it is', () => {
    const one = after(judge(emptyChain, permitted(emptyChain), 1));
    for (const document of [
      permitted(emptyChain),
      permitted(one, { ver: 3 }),
      permitted(one, { ver: undefined }),
    ]) {
      expect(judge(one, document)).toMatchObject({ kind: 'junk', code: 'WRIT-ADM-003' });
    }
    expect(judge(one, permitted(one, { ver: 0 }))).toMatchObject({ kind: 'junk', code: 'WRIT-FRM-009' });
  });

  test('the right version on another head is junk', () => {
    const one = after(judge(emptyChain, permitted(emptyChain), 1));
    expect(judge(one, permitted(one, { prev: 'other' }))).toMatchObject({
      kind: 'junk',
      code: 'WRIT-ADM-004',
    });
  });

  test('each agent has a chain of its own within the subject', () => {
    const [a, b] = [`${ENV}.a`, `${ENV}.b`];
    const one = after(judge(emptyChain, permitted(emptyChain, { agent: a }), 1));
    const two = after(judge(one, permitted(one, { agent: b }), 2));
    const three = after(judge(two, permitted(two, { agent: a }), 3));
    expect(three.agents.get(a)).toEqual({ ver: 2, head: 'AAAAAAAA>d3' });
    expect(three.agents.get(b)).toEqual({ ver: 1, head: 'AAAAAAAA>d2' });
  });

  test.each([
    ['a wrong agent version', { agent: `${ENV}.a`, agentver: 2 }],
    ['a wrong agent head', { agent: `${ENV}.a`, agentprev: 'other' }],
    ['an agent chain without agent', { agentver: 1, agentprev: 'x' }],
    ['an agent outside the subject', { agent: 'acme.shop.test.a' }],
    ['an agent whose name only begins like the scope', { agent: `${ENV}x.a` }],
  ])('%s is junk', (_name, over) => {
    expect(judge(emptyChain, permitted(emptyChain, over))).toMatchObject({
      kind: 'junk',
      code: 'WRIT-ADM-005',
    });
  });

  test('a frame counts only on the subject that it names', () => {
    const document = permitted(emptyChain);
    const elsewhere = `gov.ledger.decision.acme.shop.test`;
    const verdict = admit(emptyChain, { seq: 1, subject: elsewhere, document, digest: 'd' }, rules);
    expect(verdict).toMatchObject({ kind: 'junk', code: 'WRIT-FRM-008' });
  });

  test('an event cannot have seen its own position', () => {
    expect(judge(emptyChain, permitted(emptyChain, { seen: 10 }), 10)).toMatchObject({
      code: 'WRIT-ADM-007',
    });
    expect(judge(emptyChain, permitted(emptyChain, { seen: 9 }), 10).kind).toBe('event');
  });
});

describe('facts without version', () => {
  test('a fact moves the head and no version, so that what was sealed before it is junk', () => {
    const sealedBefore = eventOf(emptyChain, 'receipt-ledger', ISSUED, { subject: AUTHORITY });
    const halted = after(judge(emptyChain, halt('h.authority.1'), 1));
    expect(halted).toMatchObject({ ver: 0, head: 'AAAAAAAA>d1' });
    expect(judge(halted, sealedBefore, 2)).toMatchObject({ kind: 'junk', code: 'WRIT-ADM-004' });
  });

  test('a fact counts once by its id, for ever', () => {
    const one = after(judge(emptyChain, halt('h.authority.1'), 1));
    const two = after(judge(one, halt('h2.authority.1'), 2));
    expect(judge(two, halt('h.authority.1'), 3)).toMatchObject({ kind: 'junk', code: 'WRIT-ADM-006' });
  });

  test('a fact about an agent links that agent without a version', () => {
    const one = after(judge(emptyChain, halt('h.authority.1', { agent: `${ENV}.a` }), 1));
    expect(one.agents.get(`${ENV}.a`)).toEqual({ ver: 0, head: 'AAAAAAAA>d1' });
  });

  test('a fact that carries a version is junk', () => {
    expect(judge(emptyChain, halt('h.authority.1', { ver: 1 }))).toMatchObject({ code: 'WRIT-ADM-003' });
  });

  test('a void fact does not use up the id of a true one', () => {
    const keys = [record('kill-switch', { kid: 'old', revokedAt: 1 }), record('kill-switch')];
    const using = rulesFor(keys);
    const forged = judge(emptyChain, halt('h.authority.1', { kid: 'old' }), 2, using);
    expect(forged.kind).toBe('void');
    expect(judge(after(forged), halt('h.authority.1'), 3, using).kind).toBe('event');
  });
});

describe('keys and roles', () => {
  test('an unknown key is junk', () => {
    expect(judge(emptyChain, permitted(emptyChain, { kid: 'nobody' }))).toMatchObject({
      code: 'WRIT-FRM-005',
    });
  });

  test.each([
    [{ certifiedAt: 9 }, 'event'],
    [{ certifiedAt: 10 }, 'junk'],
    [{ certifiedAt: 5, revokedAt: 11 }, 'event'],
    [{ certifiedAt: 5, revokedAt: 10 }, 'event'],
    [{ certifiedAt: 5, revokedAt: 9 }, 'void'],
    [{ certifiedAt: 5, distrustedFrom: 10 }, 'void'],
    [{ certifiedAt: 5, distrustedFrom: 11 }, 'event'],
  ])('with a key %o an event at 10 is %s', (more, kind) => {
    const verdict = judge(emptyChain, permitted(emptyChain), 10, rulesFor([record('decision', more)]));
    expect(verdict.kind).toBe(kind);
  });

  test('a void event keeps its place: the next one is linked to it', () => {
    const using = rulesFor([record('decision'), record('decision', { kid: 'old', revokedAt: 1 })]);
    const one = after(judge(emptyChain, permitted(emptyChain, { kid: 'old' }), 2, using));
    expect(one.ver).toBe(1);
    expect(judge(one, permitted(one), 3, using).kind).toBe('event');
  });

  test.each([
    ['receipt-ledger', AUTHORITY, ISSUED, 'event'],
    ['kill-switch', AUTHORITY, ISSUED, 'junk'],
    ['kill-switch', AUTHORITY, 'writ.authority.environment-opened.v1', 'event'],
    ['receipt-ledger', AUTHORITY, 'writ.authority.environment-opened.v1', 'junk'],
    ['receipt-ledger', AUTHORITY, HALT, 'junk'],
    ['decision', AUTHORITY, ISSUED, 'junk'],
    ['receipt-ledger', DECISION, PERMITTED, 'junk'],
    ['agent', DECISION, PERMITTED, 'junk'],
    ['receipt-ledger', `gov.ledger.outcome.${ENV}`, 'writ.outcome.succeeded.v1', 'event'],
    ['decision', `gov.ledger.outcome.${ENV}`, 'writ.outcome.succeeded.v1', 'junk'],
    ['kill-switch', `gov.ledger.stop.${ENV}`, 'writ.stop.acknowledged.v1', 'event'],
  ])('a key of role %s on %s with %s is %s', (role, subject, type, kind) => {
    expect(judge(emptyChain, eventOf(emptyChain, role, type, { subject })).kind).toBe(kind);
  });

  test('a key of another organisation or environment is junk', () => {
    for (const scope of ['other', 'acme.shop.test', 'acm']) {
      const using = rulesFor([record('decision', { scope })]);
      expect(judge(emptyChain, permitted(emptyChain), 10, using)).toMatchObject({ code: 'WRIT-FRM-007' });
    }
  });

  test('the source must be the service of the key', () => {
    expect(judge(emptyChain, permitted(emptyChain, { source: '/writ/approval' }))).toMatchObject({
      code: 'WRIT-ADM-009',
    });
  });
});

describe('the genesis', () => {
  const FOUNDED = 'writ.registry.organisation-founded.v1';
  const roots = { roots: [{ kid: 'root', x: 'x-root' }] };
  const genesis = (over: Overrides = {}) =>
    eventOf(emptyChain, 'root', FOUNDED, { subject: REGISTRY, data: roots, ...over });

  test('is signed by a pinned root that it names, and everything after it by the registrar', () => {
    const one = after(judge(emptyChain, genesis(), 1));
    const created = (chain: Chain, role: string) =>
      eventOf(chain, role, 'writ.registry.project-created.v1', { subject: REGISTRY });
    expect(judge(one, created(one, 'registrar'), 2).kind).toBe('event');
    expect(judge(one, created(one, 'root'), 2)).toMatchObject({ code: 'WRIT-FRM-007' });
    expect(judge(emptyChain, created(emptyChain, 'registrar'), 1)).toMatchObject({ code: 'WRIT-ADM-003' });
  });

  test('by another key, without its root, or a second time is junk', () => {
    const one = after(judge(emptyChain, genesis(), 1));
    expect(judge(emptyChain, genesis({ kid: 'registrar' }))).toMatchObject({ code: 'WRIT-FRM-007' });
    expect(judge(emptyChain, genesis({ data: { roots: [] } }))).toMatchObject({ code: 'WRIT-ADM-010' });
    const second = eventOf(one, 'root', FOUNDED, { subject: REGISTRY, data: roots });
    expect(judge(one, second, 2)).toMatchObject({ code: 'WRIT-ADM-003' });
  });
});

describe('documents', () => {
  test('data that does not fit its type is junk; a type that is not known is void', () => {
    const broken = permitted(emptyChain, { type: 'writ.decision.broken.v1' });
    expect(judge(emptyChain, broken)).toMatchObject({ kind: 'junk', code: 'WRIT-FRM-009' });
    const unknown = permitted(emptyChain, { type: 'writ.decision.permitted.v9' });
    expect(judge(emptyChain, unknown)).toMatchObject({ kind: 'void', code: 'WRIT-ADM-008' });
  });

  test('a type of another family is junk', () => {
    const document = permitted(emptyChain, { type: 'writ.approval.granted.v1' });
    expect(judge(emptyChain, document)).toMatchObject({ kind: 'junk', code: 'WRIT-ADM-002' });
  });

  test.each([
    [undefined],
    [null],
    [1],
    ['text'],
    [[]],
    [{}],
    [permitted(emptyChain, { data: null })],
    [permitted(emptyChain, { seen: -1 })],
    [permitted(emptyChain, { ver: 1.5 })],
    [permitted(emptyChain, { kid: 7 })],
    [permitted(emptyChain, { prev: {} })],
    [permitted(emptyChain, { specversion: '2.0' })],
  ])('what is no event (%o) is junk and nothing throws', (document) => {
    const verdict = admit(emptyChain, { seq: 1, subject: DECISION, document, digest: 'd' }, rules);
    expect(verdict).toMatchObject({ kind: 'junk', code: 'WRIT-FRM-009' });
  });

  test('a subject that is not of the ledger is junk', () => {
    for (const subject of ['gov.ledger.other.a.b.c', 'gov.ledger.decision.acme', 'gov.intent.a.b.c.d', 'x']) {
      expect(judge(emptyChain, permitted(emptyChain, { subject }))).toMatchObject({ code: 'WRIT-ADM-001' });
    }
  });
});
