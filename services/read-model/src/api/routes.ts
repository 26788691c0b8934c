// The routes of the query API. Each maps checked input to one query of @writ/projections; it holds no SQL.
import {
  type ActionFilter,
  actionsOf,
  agentState,
  agentStates,
  countsOf,
  type EvidenceRow,
  evidenceOf,
  gates,
  halts,
  ledgerHead,
  receipt,
  registryHead,
} from '@writ/projections';
import type { z } from 'zod';
import { ApiRefusal } from './answer.js';
import { streamExport } from './export.js';
import * as inputs from './inputs.js';
import * as outputs from './outputs.js';
import { type Route, route, STREAMED } from './route.js';
import { sealedRoutes } from './sealed-routes.js';

const JSON_TYPE = 'application/json';
const json = (schema: z.ZodType) => ({ schema, contentType: JSON_TYPE });

const LIMIT = 100;

/** A page: one item more than asked for tells that there is a next one. */
const page = <T>(items: readonly T[], limit: number, cursorOf: (last: T) => unknown) => {
  const shown = items.slice(0, limit);
  const last = shown.at(-1);
  const more = items.length > limit && last !== undefined;
  return { items: shown, next: more ? inputs.encodeCursor(cursorOf(last)) : null };
};

type Window = z.output<typeof inputs.StatsQuery>;

const filterOf = ({ last, from, ...rest }: Window, now: number): ActionFilter => {
  if (last === undefined) return { ...rest, from };
  if (from !== undefined) throw new ApiRefusal(400, 'last and from exclude each other');
  return { ...rest, from: new Date(Math.max(0, now - last)).toISOString() };
};

const actions = route({
  path: '/v1/actions',
  summary: 'Actions of agents, newest first: every action agent X took on resource Y in the last 24 hours',
  params: inputs.NoPath,
  query: inputs.ActionsQuery,
  response: json(outputs.ActionList),
  answer: async ({ reader, now }, { query: { limit = LIMIT, cursor, ...window } }) => {
    const filter = filterOf(window, now());
    const rows = await actionsOf(reader, { ...filter, limit: limit + 1, after: cursor });
    return page(rows, limit, (row) => ({ at: row.decided_at, seq: row.decided_seq }));
  },
});

const stats = route({
  path: '/v1/stats',
  summary: 'Decisions counted per hour, verdict and rule; the last 24 hours unless told otherwise',
  params: inputs.NoPath,
  query: inputs.StatsQuery,
  response: json(outputs.StatsView),
  answer: async ({ reader, now }, { query }) => {
    const bounded = query.from !== undefined || query.last !== undefined;
    const window = bounded ? query : { ...query, last: 86_400_000 };
    return { counts: await countsOf(reader, filterOf(window, now())) };
  },
});

const agents = route({
  path: '/v1/agents',
  summary: 'Agents and enforcement points as they stand, by name',
  params: inputs.NoPath,
  query: inputs.AgentsQuery,
  response: json(outputs.AgentList),
  answer: async ({ reader }, { query: { limit = LIMIT, cursor, scope } }) =>
    page(await agentStates(reader, { scope, after: cursor, limit: limit + 1 }), limit, (row) => row.scope),
});

const agent = route({
  path: '/v1/agents/{scope}',
  summary: 'One agent as it stands',
  params: inputs.AgentPath,
  query: inputs.NoQuery,
  response: json(outputs.AgentView),
  answer: async ({ reader }, { params }) => {
    const found = await agentState(reader, params.scope);
    if (found === undefined) throw new ApiRefusal(404, 'there is no such agent');
    return found;
  },
});

const gateList = route({
  path: '/v1/gates',
  summary: 'Approval gates, newest first; those still open unless state=all',
  params: inputs.NoPath,
  query: inputs.GatesQuery,
  response: json(outputs.GateList),
  answer: async ({ reader }, { query: { limit = LIMIT, cursor, state = 'open', scope } }) => {
    const rows = await gates(reader, { state, scope, after: cursor, limit: limit + 1 });
    return page(rows, limit, (row) => row.opened_seq);
  },
});

const haltList = route({
  path: '/v1/halts',
  summary: 'Halts, newest first, with who has confirmed; those in force unless state=all',
  params: inputs.NoPath,
  query: inputs.HaltsQuery,
  response: json(outputs.HaltList),
  answer: async ({ reader }, { query: { limit = LIMIT, cursor, state = 'in-force', environment } }) => {
    const rows = await halts(reader, { state, environment, after: cursor, limit: limit + 1 });
    return page(rows, limit, (row) => ({ seq: row.engaged_seq, halt: row.halt_id }));
  },
});

const intent = route({
  path: '/v1/intents/{id}',
  summary: 'The full chain of one intent: who authorised what, when, why, and what happened',
  params: inputs.IntentPath,
  query: inputs.NoQuery,
  response: json(outputs.IntentView),
  answer: async ({ reader }, { params }) => {
    const chains = await receipt(reader, params.id);
    if (chains.length === 0) throw new ApiRefusal(404, 'the ledger knows nothing of this intent');
    return { intent_id: params.id, chains };
  },
});

const registry = route({
  path: '/v1/registry',
  summary: 'The version of the registry as far as it is projected, and where its last event stands',
  params: inputs.NoPath,
  query: inputs.RegistryQuery,
  mayMiss: true,
  response: json(outputs.RegistryView),
  answer: async ({ reader }, { query }) => {
    const found = await registryHead(reader, query.org);
    if (found === undefined) throw new ApiRefusal(404, 'the ledger knows no such registry');
    return found;
  },
});

const head = route({
  path: '/v1/ledger/head',
  summary: 'How far the read model is, and how many messages of each kind it has taken',
  params: inputs.NoPath,
  query: inputs.NoQuery,
  response: json(outputs.HeadView),
  answer: async ({ reader }) => {
    const { updatedAt, ...rest } = await ledgerHead(reader);
    return { ...rest, updated_at: updatedAt };
  },
});

const byType = (rows: readonly EvidenceRow[]) => {
  const items = new Map<string, { type: string; count: number; samples: object[] }>();
  for (const { type, count, ...sample } of rows) {
    const item = items.get(type) ?? { type, count, samples: [] };
    item.samples.push(sample);
    items.set(type, item);
  }
  return [...items.values()];
};

const evidence = route({
  path: '/v1/evidence',
  summary: 'How many events of each type a period holds, with samples: what a compliance report is made of',
  params: inputs.NoPath,
  query: inputs.EvidenceQuery,
  response: json(outputs.EvidenceView),
  answer: async ({ reader }, { query: { samples = 3, ...period } }) => {
    const { seq, digest } = await ledgerHead(reader);
    return { head: { seq, digest }, items: byType(await evidenceOf(reader, { ...period, samples })) };
  },
});

const ledgerExport = route({
  path: '/v1/export',
  summary: 'Exact frames in ledger order, one JSON object a line, junk included',
  params: inputs.NoPath,
  query: inputs.ExportQuery,
  response: { schema: outputs.ExportLine, contentType: 'application/x-ndjson' },
  answer: async ({ reader }, { query }, response) => {
    await streamExport(reader, query, response);
    return STREAMED;
  },
});

/** Every route that asks the read model. */
export const routes: readonly Route[] = [
  actions,
  stats,
  agents,
  agent,
  gateList,
  haltList,
  intent,
  registry,
  head,
  evidence,
  ledgerExport,
  ...sealedRoutes,
];
