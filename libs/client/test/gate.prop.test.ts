// The gate under any sequence of events, against a model that remembers everything and is obviously right.
import { covers } from '@writ/contracts';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Instant } from '../src/clock.js';
import { decideGate } from '../src/gate/gate.decide.js';
import { evolveGate } from '../src/gate/gate.evolve.js';
import { type GateEvent, type GateState, gateInitial } from '../src/gate/gate.state.js';

const SELF = 'acme.shop.prod.refunds';
const PLANE = 1_700_000_000_000;
const SCOPES = ['acme', 'acme.shop', 'acme.shop.prod', SELF, 'acme.shop.prod.other'];
const at = (mono: number): Instant => ({ mono, wall: PLANE + mono });

type Move =
  | { readonly move: 'halt' | 'record' | 'notice'; readonly scope: string }
  | { readonly move: 'release' | 'lease' | 'late-state' | 'drop' | 'return' | 'beat' }
  | { readonly move: 'state'; readonly tripMs: number };
type Timed = { readonly after: number; readonly do: Move };

const moves: fc.Arbitrary<Move> = fc.oneof(
  fc.record({ move: fc.constantFrom('halt', 'record', 'notice'), scope: fc.constantFrom(...SCOPES) }),
  fc.record({ move: fc.constantFrom('release', 'lease', 'late-state', 'drop', 'return', 'beat') }),
  fc.record({ move: fc.constant('state' as const), tripMs: fc.integer({ min: 0, max: 300 }) }),
);
const stories = fc.array(fc.record({ after: fc.integer({ min: 0, max: 700 }), do: moves }), {
  maxLength: 60,
});

/** The plane of the model: which halts it has recorded and released, which were only heard, and where it stands. */
type Model = {
  halts: { readonly id: string; readonly scope: string; readonly at: number }[];
  readonly released: Set<string>;
  heardOnly: { readonly scope: string; readonly at: number }[];
  position: number;
  /** Latest moment (monotonic) at which the plane vouched for the gate. */
  vouchedAt: number;
  /** Nothing vouched for before this counts: pause, reconnect. */
  notBefore: number;
  lastBeat: number;
  connected: boolean;
  synced: boolean;
  known: number;
};

const blank = (): Model => ({
  halts: [],
  released: new Set(),
  heardOnly: [],
  position: 0,
  vouchedAt: Number.NEGATIVE_INFINITY,
  notBefore: 0,
  lastBeat: 0,
  connected: true,
  synced: false,
  known: 0,
});

const shut = (m: Model, now: number): void => {
  m.notBefore = now;
  m.vouchedAt = Number.NEGATIVE_INFINITY;
  m.synced = false;
};

const listed = (m: Model) =>
  m.halts
    .filter((h) => !m.released.has(h.id))
    .map((h) => ({ id: h.id, scope: h.scope, person: 'oncall', at: PLANE + h.at }));

/** Moves the model and says what the gate hears of it. */
const step = (m: Model, now: number, move: Move): GateEvent => {
  switch (move.move) {
    case 'halt':
      m.heardOnly.push({ scope: move.scope, at: now });
      return { kind: 'halt-heard', person: 'oncall', scope: move.scope };
    case 'record':
    case 'notice': {
      const id = `halt-${m.halts.length + 1}`;
      m.position += 1;
      m.halts.push({ id, scope: move.scope, at: now });
      if (move.move === 'record') return { kind: 'beat' };
      m.known = Math.max(m.known, m.position);
      const halt = { id, scope: move.scope, person: 'oncall', at: PLANE + now };
      return { kind: 'halt-engaged', halt, position: m.position };
    }
    case 'release': {
      const open = m.halts.find((h) => !m.released.has(h.id));
      if (open === undefined) return { kind: 'beat' };
      m.released.add(open.id);
      m.position += 1;
      m.known = Math.max(m.known, m.position);
      return { kind: 'halt-released', halts: [open.id], scope: open.scope, position: m.position };
    }
    case 'lease':
      if (m.synced) m.vouchedAt = Math.max(m.vouchedAt, now);
      return {
        kind: 'lease',
        heardAt: now,
        planeMs: PLANE + now,
        epoch: 1,
        haltPosition: m.position,
        validMs: 1500,
      };
    case 'late-state':
      return { ...stateReply(m, m.notBefore - 1, now), askedAt: m.notBefore - 1 };
    case 'state': {
      const askedAt = now - move.tripMs;
      if (askedAt >= m.notBefore && m.connected) {
        m.vouchedAt = askedAt;
        m.synced = true;
        m.known = m.position;
      }
      return stateReply(m, askedAt, now);
    }
    case 'drop':
    case 'return':
      shut(m, now);
      m.connected = move.move === 'return';
      return { kind: move.move === 'return' ? 'reconnected' : 'disconnected' };
    case 'beat':
      return { kind: 'beat' };
  }
};

