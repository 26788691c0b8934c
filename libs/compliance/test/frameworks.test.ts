// The frameworks as data: exact ids, and every event type of the ledger stands for something.
import { allFacts, frameworks } from '@writ/compliance';
import { ledgerEvents } from '@writ/contracts';
import { describe, expect, it } from 'vitest';

const idsOf = (name: keyof typeof frameworks) => frameworks[name].controls.map(({ id }) => id);
const typesIn = (name: keyof typeof frameworks) =>
  frameworks[name].controls
    .flatMap(({ rows }) => rows)
    .filter(({ types }) => types.length < allFacts.length)
    .flatMap(({ types }) => types);

describe('the frameworks', () => {
  it('name every subcategory of NIST AI RMF 1.0: GOVERN 19, MAP 18, MEASURE 22, MANAGE 13', () => {
    const ids = idsOf('nist-ai-rmf');
    const count = (prefix: string) => ids.filter((id) => id.startsWith(`${prefix} `)).length;
    expect(['GOVERN', 'MAP', 'MEASURE', 'MANAGE'].map(count)).toEqual([19, 18, 22, 13]);
    expect(new Set(ids).size).toBe(72);
  });

  it('name the ten of both OWASP lists in order, and the 38 controls of ISO/IEC 42001 Annex A once', () => {
    const ten = (prefix: string) =>
      Array.from({ length: 10 }, (_, n) => `${prefix}${String(n + 1).padStart(2, '0')}`);
    expect(idsOf('owasp-agentic')).toEqual(ten('ASI'));
    expect(idsOf('owasp-llm')).toEqual(ten('LLM'));
    expect(new Set(idsOf('iso-42001')).size).toBe(38);
    expect(idsOf('iso-42001')).toHaveLength(38);
    expect(idsOf('eu-ai-act')).toEqual(['Art. 12', 'Art. 14', 'Art. 19', 'Art. 26']);
  });

  it('know every event type of the ledger, and no other', () => {
    expect([...allFacts].sort()).toEqual(Object.keys(ledgerEvents).sort());
    expect(new Set(allFacts).size).toBe(allFacts.length);
  });

  it('say something about each event type beyond that it is logged', () => {
    const said = new Set(Object.values(frameworks).flatMap(({ id }) => typesIn(id)));
    expect(Object.keys(ledgerEvents).filter((type) => !said.has(type))).toEqual([]);
  });

  it('claim to implement nothing without naming events', () => {
    const rows = Object.values(frameworks).flatMap(({ controls }) =>
      controls.flatMap((control) => control.rows),
    );
    expect(rows.filter(({ types, how }) => types.length === 0 || how === '')).toEqual([]);
  });
});
