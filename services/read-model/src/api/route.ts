// One route of the API: what it takes, what it gives, how it is answered. Matching only; it decides nothing.
import type { ServerResponse } from 'node:http';
import type { Reader } from '@writ/projections';
import type { SealReader } from '@writ/runtime';
import type { z } from 'zod';

/** What a route is answered from. `now` is wall time in ms; `seals` is the sealer's state, where it is reached. */
export type RouteContext = {
  readonly reader: Reader;
  readonly seals?: SealReader;
  readonly now: () => number;
};

/** A route. `path` holds `{name}` for a segment; `mayMiss`: it may be about something that is not there (404). */
export type Route<P extends z.ZodType = z.ZodType, Q extends z.ZodType = z.ZodType> = {
  readonly path: string;
  readonly summary: string;
  readonly params: P;
  readonly query: Q;
  readonly mayMiss?: true;
  readonly response: { readonly schema: z.ZodType; readonly contentType: string };
  readonly answer: (
    context: RouteContext,
    input: { readonly params: z.output<P>; readonly query: z.output<Q> },
    response: ServerResponse,
  ) => Promise<unknown>;
};

/** What a route answers when it has written the response itself. */
export const STREAMED = Symbol('streamed');

/** Describes a route; its types follow from its schemas. */
export const route = <P extends z.ZodType, Q extends z.ZodType>(r: Route<P, Q>): Route =>
  r as unknown as Route;

/** The values of a path's named segments, or undefined when the path is another. */
export const matchPath = (template: string, path: string): Record<string, string> | undefined => {
  const [names, segments] = [template.split('/'), path.split('/')];
  if (names.length !== segments.length) return undefined;
  const values: Record<string, string> = {};
  for (const [n, name] of names.entries()) {
    const segment = segments[n]!;
    if (name.startsWith('{')) values[name.slice(1, -1)] = segment;
    else if (name !== segment) return undefined;
  }
  return values;
};
