// What the API answers: the questions it is for, to those who may ask, in the shapes that it publishes.
import { startTestPostgres, type TestPostgres } from '@writ/testing';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AGENT, createChain, ENV, OTHER, type TestChain } from '../../../libs/projections/test/chain.js';
import { act, day, decide, halt } from '../../../libs/projections/test/story.js';
import * as outputs from '../src/api/outputs.js';
import { startPlane, type TestPlane } from './plane.js';

let server: TestPostgres;
let chain: TestChain;
let plane: TestPlane;

type Operation = {
  readonly parameters: readonly { readonly name: string }[];
  readonly responses: { readonly 200: { readonly content: Record<string, { readonly schema: object }> } };
};

const HOUR = 3_600_000;
const past: { readonly intentId: string }[] = [];

beforeAll(async () => {
  server = await startTestPostgres();
  chain = createChain();
  day(chain);
  for (let n = 0; n < 3; n += 1) past.push(act(chain, { resource: 'db:invoices/7' }));
  act(chain, { agent: OTHER, resource: 'db:invoices/7' });
  act(chain, { resource: 'db:invoices/8' });
  plane = await startPlane(await server.createDatabase('api'), chain);
});
afterAll(async () => {
  await plane.stop();
  await server.stop();
});

const items = async (path: string): Promise<Record<string, unknown>[]> => {
  const { status, body } = await plane.json(path);
  expect(status, JSON.stringify(body)).toBe(200);
  return (body as { items: Record<string, unknown>[] }).items;
};

const ids = (rows: readonly Record<string, unknown>[]) => rows.map((row) => row['intent_id']);

describe('every action agent X took on resource Y in the last 24 hours', () => {
  const question = `/v1/actions?agent=${AGENT}&resource=db:invoices/7&last=24h`;

  it('is answered with exactly these, newest first', async () => {
    const found = await items(question);
    expect(ids(found)).toEqual(past.map(({ intentId }) => intentId).reverse());
    expect(found[0]).toMatchObject({ agent: AGENT, resource: 'db:invoices/7', outcome: 'succeeded' });
  });

  it('leaves out what is older than that, by the time of the server', async () => {
    const later = await startPlane(await server.createDatabase('later'), chain, {
      now: () => Date.parse(chain.messages.at(-6)!.time) + 24 * HOUR,
    });
    const { body } = await later.json(question);
    await later.stop();
    const all = await items(question);
    const kept = (body as { items: Record<string, unknown>[] }).items;
    expect(kept.length).toBeLessThan(all.length);
    const oldest = Date.parse(chain.messages.at(-6)!.time);
    expect(ids(kept)).toEqual(ids(all.filter((row) => Date.parse(String(row['decided_at'])) >= oldest)));
  });

  it('takes patterns of resources as boundaries do', async () => {
    expect(await items(`/v1/actions?agent=${AGENT}&resource=db:invoices/*`)).toHaveLength(4);
    expect(await items(`/v1/actions?agent=${AGENT}&resource=db:*`)).toHaveLength(1);
    expect(await items(`/v1/actions?scope=${ENV}&resource=db:**&verdict=denied`)).toHaveLength(1);
    expect(await items('/v1/actions?resource=db_invoices/7')).toHaveLength(0);
  });

  it('gives every action once when it is read page by page', async () => {
    const all = ids(await items('/v1/actions?limit=1000'));
    const paged: unknown[] = [];
    for (let path: string | null = '/v1/actions?limit=3'; path !== null; ) {
      const { body } = (await plane.json(path)) as {
        body: { items: Record<string, unknown>[]; next: string | null };
      };
      paged.push(...ids(body.items));
      path = body.next === null ? null : `/v1/actions?limit=3&cursor=${body.next}`;
    }
    expect(paged).toEqual(all);
    expect(new Set(all).size).toBe(all.length);
  });
});

