// The derived tables of the first build schema. Frozen once released.

/** SQL of the tables, for a schema that stands first in the search path. */
export const DERIVED_0001 = `
create table actions (
  environment text not null,
  agent text not null,
  intent_id text not null,
  org text not null,
  project text not null,
  env text not null,
  tool text not null,
  operation text not null,
  resource text not null,
  verdict text not null,
  rule text,
  codes text[] not null,
  boundary_name text,
  boundary_digest text,
  level bigint,
  reversibility text not null,
  blast_radius text not null,
  decided_at timestamptz not null,
  decided_seq bigint not null,
  decision_id text not null,
  expires_at timestamptz,
  gate_name text,
  gate_status text,
  receipt_id text,
  receipt_seq bigint,
  receipt_issued_at timestamptz,
  receipt_expires_at timestamptz,
  audience text,
  via text,
  withheld_at timestamptz,
  withheld_codes text[],
  revoked_at timestamptz,
  outcome text,
  outcome_at timestamptz,
  outcome_late boolean,
  effects jsonb,
  reported_by text,
  verification text,
  verified_by text,
  verified_at timestamptz,
  primary key (environment, agent, intent_id)
);
create table agents (
  scope text not null,
  kind text,
  owner text,
  status text,
  kid text,
  containment text,
  autonomy text,
  registered_at timestamptz,
  last_action_at timestamptz,
  primary key (scope)
);
create table gates (
  environment text not null,
  agent text not null,
  intent_id text not null,
  name text not null,
  digest text not null,
  status text not null,
  quorum bigint not null,
  approvers text[] not null,
  excluded text[] not null,
  fallback text not null,
  deadline timestamptz,
  remaining_ms bigint,
  stage bigint,
  opened_at timestamptz not null,
  opened_seq bigint not null,
  decided_at timestamptz,
  decided_by text[],
  until timestamptz,
  primary key (environment, agent, intent_id)
);
create table votes (
  environment text not null,
  agent text not null,
  intent_id text not null,
  person text not null,
  choice text not null,
  event_id text not null,
  voted_at timestamptz not null,
  seq bigint not null,
  primary key (environment, agent, intent_id, person)
);
create table halts (
  environment text not null,
  halt_id text not null,
  scope text not null,
  tool jsonb,
  person text not null,
  cause text,
  event_id text not null,
  engaged_at timestamptz,
  engaged_seq bigint not null,
  released_at timestamptz,
  released_seq bigint,
  released_by text[],
  primary key (environment, halt_id)
);
create table acknowledgements (
  environment text not null,
  halt_id text not null,
  agent text not null,
  state text not null,
  aborted bigint not null,
  heard_at timestamptz,
  recorded_at timestamptz not null,
  seq bigint not null,
  primary key (environment, halt_id, agent)
);
create table unconfirmed (
  environment text not null,
  halt_id text not null,
  agent text not null,
  recorded_at timestamptz not null,
  primary key (environment, halt_id, agent)
);
create table preserved (
  agent text not null,
  event_id text not null,
  digest text not null,
  bytes bigint not null,
  preserved_at timestamptz not null,
  restored_at timestamptz,
  primary key (agent, event_id)
);
create table people (
  org text not null,
  person text not null,
  status text not null,
  added_at timestamptz not null,
  removed_at timestamptz,
  primary key (org, person)
);
create table grants (
  org text not null,
  person text not null,
  role text not null,
  scope text not null,
  granted_at timestamptz not null,
  primary key (org, person, role, scope)
);
create table keys (
  org text not null,
  kid text not null,
  x text not null,
  role text not null,
  holder text not null,
  scope text not null,
  status text not null,
  reason text,
  certified_seq bigint not null,
  ended_seq bigint,
  distrusted_from bigint,
  primary key (org, kid)
);
create table boundaries (
  scope text not null,
  name text not null,
  digest text not null,
  level bigint not null,
  autonomy text not null,
  document jsonb not null,
  event_id text not null,
  published_at timestamptz not null,
  published_seq bigint not null,
  retired_at timestamptz,
  primary key (scope)
);
create table gate_definitions (
  scope text not null,
  name text not null,
  digest text not null,
  document jsonb not null,
  event_id text not null,
  published_at timestamptz not null,
  published_seq bigint not null,
  retired_at timestamptz,
  primary key (scope, name)
);
create table environments (
  environment text not null,
  created_at timestamptz,
  opened_at timestamptz,
  primary key (environment)
);
create table flags (
  seq bigint not null,
  agent text not null,
  detector text not null,
  observed bigint not null,
  threshold bigint not null,
  window_seconds bigint not null,
  codes text[] not null,
  event_id text not null,
  flagged_at timestamptz not null,
  primary key (seq)
);`;
