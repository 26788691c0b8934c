// What the projector takes from the ledger as it is: events, junk, chains. Migrations lead here; a test compares.
import type { TableSpec } from './table-spec.js';

/** What the projector takes from the ledger as it is; the view of events adds `data`, derived from the frame. `chains` restores admission at the checkpoint. */
export const recordTables = {
  events: {
    key: ['seq'],
    // Frames are signatures and digests: trying to compress them costs more than all the rest of the row.
    options: 'toast_tuple_target = 8160',
    columns: {
      seq: 'bigint not null',
      subject: 'text not null',
      family: 'text not null',
      type: 'text not null',
      id: 'text not null',
      agent: 'text',
      intent_id: 'text',
      time: 'timestamptz not null',
      kid: 'text not null',
      ver: 'bigint',
      agentver: 'bigint',
      digest: 'text not null',
      causation: 'text not null',
      correlation: 'text not null',
      frame: 'bytea not null',
      void: 'boolean not null',
      void_code: 'text',
      voided_by: 'bigint',
    },
    indexes: [
      'events_agent on events (agent, seq) where agent is not null',
      'events_intent on events (intent_id, seq) where intent_id is not null',
      'events_facts on events (subject, id) where ver is null',
      'events_void on events (seq) where void',
      "events_registry on events (seq) where family = 'registry'",
    ],
  },
  junk: {
    key: ['seq'],
    columns: {
      seq: 'bigint not null',
      subject: 'text not null',
      time: 'timestamptz not null',
      code: 'text not null',
      reason: 'text not null',
      size: 'bigint not null',
      frame: 'bytea not null',
    },
  },
  chains: {
    key: ['subject', 'agent'],
    columns: {
      subject: 'text not null',
      agent: 'text not null',
      ver: 'bigint not null',
      head: 'text not null',
    },
  },
} as const satisfies Record<string, TableSpec>;
