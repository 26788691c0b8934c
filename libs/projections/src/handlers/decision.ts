// Rows of actions from decisions. The first decision of an intent stands; it never judges it.
import { Action, CommandId, type LedgerDocumentOf } from '@writ/contracts';
import { instant } from '../database/values.js';
import { type Change, insert, upsert } from '../rows/change.js';
import { type Effective, type Handler, scopeOf, timeOf } from './recorded.js';

type Verdict = 'permitted' | 'denied' | 'escalated';
type Decided = Effective<
  LedgerDocumentOf<'writ.decision.permitted.v1' | 'writ.decision.denied.v1' | 'writ.decision.escalated.v1'>
>;

const place = (agent: string) => {
  const [org = '', project = '', env = ''] = agent.split('.');
  return { org, project, env };
};

const because = ({ document: { data } }: Decided) => ({
  rule: data.rule,
  codes: data.codes,
  boundary_name: data.boundary?.name ?? null,
  boundary_digest: data.boundary?.digest ?? null,
  level: data.boundary?.level ?? null,
  reversibility: data.reversibility,
  blast_radius: data.blastRadius,
});

// The intent that a decision embeds is its writer's claim: one that cannot be read still leaves a row that shows it.
const UNREADABLE = { tool: 'unreadable', operation: 'unreadable', resource: 'unreadable' } as const;

const readIntent = (event: Decided) => {
  const { id, data } = event.document.data.intent.signed;
  const action = Action.safeParse((data as { readonly action?: unknown } | undefined)?.action);
  const intentId = CommandId.safeParse(id);
  const { tool, operation, resource } = action.success ? action.data : UNREADABLE;
  return { intentId: intentId.data ?? event.document.id, what: { tool, operation, resource } };
};

const actionRow = (event: Decided, verdict: Verdict): Change => {
  const { data, id } = event.document;
  const { intentId, what } = readIntent(event);
  return insert(
    'actions',
    { environment: scopeOf(event), agent: data.agent, intent_id: intentId },
    {
      ...place(data.agent),
      ...what,
      verdict,
      ...because(event),
      decided_at: timeOf(event),
      decided_seq: event.seq,
      decision_id: id,
      expires_at: instant(data.expires),
      gate_name: 'gate' in data ? data.gate.name : null,
      gate_status: 'gate' in data ? 'awaited' : null,
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