describe('answers', () => {
  it.each([
    ['/v1/actions?limit=1000', outputs.ActionList],
    ['/v1/agents', outputs.AgentList],
    [`/v1/agents/${AGENT}`, outputs.AgentView],
    ['/v1/gates?state=all', outputs.GateList],
    ['/v1/halts?state=all', outputs.HaltList],
    ['/v1/ledger/head', outputs.HeadView],
    ['/v1/registry', outputs.RegistryView],
    ['/v1/stats', outputs.StatsView],
    ['/v1/actions?limit=0', outputs.ErrorView],
    ['/v1/nothing', outputs.ErrorView],
  ])('%s has the published shape', async (path, schema) => {
    const { body } = await plane.json(path);
    expect(schema.safeParse(body).error).toBeUndefined();
  });

  it('tell the state of an agent: boundary in force, containment, halts that cover it', async () => {
    const { body } = await plane.json(`/v1/agents/${AGENT}`);
    expect(body).toMatchObject({
      owner: 'alice',
      status: 'active',
      containment: 'gate',
      autonomy: 'bounded',
      boundary: { name: 'refunds', level: 1 },
      halted: true,
      halts: ['halt-8'],
      flags: 1,
    });
    expect((await plane.json(`/v1/agents/${OTHER}`)).body).toMatchObject({ halted: false, halts: [] });
    expect((await plane.json('/v1/agents/acme.shop.prod.nobody')).status).toBe(404);
  });

  it('tell gates with their votes and halts with who has confirmed', async () => {
    const [gate] = await items('/v1/gates?state=all');
    expect(gate).toMatchObject({ status: 'granted', approvals: 2, quorum: 2, operation: 'delete' });
    expect(gate!['votes']).toMatchObject([{ person: 'alice' }, { person: 'bob' }]);
    expect(await items('/v1/gates')).toEqual([]);
    const [inForce] = await items('/v1/halts');
    expect(inForce).toMatchObject({ halt_id: 'halt-8', scope: AGENT });
    const all = await items('/v1/halts?state=all');
    expect(all[1]).toMatchObject({
      halt_id: 'halt-7',
      acknowledged: 1,
      unconfirmed: [OTHER],
      released_by: ['alice'],
    });
  });

  it('tell the full chain of one intent, in ledger order', async () => {
    const id = past[0]!.intentId;
    const { body } = await plane.json(`/v1/intents/${id}`);
    const view = outputs.IntentView.parse(body);
    expect(view.chains).toHaveLength(1);
    expect(view.chains[0]!.action?.outcome).toBe('succeeded');
    expect(view.chains[0]!.events.map(({ type }) => type)).toEqual([
      'writ.decision.permitted.v1',
      'writ.authority.receipt-issued.v1',
      'writ.outcome.succeeded.v1',
    ]);
    expect((await plane.json('/v1/intents/01900000-0000-7000-8000-ffffffffffff')).status).toBe(404);
  });

  it('tell the version of the registry as projected, and of no organisation that has none', async () => {
    const registry = chain.messages.filter(({ subject }) => subject === 'gov.ledger.registry.acme');
    const last = registry.at(-1)!;
    const { ver } = JSON.parse(Buffer.from(last.bytes).toString()).signed;
    const head = { org: 'acme', ver, seq: last.seq };
    expect((await plane.json('/v1/registry')).body).toEqual(head);
    expect((await plane.json('/v1/registry?org=acme')).body).toEqual(head);
    expect((await plane.json('/v1/registry?org=other')).status).toBe(404);
    expect((await plane.json('/v1/registry?org=A')).status).toBe(400);
  });

  it('count decisions per verdict and rule', async () => {
    const { body } = await plane.json(`/v1/stats?last=1000w`);
    const { counts } = outputs.StatsView.parse(body);
    const denied = counts.filter(({ verdict }) => verdict === 'denied');
    expect(denied).toMatchObject([{ rule: null, count: 1, hour: '2026-03-01T10:00:00.000Z' }]);
    const total = counts.reduce((sum, { count }) => sum + count, 0);
    expect(total).toBe((await items('/v1/actions?limit=1000')).length);
  });

  it('export the exact bytes of every message, junk included, over any range', async () => {
    const text = await (await plane.get('/v1/export')).text();
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => outputs.ExportLine.parse(JSON.parse(line)));
    expect(lines.map(({ seq }) => seq)).toEqual(chain.messages.map(({ seq }) => seq));
    for (const [n, line] of lines.entries()) {
      const bytes =
        line.frame64 === undefined ? Buffer.from(line.frame!) : Buffer.from(line.frame64, 'base64');
      expect(Buffer.compare(bytes, Buffer.from(chain.messages[n]!.bytes))).toBe(0);
      expect(line).toMatchObject({ subject: chain.messages[n]!.subject, time: chain.messages[n]!.time });
    }
    const range = await (await plane.get('/v1/export?from=3&to=5')).text();
    expect(
      range
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).seq),
    ).toEqual([3, 4, 5]);
  });

  it('follow the ledger', async () => {
    const asked = decide(chain, { resource: 'db:new/1' });
    halt(chain, 'halt-9', 'acme');
    plane.source.wake();
    expect(await plane.readModel.projector.reached(chain.messages.length, 5000)).toBe(true);
    expect(ids(await items('/v1/actions?resource=db:new/1'))).toEqual([asked.intentId]);
    expect((await plane.json(`/v1/agents/${OTHER}`)).body).toMatchObject({ halted: true, halts: ['halt-9'] });
  });

  it('publish an OpenAPI 3.1 document whose schemas hold for the answers', async () => {
    const { body } = await plane.json('/v1/openapi.json');
    const document = body as { openapi: string; paths: Record<string, { get: Operation }> };
    expect(document.openapi).toBe('3.1.0');
    const paths = Object.keys(document.paths);
    expect(paths).toEqual([
      '/v1/actions',
      '/v1/stats',
      '/v1/agents',
      '/v1/agents/{scope}',
      '/v1/gates',
      '/v1/halts',
      '/v1/intents/{id}',
      '/v1/registry',
      '/v1/ledger/head',
      '/v1/evidence',
      '/v1/export',
      '/v1/checkpoint',
      '/v1/proof/inclusion',
      '/v1/proof/consistency',
      '/v1/heads',
    ]);
    const schema = document.paths['/v1/actions']!.get.responses[200].content['application/json']!.schema;
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(schema);
    const { body: answer } = await plane.json('/v1/actions');
    expect(validate(answer), JSON.stringify(validate.errors)).toBe(true);
    expect(validate({ ...(answer as object), extra: 1 })).toBe(false);
    const names = document.paths['/v1/actions']!.get.parameters.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(['agent', 'resource', 'from', 'to', 'last', 'verdict', 'limit', 'cursor']),
    );
  });
});
