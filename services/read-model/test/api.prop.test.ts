// No request whatever makes the API fail: it answers, or refuses with a code.

import { connect } from 'node:net';
import { startTestPostgres, type TestPostgres } from '@writ/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AGENT, createChain } from '../../../libs/projections/test/chain.js';
import { day } from '../../../libs/projections/test/story.js';
import { ErrorView } from '../src/api/outputs.js';
import { startPlane, type TestPlane, TOKEN } from './plane.js';

let server: TestPostgres;
let plane: TestPlane;

beforeAll(async () => {
  server = await startTestPostgres();
  const chain = createChain();
  day(chain);
  plane = await startPlane(await server.createDatabase('fuzz'), chain);
});
afterAll(async () => {
  await plane.stop();
  await server.stop();
});

const NAMES = [
  'agent',
  'scope',
  'resource',
  'operation',
  'verdict',
  'from',
  'to',
  'last',
  'limit',
  'cursor',
  'state',
  'environment',
  '__proto__',
  'x',
];
const cursor = fc.json().map((text) => Buffer.from(text).toString('base64url'));
const cursorLike = fc
  .record({
    at: fc.constantFrom('2026-03-01T10:00:00.000Z', '2026-02-31T10:00:00.000Z', '0000-01-01T00:00:00.000Z'),
    seq: fc.nat(),
  })
  .map((value) => Buffer.from(JSON.stringify(value)).toString('base64url'));
const value = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string(),
  fc.constantFrom(
    AGENT,
    'acme',
    'acme.shop.prod',
    'db:**',
    '*'.repeat(200),
    '*a'.repeat(100),
    'permitted',
    '24h',
    '0s',
    '9999w',
    '1000',
    '1e3',
    '-1',
    'open',
    'all',
    'in-force',
  ),
  fc.constantFrom(
    '2026-03-01T10:00:00Z',
    '2026-03-01T10:00:00+23:59',
    '0000-01-01T00:00:00Z',
    '9999-12-31T23:59:59Z',
    '2026-02-30T00:00:00Z',
  ),
  cursor,
  cursorLike,
  fc.integer().map(String),
  fc.constantFrom("' or 1=1 --", '%00', '\0', '\ud800', '{"$ne":1}', '../../etc/passwd', '9'.repeat(30)),
);
const path = fc.oneof(
  fc.constantFrom(
    '/v1/actions',
    '/v1/agents',
    '/v1/gates',
    '/v1/halts',
    '/v1/stats',
    '/v1/export',
    '/v1/ledger/head',
    '/v1/registry',
    '/v1/openapi.json',
    '/v1',
    '/v1/',
  ),
  value.map((v) => `/v1/agents/${encodeURIComponent(v.replaceAll(/[\ud800-\udfff]/g, 'x'))}`),
  value.map((v) => `/v1/intents/${encodeURIComponent(v.replaceAll(/[\ud800-\udfff]/g, 'x'))}`),
  fc.webPath().map((p) => `/v1${p}`),
);
const query = fc
  .array(fc.tuple(fc.constantFrom(...NAMES), value), { maxLength: 4 })
  .map((pairs) => new URLSearchParams(pairs as [string, string][]).toString());

it('answers or refuses every question, and never fails', async () => {
  await fc.assert(
    fc.asyncProperty(path, query, async (p, q) => {
      const response = await plane.get(`${p}?${q}`);
      const text = await response.text();
      expect(response.status, `${p}?${q}`).toBeLessThan(500);
      if (response.status !== 200) expect(ErrorView.safeParse(JSON.parse(text)).success).toBe(true);
      if (q !== '') expect(response.status === 200 || text.includes('WRIT-API-001')).toBe(true);
    }),
    { numRuns: 1500 },
  );
  expect(plane.failures).toEqual([]);
}, 60_000);

const rawRequest = (target: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(plane.url);
    const socket = connect(Number(port), hostname);
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
    socket.end(
      Buffer.from(
        `GET ${target} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${TOKEN}\r\nconnection: close\r\n\r\n`,
        'latin1',
      ),
    );
  });

it('survives request targets that no client library would send', async () => {
  const target = fc
    .string({ unit: fc.constantFrom(...'/v1%?&=.#{}agents\\"<>|^`\u0080\u00ff') })
    .map((s) => `/v1/${s}`);
  await fc.assert(
    fc.asyncProperty(target, async (t) => {
      expect((await rawRequest(t)).split(' ')[1]).toMatch(/^[24]/);
    }),
    { numRuns: 150 },
  );
  expect((await rawRequest(`/v1/${'a'.repeat(9000)}`)).split(' ')[1]).toBe('414');
  expect(plane.failures).toEqual([]);
}, 60_000);
