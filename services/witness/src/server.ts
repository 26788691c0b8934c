// The HTTP face of a witness (C2SP tlog-witness): add-checkpoint, and the latest cosigned checkpoint for monitors. Nothing else.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WitnessFault } from './fault.js';
import { readWitness, type WitnessPaths } from './files.js';
import { lockFolder } from './lock.js';
import { openMemory } from './memory.js';
import { createWitness, type Witness, type WitnessReply } from './witness.js';

/** What happened, for a log: no text from outside in it. */
export type WitnessEvent =
  | { readonly event: 'answered'; readonly status: number; readonly size?: number }
  | { readonly event: 'failed'; readonly code: string };

export type WitnessServerOptions = {
  readonly paths: WitnessPaths;
  /** Loopback when absent. */
  readonly host?: string;
  /** Any free one when absent. */
  readonly port?: number;
  readonly now?: () => number;
  readonly onEvent?: (event: WitnessEvent) => void;
};

/** A running witness. */
export interface WitnessServer {
  readonly host: string;
  readonly port: number;
  stop(): Promise<void>;
}

/** A note of 64 KiB and 63 lines of proof. */
const MAX_BODY = 72 * 1024;
const LIMITS = { requestTimeout: 10_000, headersTimeout: 5_000, maxHeaderSize: 8_192 };

class TooLarge extends Error {}

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  let size = 0;
  // The answer goes out on this connection even when the rest is not read.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY) throw new TooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
};

const send = (
  response: ServerResponse,
  status: number,
  body: string,
  type = 'text/plain; charset=utf-8',
): void => {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(response.req.complete ? {} : { connection: 'close' }),
  });
  response.end(body);
};

const WORDS: { readonly [S in 400 | 403 | 404 | 422]: string } = {
  400: 'not an add-checkpoint request\n',
  403: 'no signature of a known key of this log\n',
  404: 'the log is not known here\n',
  422: 'the consistency proof does not hold\n',
};

const reply = (response: ServerResponse, answer: WitnessReply): void => {
  if (answer.status === 200) send(response, 200, answer.body);
  else if (answer.status === 409) send(response, 409, `${answer.size}\n`, 'text/x.tlog.size');
  else send(response, answer.status, WORDS[answer.status]);
};

const monitor = (witness: Witness, url: URL, response: ServerResponse): void => {
  const note = witness.latest(url.searchParams.get('origin') ?? '');
  if (note === undefined) send(response, 404, 'no checkpoint of this origin has been cosigned\n');
  else send(response, 200, note);
};

const route = async (
  witness: Witness,
  request: IncomingMessage,
  response: ServerResponse,
  onEvent: (event: WitnessEvent) => void,
): Promise<void> => {
  const url = new URL(request.url ?? '/', 'http://witness');
  const { method } = request;
  if (url.pathname === '/checkpoint' && method === 'GET') return monitor(witness, url, response);
  if (url.pathname === '/healthz' && method === 'GET') return send(response, 200, 'ok\n');
  if (url.pathname !== '/add-checkpoint') return send(response, 404, 'there is nothing at this path\n');
  if (method !== 'POST') return send(response, 405, 'POST only\n');
  const answer = witness.add(await bodyOf(request));
  onEvent({
    event: 'answered',
    status: answer.status,
    ...(answer.status === 409 ? { size: answer.size } : {}),
  });
  reply(response, answer);
};

const fail = (response: ServerResponse, error: unknown, onEvent: (event: WitnessEvent) => void): void => {
  const code = error instanceof WitnessFault ? error.code : (error as Error).name;
  if (!(error instanceof TooLarge)) onEvent({ event: 'failed', code });
  if (response.headersSent) response.destroy();
  else if (error instanceof TooLarge) send(response, 413, 'at most 72 KiB\n');
  else send(response, 500, 'nothing was cosigned\n');
};

const listen = (server: Server, host: string, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });

const close = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

/**
 * Runs the witness of a folder: `POST /add-checkpoint`, `GET /checkpoint?origin=`, `GET /healthz`. Throws WRIT-WIT-001 to -004 and as
 * `readKeyFile`. It needs Node, the folder and the port, and nothing else.
 */
export const startWitness = async (options: WitnessServerOptions): Promise<WitnessServer> => {
  const { paths, host = '127.0.0.1', now = Date.now, onEvent = () => undefined } = options;
  const { name, pair, logs } = readWitness(paths);
  const unlock = await lockFolder(paths.dir);
  try {
    const memory = openMemory(
      paths.state,
      logs.map(({ origin }) => origin),
    );
    const witness = createWitness({ name, pair, logs, memory, now });
    const server = createServer(LIMITS, (request, response) => {
      route(witness, request, response, onEvent).catch((error: unknown) => fail(response, error, onEvent));
    });
    const port = await listen(server, host, options.port ?? 0);
    return { host, port, stop: () => close(server).then(unlock) };
  } catch (error) {
    unlock();
    throw error;
  }
};
