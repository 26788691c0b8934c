// Reports of services: floods that were shed, and intent ids used twice, given what is recorded.
import type { ConductReport, FloodReport, IdReuseReport } from '@writ/contracts';
import { describe, expect, it } from 'vitest';
import { AGENT, at, digest, following, frameOf, intentData, live, uuid } from '../../test/recording.js';
import { evolveConduct } from './conduct.evolve.js';
import {
  conductInitial,
  containmentOf,
  decideFlood,
  decideIdReuse,
  type FloodInput,
  type IdReuseInput,
  ReportRules,
} from './index.js';

const conduct = () => following(conductInitial, evolveConduct);

describe('a flood', () => {
  const flood: FloodReport = {
    ...({ about: 'flood', kind: 'intent', asker: AGENT, shed: 4711 } as const),
    ...{ from: at(0), to: at(5000) },
  };
  const reported = (n: number, ms: number, more: Partial<FloodInput> = {}): FloodInput => {
    const document = live('conduct-report', uuid(n), flood, at(ms)) as ConductReport;
    const given = { document, frame: frameOf(document), service: 'decision', flood, known: true } as const;
    return { ...given, now: at(ms), ...more };
  };

  it('is recorded as one event with the signed report, and moves nobody on the ladder', () => {
    const ledger = conduct();
    const { result, events } = decideFlood(reported(1, 5000), ledger.state);
    expect(result).toEqual({ kind: 'recorded', eventId: `${uuid(1)}.conduct.0` });
    expect(events).toHaveLength(1);
    const { about: _, ...said } = flood;
    expect(events[0]).toMatchObject({ agent: AGENT, data: { service: 'decision', ...said } });
    ledger.tell(events, 5000);
    expect(containmentOf(ledger.state, AGENT)).toBe('none');
  });

  it('counts once, however often and whenever its report is sent', () => {
    const ledger = conduct();
    ledger.tell(decideFlood(reported(1, 5000), ledger.state).events, 5000);
    ledger.tell(decideFlood(reported(2, 10_000), ledger.state).events, 10_000);
    const again = decideFlood(reported(1, 5000, { now: at(30_000) }), ledger.state);
    expect(again).toMatchObject({ events: [], result: { code: 'WRIT-CON-005' } });
    const late = 5000 + ReportRules.staleSeconds * 1000;
    const stale = decideFlood(reported(1, 5000, { now: at(late + 1) }), conduct().state);
    expect(stale).toMatchObject({ events: [], result: { code: 'WRIT-CON-004' } });
    const ahead = decideFlood(reported(1, 60_000, { now: at(0) }), conduct().state);
    expect(ahead.result).toMatchObject({ code: 'WRIT-CON-004' });
  });

  it('is summed up: a second summary of the same asker and kind comes no sooner than the rule says', () => {
    const ledger = conduct();
    ledger.tell(decideFlood(reported(1, 5000), ledger.state).events, 5000);
    const soon = 5000 + ReportRules.everySeconds * 1000;
    expect(decideFlood(reported(2, soon - 1), ledger.state).result).toMatchObject({ code: 'WRIT-FRM-011' });
    expect(decideFlood(reported(2, soon), ledger.state).result.kind).toBe('recorded');
  });

  it('is not recorded of somebody unknown, nor of a subject that the service does not answer', () => {
    const wrong: Partial<FloodInput>[] = [
      { known: false },
      { service: 'kill-switch' },
      { flood: { ...flood, kind: 'receipt' } },
      { flood: { ...flood, from: at(6000) } },
      { flood: { ...flood, to: at(9000) } },
    ];
    for (const more of wrong)
      expect(decideFlood(reported(1, 5000, more), conduct().state).result).toMatchObject({
        code: 'WRIT-CON-006',
      });
  });
});

describe('an intent id used twice', () => {
  const INTENT = uuid(40);
  const recorded = { event: `${INTENT}.decision.0`, agent: AGENT, intentDigest: digest('first') };
  const frame = frameOf(live('intent', INTENT, intentData()));
  const reuse: IdReuseReport = { about: 'intent-id-reused', intent: frame, recorded: recorded.event };
  const reported = (ms: number, more: Partial<IdReuseInput> = {}): IdReuseInput => {
    const document = live('conduct-report', uuid(1), reuse, at(ms)) as ConductReport;
    const intent = { id: INTENT, agent: AGENT, digest: digest('second') };
    const given = { document, frame: frameOf(document), service: 'decision', reuse, intent } as const;
    return { ...given, recorded, history: 12, now: at(ms), ...more };
  };

  it('is flagged with the second intent itself, and sends the agent to a gate', () => {
    const ledger = conduct();
    const { result, events } = decideIdReuse(reported(0), ledger.state);
    expect(result).toMatchObject({ kind: 'flagged', containment: 'gate' });
    expect(events[0]?.data).toMatchObject({
      ...{ agent: AGENT, detector: 'intent-id-reused', events: [recorded.event], intent: frame },
    });
    ledger.tell(events);
    expect(containmentOf(ledger.state, AGENT)).toBe('gate');
  });

  it('is flagged once, and further ids add nothing while the agent stands at a gate for it', () => {
    const ledger = conduct();
    ledger.tell(decideIdReuse(reported(0), ledger.state).events);
    expect(decideIdReuse(reported(500_000), ledger.state)).toEqual({ result: { kind: 'known' }, events: [] });
    const id = uuid(41);
    const next = (ms: number) => {
      const second = { intent: { id, agent: AGENT, digest: digest('second') } };
      return reported(ms, { ...second, recorded: { ...recorded, event: `${id}.decision.0` } });
    };
    expect(decideIdReuse(next(59_000), ledger.state).result.kind).toBe('known');
    expect(decideIdReuse(next(61_000), ledger.state).result.kind).toBe('flagged');
  });

  it('flags nobody whose own two signatures are not there: another agent, the same intent, nothing recorded', () => {
    const wrong: Partial<IdReuseInput>[] = [
      { recorded: undefined },
      { recorded: { ...recorded, agent: `${AGENT}-other` } },
      { recorded: { ...recorded, intentDigest: digest('second') } },
      { recorded: { ...recorded, event: `${uuid(9)}.decision.0` } },
      { service: 'kill-switch' },
    ];
    for (const more of wrong)
      expect(decideIdReuse(reported(0, more), conduct().state)).toMatchObject({
        ...{ events: [], result: { code: 'WRIT-CON-006' } },
      });
    expect(decideIdReuse(reported(0, { now: at(61_000) }), conduct().state).result).toMatchObject({
      code: 'WRIT-CON-004',
    });
  });
});
