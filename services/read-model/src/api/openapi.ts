// The OpenAPI 3.1 document, made from the schemas that check and describe. It adds nothing that is not in them.
import { z } from 'zod';
import { ErrorView } from './outputs.js';
import type { Route } from './route.js';

type JsonSchema = {
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly required?: readonly string[];
};

const schemaOf = (schema: z.ZodType, io: 'input' | 'output'): JsonSchema => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest as JsonSchema;
};

const parameters = (schema: z.ZodType, place: 'query' | 'path') => {
  const { properties = {}, required = [] } = schemaOf(schema, 'input');
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: required.includes(name),
    schema: property,
  }));
};

const refusal = (description: string) => ({
  description,
  content: { 'application/json': { schema: schemaOf(ErrorView, 'output') } },
});

const operation = (route: Route) => ({
  get: {
    summary: route.summary,
    operationId: route.path.replace('/v1/', '').replace(/[{}]/g, '').replaceAll('/', '-'),
    parameters: [...parameters(route.params, 'path'), ...parameters(route.query, 'query')],
    responses: {
      200: {
        description: route.summary,
        content: { [route.response.contentType]: { schema: schemaOf(route.response.schema, 'output') } },
      },
      400: refusal('The request is not valid'),
      401: refusal('A bearer token is needed'),
      ...(route.mayMiss || route.path.includes('{') ? { 404: refusal('There is no such thing') } : {}),
      503: refusal('The read model does not answer'),
    },
  },
});

/** The document that describes `routes`. */
export const openApiOf = (routes: readonly Route[]): object => ({
  openapi: '3.1.0',
  info: {
    title: 'Writ read model',
    version: '1',
    description: 'Questions about the ledger. Answers are derived; the signed frames are in the export.',
  },
  paths: Object.fromEntries(routes.map((route) => [route.path, operation(route)])),
  components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
  security: [{ token: [] }],
});
