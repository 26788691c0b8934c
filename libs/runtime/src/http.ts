// Owns the small HTTP server of a service: health, readiness, metrics. It takes no commands and answers nothing about agents.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';

/** True when the part is ready; a throw or a rejection counts as not ready. Must answer within a second. */
export type ReadyCheck = () => boolean | Promise<boolean>;

/** Answers a request that no fixed path took; false passes it on (404). */
export type HttpHandler = (request: IncomingMessage, response: ServerResponse) => boolean | Promise<boolean>;

/** A running server. `port` is the real one. */
export interface HealthServer {
  readonly host: string;
  readonly port: number;
  /** Adds or replaces a named check of /readyz. */
  check(name: string, check: ReadyCheck): void;
  /** Adds a handler for further paths (the read model's API), asked in order. */
  handle(handler: HttpHandler): void;
  close(): Promise<void>;
}

type State = {
  readonly checks: Map<string, ReadyCheck>;
  readonly handlers: HttpHandler[];
  readonly registry: Registry;
};

const CHECK_MS = 1000;

/**
 * Serves /healthz (200 while the process lives), /readyz (200 when every check holds, else 503; body
 * `{ ready, checks: { name: boolean } }`) and /metrics (Prometheus text). Port 0 takes a free one; the host is loopback by default.
 */
export async function startHealthServer(options: {
  readonly registry: Registry;
  readonly host?: string;
  readonly port?: number;
}): Promise<HealthServer> {
  const { registry, host = '127.0.0.1', port = 0 } = options;
  const state: State = { checks: new Map(), handlers: [], registry };
  const server = createServer((request, response) => {
    answer(state, request, response).catch(() => fail(response));
  });
  await listen(server, port, host);
  return {
    host,
    port: (server.address() as AddressInfo).port,
    check: (name, check) => void state.checks.set(name, check),
    handle: (handler) => void state.handlers.push(handler),
    close: () => close(server),
  };
}

async function answer(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = (request.url ?? '/').split('?')[0];
  if (request.method === 'GET' && path === '/healthz') return json(response, 200, { ok: true });
  if (request.method === 'GET' && path === '/readyz') return readiness(state, response);
  if (request.method === 'GET' && path === '/metrics') return metrics(state, response);
  for (const handler of state.handlers) if (await handler(request, response)) return;
  json(response, 404, { error: 'there is nothing at this path' });
}

async function readiness({ checks }: State, response: ServerResponse): Promise<void> {
  const results = await Promise.all(
    [...checks].map(async ([name, check]) => [name, await holds(check)] as const),
  );
  const ready = results.every(([, ok]) => ok);
  json(response, ready ? 200 : 503, { ready, checks: Object.fromEntries(results) });
}

async function holds(check: ReadyCheck): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), CHECK_MS);
  });
  try {
    return await Promise.race([Promise.resolve(check()), late]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}

async function metrics({ registry }: State, response: ServerResponse): Promise<void> {
  const text = await registry.metrics();
  response.writeHead(200, { 'content-type': registry.contentType }).end(text);
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(`${JSON.stringify(body)}\n`);
}

function fail(response: ServerResponse): void {
  if (response.headersSent) response.destroy();
  else json(response, 500, { error: 'the request failed' });
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve());
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
