// The question behind compliance reports: how many events of each type a period holds, and samples that nobody chooses.
import { startTestPostgres, type TestPostgres } from '@writ/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createChain, type TestChain } from '../../../libs/projections/test/chain.js';
import { act, day } from '../../../libs/projections/test/story.js';
import { EvidenceView } from '../src/api/outputs.js';
import { startPlane, type TestPlane } from './plane.js';

let server: TestPostgres;
let chain: TestChain;
let plane: TestPlane;

beforeAll(async () => {
  server = await startTestPostgres();
  chain = createChain();
  day(chain);
  for (let n = 0; n < 7; n += 1) act(chain, { resource: `db:invoices/${n}` });
  plane = await startPlane(await server.createDatabase('evidence'), chain);
});
afterAll(async () => {
  await plane.stop();
  await server.stop();
});

const ALL = 'from=2000-01-01T00:00:00Z&to=2100-01-01T00:00:00Z';

const evidence = async (query: string) => {
  const { status, body } = await plane.json(`/v1/evidence?${query}`);
  expect(status, JSON.stringify(body)).toBe(200);
  return EvidenceView.parse(body);
};

describe('GET /v1/evidence', () => {
  it('counts every effective event of the period once, under its type', async () => {
    const { items, head } = await evidence(ALL);
    const { body } = await plane.json('/v1/ledger/head');
    const known = body as { events: number; void: number; seq: number };
    expect(items.reduce((sum, { count }) => sum + count, 0)).toBe(known.events - known.void);
    expect(head.seq).toBe(known.seq);
    expect(items.find(({ type }) => type === 'writ.decision.permitted.v1')?.count).toBeGreaterThanOrEqual(7);
  });

  it('shows as many samples as asked for, the same ones each time, each of its type', async () => {
    const [first, again] = [await evidence(`${ALL}&samples=2`), await evidence(`${ALL}&samples=2`)];
    expect(again).toEqual(first);
    for (const { count, samples } of first.items) expect(samples).toHaveLength(Math.min(2, count));
    const digests = first.items.flatMap(({ samples }) => samples.map(({ digest }) => digest));
    expect(new Set(digests).size).toBe(digests.length);
  });

  it('leaves out what lies before the period or at its end', async () => {
    const at = chain.messages[2]?.time as string;
    const whole = await evidence(ALL);
    const total = (items: readonly { count: number }[]) => items.reduce((sum, { count }) => sum + count, 0);
    const before = await evidence(`from=2000-01-01T00:00:00Z&to=${at}`);
    const after = await evidence(`from=${at}&to=2100-01-01T00:00:00Z`);
    expect(total(before.items) + total(after.items)).toBe(total(whole.items));
    expect(total(before.items)).toBeGreaterThan(0);
  });

  it.each(['', 'from=yesterday&to=2100-01-01T00:00:00Z', `${ALL}&samples=0`, `${ALL}&more=1`])(
    'refuses %j with 400',
    async (query) => expect((await plane.json(`/v1/evidence?${query}`)).status).toBe(400),
  );
});
