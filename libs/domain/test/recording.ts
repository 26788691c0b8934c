// Turns drafts into recorded events for specs: every draft is held against its published schema. Signs nothing.
import { type Frame, ledgerEvents } from '@writ/contracts';
import type { Draft, Recorded } from '../src/recorded.js';

/** A well-formed digest that is told apart by its name. */
export const digest = (name: string): string =>
  `${name
    .replaceAll(/[^A-Za-z0-9]/g, '-')
    .slice(-42)
    .padStart(42, '_')}A`;

/** A well-formed UUIDv7 that is told apart by its number. */
export const uuid = (n: number): string => `01900000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;

/** A moment: milliseconds after the start of the story. */
export const at = (ms: number): string => new Date(Date.UTC(2026, 0, 1) + ms).toISOString();

export const ORG = 'acme';
export const ENV = 'acme.shop.prod';
export const AGENT = 'acme.shop.prod.clerk';
export const OTHER = 'acme.shop.prod.porter';
export const PROXY = 'acme.shop.prod.db-proxy';

/** A commitment to nothing. */
export const nothing = { _sd: [] };

/** A frame around a document; nobody verifies it here. */
export const frameOf = (document: object): Frame => ({
  kid: digest('kid'),
  sig: `${'s'.repeat(85)}A`,
  signed: document as Frame['signed'],
});

/** The signed part of a live document. */
export const live = (type: string, id: string, data: object, time = at(0)) => ({
  ...{ type: `writ.${type}.v1`, id, kid: digest('kid'), subject: 'gov.test', time, data },
});

const UNVERSIONED = new Set(['halt-engaged', 'halt-released', 'permit-revoked']);

/** The event that a draft becomes at a position and time. Throws when it does not fit its schema. */
export const record = (draft: Draft, seq: number, ms = 0, seen = Math.max(0, seq - 1)): Recorded => {
  const [, family = '', fact = ''] = draft.type.split('.');
  const subject = `gov.ledger.${family}.${ENV}`;
  const document = ledgerEvents[draft.type].parse({
    ...{ specversion: '1.0', source: '/writ/test', subject, time: at(ms), kid: digest('kid'), seen },
    ...{ datacontenttype: 'application/json', ...draft },
    ...(UNVERSIONED.has(fact) ? {} : { ver: seq, prev: digest('prev') }),
  });
  return { seq, subject, time: at(ms), digest: digest(draft.id), document };
};

/** A ledger that one fold follows: `tell` records drafts at a time, `state` is what came of them. */
export const following = <S>(initial: S, evolve: (state: S, rec: Recorded) => S) => {
  let state = initial;
  let seq = 0;
  return {
    get state(): S {
      return state;
    },
    get seq(): number {
      return seq;
    },
    tell: (drafts: readonly Draft[], ms = 0): readonly Recorded[] =>
      drafts.map((draft) => {
        seq += 1;
        const rec = record(draft, seq, ms);
        state = evolve(state, rec);
        return rec;
      }),
  };
};

/** An escalated decision on `delete` of `db:shop/orders/17`, as data. */
export const escalated = (n: number, more: Readonly<Record<string, unknown>> = {}) => ({
  agent: AGENT,
  intent: frameOf(live('intent', uuid(n), intentData())),
  intentDigest: digest(`intent${n}`),
  disclosed: [],
  boundary: { name: 'clerks', digest: digest('boundary'), event: `${uuid(1)}.registry.0`, level: 1 as const },
  registryVer: 1,
  rule: 'deletes',
  codes: ['rule-gate'],
  inputs: {
    now: at(0),
    agentStatus: 'active' as const,
    containment: 'none' as const,
    autonomy: 'bounded' as const,
    halted: false,
    counters: {},
  },
  reversibility: 'irreversible' as const,
  blastRadius: 'single' as const,
  obligations: [],
  obligedDigest: digest(`obliged${n}`),
  expires: at(3_600_000),
  gate: { name: 'two-people', digest: digest('gate') },
  lowRisk: false,
  ...more,
});

/** The data of an intent, good until an hour after the start. */
export const intentData = (more: Readonly<Record<string, unknown>> = {}) => ({
  action: { tool: 'sql', operation: 'delete', resource: 'db:shop/orders/17', args: nothing },
  reasoning: { private: nothing },
  evidence: [],
  reversal: { method: 'none' as const, private: nothing },
  deadline: at(3_600_000),
  delegation: [],
  ...more,
});

/** A person's command to a service. */
export const command = (n: number, action: object, expires = at(3_600_000)) =>
  live('command', uuid(n), { action, expires, version: 1 });
