// Control schema: checkpoints, and the only ways to show or swap a build. Frozen once released.
import { type Kysely, sql } from 'kysely';

const TABLES = `
create table writ_projection.checkpoints (
  name text not null,
  version integer not null,
  build integer not null,
  schema text not null unique,
  state text not null check (state in ('building', 'live', 'retired')),
  seq bigint not null default 0,
  digest text not null default '',
  updated_at timestamptz not null default now(),
  primary key (name, version, build)
);
create unique index checkpoints_live on writ_projection.checkpoints (name) where state = 'live';
create schema rm;
create view rm.checkpoint as
  select name, version, seq, digest, updated_at from writ_projection.checkpoints where state = 'live';`;

// The data of an event out of its exact frame (a prefix of 157 bytes, the document, a brace). jsonb holds no NUL: U+FFFD instead.
const EVENT_DATA = `
create function writ_projection.event_data(p_frame bytea) returns jsonb
language sql immutable strict parallel safe set search_path = pg_catalog, pg_temp as $$
  select case when position('\\u0000' in t) = 0 then t
    else regexp_replace(t, '(?<!\\\\)((?:\\\\\\\\)*)\\\\u0000', '\\1\\\\ufffd', 'g') end::jsonb -> 'data'
  from convert_from(substring(p_frame from 158 for length(p_frame) - 158), 'UTF8') t
$$;`;

// Views of the tables of one build take the place of whatever the view schema showed; the checkpoint view stays.
const EXPOSE = `
create function writ_projection.expose(p_schema text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  r record;
begin
  for r in select viewname from pg_views where schemaname = 'rm' and viewname <> 'checkpoint' loop
    execute format('drop view rm.%I', r.viewname);
  end loop;
  for r in select tablename from pg_tables where schemaname = p_schema
    and tablename <> 'chains' and tablename not like 'migration%' loop
    execute format('create view rm.%I as select *%s from %I.%I', r.tablename,
      case when r.tablename = 'events' then ', writ_projection.event_data(frame) as data' else '' end,
      p_schema, r.tablename);
  end loop;
  grant select on all tables in schema rm to writ_query;
end $$;`;

// True when the build is now the live one. A build behind the live one, or of an older version, is never shown.
const PROMOTE = `
create function writ_projection.promote(p_name text, p_version integer, p_build integer) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  mine writ_projection.checkpoints;
  shown writ_projection.checkpoints;
begin
  perform pg_advisory_xact_lock(hashtext('writ.projection.' || p_name));
  select * into shown from writ_projection.checkpoints where name = p_name and state = 'live' for update;
  select * into mine from writ_projection.checkpoints
    where name = p_name and version = p_version and build = p_build for update;
  if mine.state = 'live' then return true; end if;
  if mine.state is distinct from 'building' then return false; end if;
  if shown.version > mine.version or shown.seq > mine.seq then return false; end if;
  update writ_projection.checkpoints set state = 'retired' where name = p_name and state = 'live';
  update writ_projection.checkpoints set state = 'live'
    where name = p_name and version = p_version and build = p_build;
  perform writ_projection.expose(mine.schema);
  return true;
end $$;`;

const GRANTS = `
revoke all on schema writ_projection, rm from public;
revoke all on all functions in schema writ_projection from public;
grant usage on schema writ_projection to writ_projector;
grant select on writ_projection.checkpoints to writ_projector;
grant update (seq, digest, updated_at) on writ_projection.checkpoints to writ_projector;
grant execute on function writ_projection.promote(text, integer, integer) to writ_projector;
grant execute on function writ_projection.event_data(bytea) to writ_query;
grant usage on schema rm to writ_query;
grant select on rm.checkpoint to writ_query;`;

/** Makes what is shared by all builds. The schema itself exists: the migrator keeps its notes in it. */
export const control0001Initial = {
  up: async (db: Kysely<unknown>): Promise<void> => {
    for (const step of [TABLES, EVENT_DATA, EXPOSE, PROMOTE, GRANTS]) await sql.raw(step).execute(db);
  },
};
