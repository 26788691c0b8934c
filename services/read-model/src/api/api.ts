// The HTTP face of the read model: access, routing, checked input, answers. It writes nothing and takes no commands.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { z } from 'zod';
import { page } from '../console/page.js';
import { type Access, checkAccess } from './access.js';
import { ApiRefusal, answerJson, answerRefusal } from './answer.js';
import { openApiOf } from './openapi.js';
import { matchPath, type Route, type RouteContext, STREAMED } from './route.js';
import { routes } from './routes.js';

/** `onFailure` hears of what should not happen: the kind of error, never its text. */
export type ApiOptions = RouteContext & {
  readonly access: Access;
  readonly onFailure?: (failure: {
    readonly path: string;
    readonly error: string;
    readonly code?: string;
  }) => void;
};

/** Answers a request; false when the path is none of the API's, and then nothing has been written. */
export type Api = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;

const MAX_URL = 4096;

const readQuery = (search: URLSearchParams): Record<string, string> => {
  const query: Record<string, string> = {};
  for (const [name, value] of search) {
    if (Object.hasOwn(query, name)) throw new ApiRefusal(400, 'a parameter is given twice');
    Object.defineProperty(query, name, { value, enumerable: true });
  }
  return query;
};

const check = <S extends z.ZodType>(schema: S, value: unknown): z.output<S> => {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  // The library's message may quote what was sent; the name of a parameter that we know may be told.
  const known = issue?.code === 'unrecognized_keys' ? 'a parameter is not known' : undefined;
  throw new ApiRefusal(400, known ?? `${issue?.path.join('.') || 'the request'} is not valid`);
};

const OPENAPI = '/v1/openapi.json';

const find = (path: string): { readonly route: Route; readonly params: object } | undefined => {
  for (const route of routes) {
    const params = matchPath(route.path, path);
    if (params !== undefined) return { route, params };
  }
  return undefined;
};

const decode = (path: string): string => {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new ApiRefusal(400, 'the path is not valid');
  }
};

const split = (url: string): { readonly path: string; readonly search: URLSearchParams } => {
  const at = url.indexOf('?');
  const [path, search] = at < 0 ? [url, ''] : [url.slice(0, at), url.slice(at + 1)];
  return { path, search: new URLSearchParams(search) };
};

const answerRoute = async (
  options: ApiOptions,
  path: string,
  search: URLSearchParams,
  response: ServerResponse,
): Promise<void> => {
  if (path === OPENAPI) return answerJson(response, 200, openApiOf(routes));
  const found = find(decode(path));
  if (found === undefined) throw new ApiRefusal(404, 'there is nothing at this path');
  const { route, params } = found;
  const input = { params: check(route.params, params), query: check(route.query, readQuery(search)) };
  const body = await route.answer(options, input, response);
  if (body !== STREAMED) answerJson(response, 200, body);
};

// A lost connection or a question that took too long is not a bug of ours; everything else is.
const UNAVAILABLE = /^(08|53|57)|^E[A-Z]+$/;

const refusalOf = (options: ApiOptions, path: string, error: unknown): ApiRefusal => {
  if (error instanceof ApiRefusal) return error;
  const code = (error as { readonly code?: unknown } | null)?.code;
  const name = error instanceof Error ? error.name : 'unknown';
  options.onFailure?.({ path, error: name, ...(typeof code === 'string' ? { code } : {}) });
  const unavailable =
    (typeof code === 'string' && UNAVAILABLE.test(code)) ||
    /timeout|terminated|Connection/.test(error instanceof Error ? error.message : '');
  return unavailable
    ? new ApiRefusal(503, 'the read model does not answer now', 'WRIT-API-002')
    : new ApiRefusal(500, 'the question could not be answered', 'WRIT-API-003');
};

const answer = async (
  options: ApiOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> => {
  const url = request.url ?? '/';
  const { path, search } = split(url);
  const isPage = path === '/';
  if (!isPage && !path.startsWith('/v1/') && path !== '/v1') return false;
  try {
    if (url.length > MAX_URL) throw new ApiRefusal(414, 'the address is too long');
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      throw new ApiRefusal(405, 'this API only answers questions');
    }
    if (isPage) page(response, options.access.kind === 'token');
    else {
      checkAccess(request, options.access);
      await answerRoute(options, path, search, response);
    }
  } catch (error) {
    const known = find(path)?.route.path ?? 'unknown';
    answerRefusal(response, refusalOf(options, known, error));
  }
  return true;
};

/**
 * The handler of the API and the console page: GET only, `/` and `/v1/...`. Guarantees: no input makes it fail with 500;
 * errors are `{ error: { code, reason, next } }`; it uses the read-only role; the page holds no data, its questions need access.
 */
export const createApi =
  (options: ApiOptions): Api =>
  (request, response) =>
    answer(options, request, response);
