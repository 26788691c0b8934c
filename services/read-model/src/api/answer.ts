// How the API answers: JSON, one shape of error, headers that let a browser do nothing else with it. It holds no query.
import type { ServerResponse } from 'node:http';
import { type Code, nextStep } from '@writ/contracts';

/** What is told about a request that was not carried out. */
export type ApiError = { readonly code: Code; readonly reason: string; readonly next: string };

/** A request that is not carried out: status, and why in words that hold nothing of the request. */
export class ApiRefusal extends Error {
  override readonly name = 'ApiRefusal';
  constructor(
    readonly status: number,
    readonly reason: string,
    readonly code: Code = 'WRIT-API-001',
  ) {
    super(reason);
  }
}

/** On every answer; the page sets a policy of its own. */
export const SECURITY_HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const;

/** Answers with JSON. */
export const answerJson = (
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void => {
  const text = `${JSON.stringify(body)}\n`;
  response.writeHead(status, {
    ...SECURITY_HEADERS,
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
};

/** Answers with a refusal. After the head has gone out only the connection can be broken off. */
export const answerRefusal = (response: ServerResponse, refusal: ApiRefusal): void => {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const body: ApiError = { code: refusal.code, reason: refusal.reason, next: nextStep(refusal.code) };
  const more: Record<string, string> =
    refusal.status === 401
      ? { 'www-authenticate': 'Bearer realm="writ"' }
      : refusal.status === 405
        ? { allow: 'GET, HEAD' }
        : {};
  answerJson(response, refusal.status, { error: body }, more);
};
