// What the API gives, as schemas: the source of its OpenAPI document, and what the tests hold its answers against.
import { z } from 'zod';

const Text = z.string();
const MaybeText = z.string().nullable();
const Time = z.iso.datetime();
const MaybeTime = Time.nullable();
const Int = z.int();
const MaybeInt = Int.nullable();
const Texts = z.array(z.string());

const intentRef = { environment: Text, agent: Text, intent_id: Text } as const;

/** One action: intent, verdict, gate, receipt, outcome. */
export const ActionView = z.strictObject({
  ...intentRef,
  org: Text,
  project: Text,
  env: Text,
  tool: Text,
  operation: Text,
  resource: Text,
  verdict: z.enum(['permitted', 'denied', 'escalated']),
  rule: MaybeText,
  codes: Texts,
  boundary_name: MaybeText,
  boundary_digest: MaybeText,
  level: MaybeInt,
  reversibility: Text,
  blast_radius: Text,
  decided_at: Time,
  decided_seq: Int,
  decision_id: Text,
  expires_at: MaybeTime,
  gate_name: MaybeText,
  gate_status: MaybeText,
  receipt_id: MaybeText,
  receipt_seq: MaybeInt,
  receipt_issued_at: MaybeTime,
  receipt_expires_at: MaybeTime,
  audience: MaybeText,
  via: MaybeText,
  withheld_at: MaybeTime,
  withheld_codes: Texts.nullable(),
  revoked_at: MaybeTime,
  outcome: MaybeText,
  outcome_at: MaybeTime,
  outcome_late: z.boolean().nullable(),
  effects: z.array(z.looseObject({ resource: Text, operation: Text })).nullable(),
  reported_by: MaybeText,
  verification: MaybeText,
  verified_by: MaybeText,
  verified_at: MaybeTime,
});

export const AgentView = z.strictObject({
  scope: Text,
  kind: z.enum(['agent', 'enforcement-point']),
  owner: MaybeText,
  status: z.enum(['active', 'retired', 'orphaned']),
  kid: MaybeText,
  containment: Text,
  autonomy: MaybeText,
  boundary: z.strictObject({ name: Text, digest: Text, level: Int }).nullable(),
  halted: z.boolean(),
  halts: Texts,
  flags: Int,
  registered_at: MaybeTime,
  last_action_at: MaybeTime,
});

export const GateView = z.strictObject({
  ...intentRef,
  name: Text,
  digest: Text,
  status: Text,
  quorum: Int,
  approvers: Texts,
  excluded: Texts,
  fallback: z.enum(['deny', 'allow']),
  deadline: MaybeTime,
  remaining_ms: MaybeInt,
  stage: MaybeInt,
  opened_at: Time,
  opened_seq: Int,
  decided_at: MaybeTime,
  decided_by: Texts.nullable(),
  until: MaybeTime,
  tool: MaybeText,
  operation: MaybeText,
  resource: MaybeText,
  approvals: Int,
  votes: z.array(z.strictObject({ person: Text, choice: Text, votedAt: Time })),
});

export const HaltView = z.strictObject({
  environment: Text,
  halt_id: Text,
  scope: Text,
  tool: z.strictObject({ resource: Text, operation: Text }).nullable(),
  person: Text,
  cause: MaybeText,
  event_id: Text,
  engaged_at: MaybeTime,
  engaged_seq: Int,
  released_at: MaybeTime,
  released_seq: MaybeInt,
  released_by: Texts.nullable(),
  acknowledged: Int,
  acknowledgements: z.array(z.strictObject({ agent: Text, state: Text, aborted: Int, recordedAt: Time })),
  unconfirmed: Texts,
});

export const EventView = z.strictObject({
  seq: Int,
  subject: Text,
  type: Text,
  id: Text,
  agent: MaybeText,
  time: Time,
  kid: Text,
  digest: Text,
  void: z.boolean(),
  data: z.unknown(),
});

const listOf = <T extends z.ZodType>(item: T) =>
  z.strictObject({ items: z.array(item), next: z.string().nullable() });

export const ActionList = listOf(ActionView);
export const AgentList = listOf(AgentView);
export const GateList = listOf(GateView);
export const HaltList = listOf(HaltView);
export const IntentView = z.strictObject({
  intent_id: Text,
  chains: z.array(z.strictObject({ action: ActionView.nullable(), events: z.array(EventView) })).min(1),
});
export const RegistryView = z.strictObject({ org: Text, ver: Int, seq: Int });

export const HeadView = z.strictObject({
  version: Int,
  seq: Int,
  digest: Text,
  updated_at: Time,
  events: Int,
  void: Int,
  junk: Int,
});
export const StatsView = z.strictObject({
  counts: z.array(z.strictObject({ hour: Time, verdict: Text, rule: MaybeText, count: Int })),
});

/** What the ledger holds of each event type in a period; `head` is as far as it was counted. */
export const EvidenceView = z.strictObject({
  head: z.strictObject({ seq: Int, digest: Text }),
  items: z.array(
    z.strictObject({
      type: Text,
      count: Int,
      samples: z.array(
        z.strictObject({
          seq: Int,
          time: Time,
          id: Text,
          digest: Text,
          agent: MaybeText,
          intent_id: MaybeText,
        }),
      ),
    }),
  ),
});

const SignedCheckpoint = z.strictObject({ size: Int, root: Text, note: Text });

/** Checkpoints as C2SP signed notes, with cosignatures where there are any. */
export const CheckpointView = z.strictObject({
  latest: SignedCheckpoint,
  witnessed: SignedCheckpoint.nullable(),
});

/** Hashes in standard base64, the nearest to the leaf first (RFC 9162 §2.1.3). Leaf `seq - 1` is message `seq`. */
export const InclusionView = z.strictObject({ seq: Int, size: Int, proof: Texts });
export const ConsistencyView = z.strictObject({ from: Int, to: Int, proof: Texts });

const ProvedHead = z.strictObject({ leaf: Text, index: Int, proof: Texts }).nullable();

/** The agent's leaf (`found`), or the leaves between which it is missing (`before` is null where it would be the first). */
export const HeadsView = z.strictObject({
  ...{ agent: Text, size: Int, root: Text, leaves: Int },
  ...{ found: ProvedHead, before: ProvedHead, after: ProvedHead },
});

/** One line of the export. `frame` is the exact text; bytes that are not UTF-8 (junk) stand in `frame64`, base64. */
export const ExportLine = z.strictObject({
  seq: Int,
  time: Time,
  subject: Text,
  frame: Text.optional(),
  frame64: Text.optional(),
});

export const ErrorView = z.strictObject({
  error: z.strictObject({ code: Text, reason: Text, next: Text }),
});
