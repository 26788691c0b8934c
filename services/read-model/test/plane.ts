// A read model over a test ledger, behind a real HTTP server on loopback. All of it is gone after `stop`.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { prepareDatabase } from '@writ/projections';
import type { TestChain } from '../../../libs/projections/test/chain.js';
import { arraySource } from '../../../libs/projections/test/source.js';
import { type Access, type ReadModel, runReadModel } from '../src/index.js';

export const TOKEN = 'test-token-0123456789';
const credentials = { projector: 'projector-secret', query: 'query-secret' };

export type Failure = { readonly path: string; readonly error: string; readonly code?: string };

export type TestPlane = {
  readonly readModel: ReadModel;
  readonly url: string;
  readonly failures: Failure[];
  readonly source: ReturnType<typeof arraySource>;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  json(path: string): Promise<{ status: number; body: unknown }>;
  stop(): Promise<void>;
};

/** Starts it and waits until the whole chain is projected. */
export const startPlane = async (
  adminUrl: string,
  chain: TestChain,
  options: { readonly access?: Access; readonly now?: () => number } = {},
): Promise<TestPlane> => {
  const failures: Failure[] = [];
  const source = arraySource(chain.messages);
  const readModel = await runReadModel({
    urls: await prepareDatabase(adminUrl, { credentials }),
    source,
    roots: chain.roots,
    access: options.access ?? { kind: 'token', token: TOKEN },
    now: options.now ?? (() => Date.parse(chain.now())),
    onApiFailure: (failure) => failures.push(failure),
  });
  const server = createServer((request: IncomingMessage, response) => {
    void readModel.api(request, response).then((taken) => {
      if (!taken) response.writeHead(404).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  if (!(await readModel.projector.reached(chain.messages.length, 15_000))) throw new Error('not projected');
  const get = (path: string, headers: Record<string, string> = { authorization: `Bearer ${TOKEN}` }) =>
    fetch(`${url}${path}`, { headers });
  return {
    readModel,
    url,
    failures,
    source,
    get,
    json: async (path) => {
      const response = await get(path);
      return { status: response.status, body: await response.json() };
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await readModel.stop();
    },
  };
};
