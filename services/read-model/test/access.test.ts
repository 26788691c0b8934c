// Who may ask, from where, and what a browser is allowed to make of the answer.
import { startTestPostgres, type TestPostgres } from '@writ/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AGENT, createChain, type TestChain } from '../../../libs/projections/test/chain.js';
import { day } from '../../../libs/projections/test/story.js';
import { startPlane, type TestPlane } from './plane.js';

let server: TestPostgres;
let chain: TestChain;
let plane: TestPlane;

beforeAll(async () => {
  server = await startTestPostgres();
  chain = createChain();
  day(chain);
  plane = await startPlane(await server.createDatabase('access'), chain);
});
afterAll(async () => {
  await plane.stop();
  await server.stop();
});

describe('access', () => {
  it('is refused without the token, with a wrong one, and in a query', async () => {
    for (const headers of [
      {},
      { authorization: 'Bearer wrong' },
      { authorization: `Basic ${'x'.repeat(20)}` },
    ]) {
      const response = await plane.get('/v1/agents', headers as Record<string, string>);
      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject({
        error: { code: 'WRIT-API-001', next: expect.any(String) },
      });
    }
    expect((await plane.get('/v1/agents?token=test-token-0123456789', {})).status).toBe(401);
  });

  it('where it is open, is refused to a page elsewhere that asks through a browser', async () => {
    const open = await startPlane(await server.createDatabase('open'), chain, { access: { kind: 'open' } });
    const { request } = await import('node:http');
    const status = (host: string) =>
      new Promise((resolve, reject) => {
        request(`${open.url}/v1/agents`, { headers: { host } }, (r) => {
          r.resume();
          resolve(r.statusCode);
        })
          .on('error', reject)
          .end();
      });
    expect(await status('evil.example:80')).toBe(403);
    expect(await status('localhost:1234')).toBe(200);
    await open.stop();
  });

  it('only answers questions: any other method is refused', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      const response = await fetch(`${plane.url}/v1/agents`, {
        method,
        headers: { authorization: 'Bearer x' },
      });
      expect(response.status).toBe(405);
      expect(response.headers.get('allow')).toBe('GET, HEAD');
    }
  });

  it('is never to be stored, framed or sniffed', async () => {
    const { headers } = await plane.get('/v1/agents');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('the console page', () => {
  it('fetches nothing from elsewhere, runs only its own script, and holds no data', async () => {
    const [one, two] = [await plane.get('/', {}), await plane.get('/', {})];
    const [html, policy] = [await one.text(), one.headers.get('content-security-policy') ?? ''];
    const [, nonce = ''] = /script-src 'nonce-([^']+)'/.exec(policy) ?? [];
    expect(nonce.length).toBeGreaterThan(20);
    expect(two.headers.get('content-security-policy')).not.toContain(nonce);
    expect(html.match(/<script/g)).toHaveLength(1);
    expect(html).toContain(`<script nonce="${nonce}">`);
    expect(html).not.toMatch(/https?:\/\/|innerHTML|insertAdjacentHTML|document\.write|\son\w+=|style=/);
    expect(html).not.toContain(AGENT);
    expect(policy).not.toContain('unsafe');
  });

  it('has a script that parses', async () => {
    const html = await (await plane.get('/', {})).text();
    const [, script = ''] = /<script[^>]*>([\s\S]*)<\/script>/.exec(html) ?? [];
    expect(script.length).toBeGreaterThan(1000);
    expect(() => new Function(script)).not.toThrow();
  });
});