const stateReply = (m: Model, askedAt: number, heardAt: number): Extract<GateEvent, { kind: 'state' }> => ({
  kind: 'state',
  askedAt,
  heardAt,
  planeMs: PLANE + askedAt,
  epoch: 1,
  haltPosition: m.position,
  validMs: 1500,
  halts: listed(m),
});

const replay = (story: readonly Timed[], check: (s: GateState, m: Model, now: number) => void): void => {
  const model = blank();
  let state = gateInitial(SELF, at(0));
  let now = 0;
  for (const { after, do: move } of story) {
    now += after;
    if (now - model.lastBeat > 500) shut(model, now);
    model.lastBeat = now;
    state = evolveGate(state, step(model, now, move), at(now));
    check(state, model, now);
  }
};

const isOpen = (state: GateState, now: number): boolean =>
  decideGate(state, at(now), { agent: SELF }).kind === 'open';

it('the gate is never open while a halt that it could know covers the agent', () => {
  fc.assert(
    fc.property(stories, (story) => {
      replay(story, (state, model, now) => {
        if (!isOpen(state, now)) return;
        const told = model.halts.filter((h) => state.halts.has(h.id));
        const covering = told.filter((h) => covers(h.scope, SELF) && !model.released.has(h.id));
        expect(covering).toEqual([]);
        // A halt heard live may only have gone because a recorded one like it took its place and was released.
        for (const halt of model.heardOnly.filter((h) => covers(h.scope, SELF))) {
          const gone = model.halts.filter((h) => h.scope === halt.scope && model.released.has(h.id));
          expect(gone.length).toBeGreaterThan(0);
        }
      });
    }),
    { numRuns: 3000 },
  );
});

it('the gate is never open without a lease or state reply younger than its validity, asked for after the last pause', () => {
  fc.assert(
    fc.property(stories, fc.integer({ min: 0, max: 2000 }), (story, later) => {
      replay(story, (state, model, now) => {
        for (const then of [now, now + later]) {
          if (!isOpen(state, then)) continue;
          expect(model.connected).toBe(true);
          expect(then - model.vouchedAt).toBeLessThan(1500);
          expect(then - model.lastBeat).toBeLessThanOrEqual(500);
        }
      });
    }),
    { numRuns: 3000 },
  );
});

it('the gate is never open while the lease names a halt or release that was not seen here', () => {
  fc.assert(
    fc.property(stories, (story) => {
      replay(story, (state, model, now) => {
        if (isOpen(state, now))
          expect(state.ahead).toBeLessThanOrEqual(Math.max(state.position, state.noticed));
        expect(state.noticed).toBeLessThanOrEqual(model.position);
      });
    }),
    { numRuns: 1000 },
  );
});

it('whatever was heard, releases of every halt and one fresh state open the gate again', () => {
  fc.assert(
    fc.property(stories, (story) => {
      const model = blank();
      let state = gateInitial(SELF, at(0));
      let now = 0;
      const feed = (event: GateEvent): void => {
        now += 10;
        state = evolveGate(state, event, at(now));
      };
      for (const { after, do: move } of story) {
        now += Math.min(after, 400);
        state = evolveGate(state, step(model, now, move), at(now));
      }
      feed({ kind: 'reconnected' });
      model.connected = true;
      now += 300;
      for (const scope of SCOPES) {
        now += 3000;
        for (let n = 0; n < model.heardOnly.length + 1; n++)
          feed(step(model, now, { move: 'notice', scope }));
      }
      feed(stateReply(model, now, now));
      while (listed(model).length > 0) feed(step(model, now, { move: 'release' }));
      feed(stateReply(model, now, now));
      expect(isOpen(state, now)).toBe(true);
    }),
    { numRuns: 500 },
  );
});
