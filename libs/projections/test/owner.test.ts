// The database is prepared by an owner that is no superuser, and by it alone: what a hosted Postgres gives.
import { startTestPostgres, type TestPostgres } from '@writ/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectReadSide, prepareDatabase, rebuild, startProjector } from '../src/index.js';
import { createChain } from './chain.js';
import { credentials } from './database.js';
import { arraySource } from './source.js';
import { day } from './story.js';

let server: TestPostgres;

beforeAll(async () => {
  server = await startTestPostgres();
});
afterAll(() => server.stop());

it('prepares, projects, rebuilds and swaps without a superuser', async () => {
  const url = await server.createDatabase('hosted');
  const admin = connectReadSide(url, 1);
  await admin.query("create role owner login createrole noinherit password 'owner-secret'");
  await admin.query('grant connect, create on database hosted to owner');
  await admin.end();
  const ownerUrl = url.replace(/\/\/[^@]+@/, '//owner:owner-secret@');
  await prepareDatabase(ownerUrl, { credentials });
  const urls = await prepareDatabase(ownerUrl, { credentials });
  const chain = createChain();
  day(chain);
  const [pool, query] = [connectReadSide(urls.projector), connectReadSide(urls.query)];
  const options = { pool, source: arraySource(chain.messages), roots: chain.roots };
  const projector = startProjector(options);
  expect(await projector.reached(chain.messages.length, 10_000), String(projector.fault())).toBe(true);
  const result = await rebuild({ adminUrl: ownerUrl, projector: options, timeoutMs: 10_000 });
  expect(result).toMatchObject({ kind: 'promoted', seq: chain.messages.length });
  const { rows } = await query.query('select count(*) as n, count(data) as data from rm.events');
  expect(rows).toEqual([{ n: chain.messages.length - 1, data: chain.messages.length - 1 }]);
  await projector.stop();
  await Promise.all([pool.end(), query.end()]);
});
