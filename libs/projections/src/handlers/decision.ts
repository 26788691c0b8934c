// Rows of actions from decisions. The first decision of an intent stands; it never judges it.
import type { LedgerDocumentOf } from '@writ/contracts';
import { instant } from '../database/values.js';
import { type Change, insert, upsert } from '../rows/change.js';
import { type Effective, type Handler, scopeOf, timeOf } from './recorded.js';

type Verdict = 'permitted' | 'denied' | 'escalated';
type Decided = Effective<
  LedgerDocumentOf<'writ.decision.permitted.v1' | 'writ.decision.denied.v1' | 'writ.decision.escalated.v1'>
>;

type Loose = { readonly [name: string]: unknown };

const COMMAND_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const LONGEST = 200;

const object = (value: unknown): Loose =>
  typeof value === 'object' && value !== null ? (value as Loose) : {};
const word = (value: unknown): string =>
  typeof value === 'string' && value.length > 0 && value.length <= LONGEST ? value : 'unreadable';

// The intent that a decision embeds is its writer's claim: one that cannot be read still leaves a row that shows it. The
// schema of intents is not asked here, where every microsecond counts: these are texts, and only shown.
const actionRow = (event: Decided, verdict: Verdict): Change => {
  const { data, id } = event.document;
  const { id: claimed, data: intent } = data.intent.signed;
  const action = object(object(intent)['action']);
  const intentId = typeof claimed === 'string' && COMMAND_ID.test(claimed) ? claimed : id;
  const [org = '', project = '', env = ''] = data.agent.split('.', 3);
  const gate = 'gate' in data ? data.gate.name : null;
  return insert(
    'actions',
    { environment: scopeOf(event), agent: data.agent, intent_id: intentId },
    {
      org,
      project,
      env,
      tool: word(action['tool']),
      operation: word(action['operation']),
      resource: word(action['resource']),
      verdict,
      rule: data.rule,
      codes: data.codes,
      boundary_name: data.boundary?.name ?? null,
      boundary_digest: data.boundary?.digest ?? null,
      level: data.boundary?.level ?? null,
      reversibility: data.reversibility,
      blast_radius: data.blastRadius,
      decided_at: timeOf(event),
      decided_seq: event.seq,
      decision_id: id,
      expires_at: instant(data.expires),
      gate_name: gate,
      gate_status: gate === null ? null : 'awaited',
    },
  );
};

const decided = (event: Decided, verdict: Verdict): readonly Change[] => [
  actionRow(event, verdict),
  upsert('agents', { scope: event.document.data.agent }, { last_action_at: timeOf(event) }),
];

export const onDecision: Handler<'decision'> = (event) => {
  const { document } = event;
  switch (document.type) {
    case 'writ.decision.permitted.v1':
      return decided({ ...event, document }, 'permitted');
    case 'writ.decision.denied.v1':
      return decided({ ...event, document }, 'denied');
    case 'writ.decision.escalated.v1':
      return decided({ ...event, document }, 'escalated');
    case 'writ.decision.plan-verified.v1':
    case 'writ.decision.plan-rejected.v1':
      return [];
  }
};
