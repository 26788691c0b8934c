// The first build schema: tables, indexes, and what the projector may do with each. Frozen once released.
import { type Kysely, type Migration, sql } from 'kysely';
import { DERIVED_0001 } from './build-0001-derived.js';

const RECORDS = `
create table events (
  seq bigint not null,
  subject text not null,
  family text not null,
  type text not null,
  id text not null,
  agent text,
  intent_id text,
  time timestamptz not null,
  kid text not null,
  ver bigint,
  agentver bigint,
  digest text not null,
  causation text not null,
  correlation text not null,
  frame bytea not null,
  void boolean not null,
  void_code text,
  voided_by bigint,
  primary key (seq)
) with (toast_tuple_target = 8160);
create table junk (
  seq bigint not null,
  subject text not null,
  time timestamptz not null,
  code text not null,
  reason text not null,
  size bigint not null,
  frame bytea not null,
  primary key (seq)
);
create table chains (
  subject text not null,
  agent text not null,
  ver bigint not null,
  head text not null,
  primary key (subject, agent)
);`;

const INDEXES = `
create index events_agent on events (agent, seq) where agent is not null;
create index events_intent on events (intent_id, seq) where intent_id is not null;
create index events_facts on events (subject, id) where ver is null;
create index events_registry on events (seq) where family = 'registry';
create index actions_agent on actions (agent, decided_at, decided_seq);
create index actions_resource on actions (resource text_pattern_ops, decided_at);
create index actions_time on actions (decided_at, decided_seq);
create index actions_intent on actions (intent_id);
create index gates_status on gates (status, opened_seq);`;

// Events and junk are never deleted or rewritten; only a distrust that reaches back may void.
const grants = (schema: string): string => `
revoke all on schema ${schema} from public;
grant usage on schema ${schema} to writ_projector;
grant select, insert, update, delete on all tables in schema ${schema} to writ_projector;
revoke update, delete on events, junk from writ_projector;
revoke insert, update, delete on migration, migration_lock from writ_projector;
revoke delete on chains from writ_projector;
grant update (void, void_code, voided_by) on events to writ_projector;`;

/** Makes the tables of a build in `schema`, which exists. */
export const build0001Initial = (schema: string): Migration => ({
  up: async (db: Kysely<unknown>): Promise<void> => {
    await sql.raw(`set local search_path to ${schema}`).execute(db);
    for (const step of [RECORDS, DERIVED_0001, INDEXES, grants(schema)]) await sql.raw(step).execute(db);
    await sql.raw('set local search_path to default').execute(db);
  },
});
