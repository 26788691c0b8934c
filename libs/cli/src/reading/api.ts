// Owns asking the read model over HTTP: its address and token. It believes nothing that a signature must show.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { refused } from '@writ/contracts';
import { installPaths, readPrivateFile } from '@writ/runtime';
import { CliFault, fault } from '../fault.js';
import { readRunFile } from '../home.js';

/** The query API. Paths begin with `/v1/`. */
export interface Api {
  readonly url: string;
  /** The JSON of an answer; `undefined` for 404. Any other failure is a `CliFault`. */
  get<T>(path: string): Promise<T | undefined>;
  /** The lines of a streamed answer. */
  lines(path: string): AsyncIterable<string>;
}

const ANSWER_MS = 3_000;

type Page<T> = { readonly items: readonly T[]; readonly next: string | null };

/** Every item of a list, page by page. `path` has no query, or one that pages do not change. */
export async function listAll<T>(api: Api, path: string): Promise<readonly T[]> {
  const all: T[] = [];
  const first = `${path}${path.includes('?') ? '&' : '?'}limit=1000`;
  for (let next: string | undefined = first; next !== undefined; ) {
    const page: Page<T> | undefined = await api.get<Page<T>>(next);
    all.push(...(page?.items ?? []));
    next = page?.next ? `${first}&cursor=${page.next}` : undefined;
  }
  return all;
}

/** Opens the API: WRIT_API_URL and WRIT_API_TOKEN, else the run file and the token of the installation; `undefined` without. */
export function openApi(
  home: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Api | undefined {
  const url = env['WRIT_API_URL'] || localUrl(home);
  if (url === undefined) return undefined;
  const token = env['WRIT_API_TOKEN'] || localToken(home);
  const ask = (path: string, signal?: AbortSignal) => askApi(new URL(path, url), token, signal);
  return {
    url,
    get: async <T>(path: string) => {
      const response = await ask(path, AbortSignal.timeout(ANSWER_MS));
      if (response.status === 404) return undefined;
      if (response.ok) return (await response.json()) as T;
      throw notAnswered(response.status);
    },
    lines: async function* (path) {
      const response = await ask(path);
      if (!response.ok || response.body === null) throw notAnswered(response.status);
      yield* linesOf(response.body);
    },
  };
}

function localUrl(home: string): string | undefined {
  const port = readRunFile<{ httpPort?: unknown }>(home, 'read-model')?.httpPort;
  return typeof port === 'number' ? `http://127.0.0.1:${port}` : undefined;
}

function localToken(home: string): string | undefined {
  const file = join(installPaths(home).keysDir, 'read-model-api.token');
  return existsSync(file) ? readPrivateFile(file) : undefined;
}

async function askApi(
  url: URL,
  token: string | undefined,
  signal: AbortSignal | undefined,
): Promise<Response> {
  try {
    return await fetch(url, {
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      ...(signal === undefined ? {} : { signal }),
    });
  } catch {
    return fault('WRIT-CLI-005', `the read model at ${url.origin} does not answer`);
  }
}

function notAnswered(status: number): CliFault {
  const why = status === 401 ? 'the token is missing or wrong (WRIT_API_TOKEN)' : `status ${status}`;
  return new CliFault(refused('WRIT-CLI-005', `the read model did not answer the question: ${why}`));
}

async function* linesOf(body: ReadableStream<Uint8Array>): AsyncIterable<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = parts.pop() ?? '';
    yield* parts;
  }
  if (rest !== '') yield rest;
}
