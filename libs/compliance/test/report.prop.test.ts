// Reports: counts are those of the evidence, nothing is left out, and no value of an event can become markup.
import { type Evidence, frameworks, reportOn, toHtml, toMarkdown } from '@writ/compliance';
import { ledgerEvents } from '@writ/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const types = Object.keys(ledgerEvents);
const period = {
  org: 'acme',
  from: '2026-01-01T00:00:00.000Z',
  to: '2026-02-01T00:00:00.000Z',
  head: { seq: 99, digest: 'd' },
};

const sample = (type: string) =>
  fc.record({
    seq: fc.nat(),
    time: fc.constant('2026-01-02T00:00:00.000Z'),
    type: fc.constant(type),
    id: fc.string(),
    digest: fc.base64String({ minLength: 8 }),
    agent: fc.option(fc.string()),
    intentId: fc.option(fc.string()),
  });

const evidence: fc.Arbitrary<Evidence[]> = fc.uniqueArray(fc.constantFrom(...types)).chain((chosen) =>
  fc.tuple(
    ...chosen.map((type) =>
      fc.record({
        type: fc.constant(type),
        count: fc.integer({ min: 1, max: 1000 }),
        samples: fc.array(sample(type), { maxLength: 3 }),
      }),
    ),
  ),
);

describe('a compliance report', () => {
  it('has every control of its framework in order, and counts each event of a control once', () => {
    fc.assert(
      fc.property(evidence, fc.constantFrom(...Object.values(frameworks)), (found, framework) => {
        const report = reportOn(framework, found, period);
        const counts = new Map(found.map(({ type, count }) => [type, count]));
        expect(report.controls.map(({ id }) => id)).toEqual(framework.controls.map(({ id }) => id));
        for (const [n, control] of framework.controls.entries()) {
          const named = new Set(control.rows.flatMap((row) => row.types));
          const sum = [...named].reduce((total, type) => total + (counts.get(type) ?? 0), 0);
          expect(report.controls[n]?.count).toBe(sum);
        }
        const { totals } = report;
        expect(totals.implements + totals['provides evidence for'] + totals['not addressed']).toBe(
          framework.controls.length,
        );
      }),
    );
  });

  it('is the same for the same evidence, in whatever order that came', () => {
    fc.assert(
      fc.property(evidence, (found) => {
        const of = (list: readonly Evidence[]) =>
          reportOn(frameworks['owasp-agentic'], list, period).controls;
        const sizes = (list: readonly Evidence[]) => of(list).map(({ count, standing }) => [count, standing]);
        expect(sizes([...found].reverse())).toEqual(sizes(found));
      }),
    );
  });

  it('lets no value of an event become markup in HTML', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (agent, intentId) => {
        const hostile = `<script>${agent}</script>"'`;
        const type = 'writ.decision.denied.v1';
        const one = { seq: 1, time: period.from, type, id: 'x', digest: 'd', agent: hostile, intentId };
        const found = [{ type, count: 1, samples: [one] }];
        const html = toHtml(reportOn(frameworks['owasp-agentic'], found, period), 'http://127.0.0.1:1/');
        expect(html).not.toContain('<script');
        expect(html).toContain('&lt;script&gt;');
        expect(html.match(/<a href="[^"<>]*">/g)?.length).toBeGreaterThan(0);
      }),
    );
  });

  it('lets no value of an event break out of a Markdown line', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const type = 'writ.decision.denied.v1';
        const agent = `${text}\n| a | b |\n[x](javascript:1)`;
        const one = { seq: 1, time: period.from, type, id: 'x', digest: 'd', agent, intentId: null };
        const markdown = toMarkdown(
          reportOn(frameworks['owasp-agentic'], [{ type, count: 1, samples: [one] }], period),
        );
        expect(markdown).not.toContain('](javascript');
        expect(markdown.split('\n').filter((line) => line.startsWith('| a'))).toEqual([]);
      }),
    );
  });

  it('says that nothing was recorded where nothing was, and what is not addressed', () => {
    const markdown = toMarkdown(reportOn(frameworks['nist-ai-rmf'], [], period));
    expect(markdown).toContain('implements (nothing recorded in this period)');
    expect(markdown).toContain('| GOVERN 1.1 | see the original | not addressed | 0 |');
    expect(markdown).toContain('check it against the original');
  });
});
