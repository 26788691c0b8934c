// Keeps gates in step with the ledger: opens one per escalation, freezes it under a halt, thaws it after, runs it out in time.
import { type CommandId, environmentOf, Intent, refused } from '@writ/contracts';
import {
  type ApprovalState,
  type AuthorityState,
  decideFreeze,
  decideOpenGate,
  decideThaw,
  decideTimeout,
  dueGates,
  type EscalatedDecision,
  gateByDigest,
  haltsCovering,
  openGates,
  resolveApprovers,
} from '@writ/domain';
import type { Folded, Plane, WriterPool } from '@writ/runtime';

const RECORD_MS = 2_000;

type Escalation = { readonly decision: EscalatedDecision; readonly intent: Intent };

export interface GateKeeper {
  /** Brings every gate in step; safe to run at any time, by any number of replicas. */
  sweep(): Promise<void>;
  /** From now on escalations are acted upon as they come. */
  live(): void;
  /** The deadline of an intent that waits at a gate: no grant outlives it. */
  deadlineOf(intentId: CommandId): string | undefined;
}

type Deps = {
  readonly plane: Plane;
  readonly gates: WriterPool<ApprovalState>;
  readonly authority: Folded<AuthorityState>;
  readonly waiting: Map<CommandId, Escalation>;
};

/** Follows decisions and approvals; `waiting` holds the escalations whose gate is not decided. */
export const keepGates = (
  plane: Plane,
  gates: WriterPool<ApprovalState>,
  authority: Folded<AuthorityState>,
): GateKeeper => {
  const waiting = new Map<CommandId, Escalation>();
  const deps: Deps = { plane, gates, authority, waiting };
  let acting = false;
  plane.follower.listen((event) => {
    if (event.void) return;
    const { document } = event;
    if (document.type === 'writ.decision.escalated.v1') {
      const intent = Intent.safeParse(document.data.intent.signed);
      if (!intent.success) return;
      const decision = {
        id: document.id,
        digest: event.digest,
        correlationid: document.correlationid,
        data: document.data,
      };
      waiting.set(intent.data.id, { decision, intent: intent.data });
      if (acting)
        open(deps, intent.data.id).catch((error: Error) =>
          plane.log.error({ event: 'gate.failed', error: error.name }),
        );
    }
    if (DECISIVE.has(document.type)) waiting.delete((document.data as { intentId: CommandId }).intentId);
  });
  return {
    live: () => {
      acting = true;
    },
    deadlineOf: (intentId) => waiting.get(intentId)?.intent.data.deadline,
    sweep: async () => {
      for (const intentId of [...waiting.keys()]) await open(deps, intentId);
      for (const environment of gates.scopes()) await keep(deps, environment);
    },
  };
};

const DECISIVE: ReadonlySet<string> = new Set([
  'writ.approval.granted.v1',
  'writ.approval.rejected.v1',
  'writ.approval.timed-out.v1',
  'writ.approval.overridden.v1',
]);

const open = async ({ plane, gates, waiting }: Deps, intentId: CommandId): Promise<void> => {
  const escalation = waiting.get(intentId);
  if (escalation === undefined) return;
  const { decision } = escalation;
  const { agent, gate } = decision.data;
  const environment = environmentOf(agent);
  if (gates.state(environment).gates.has(intentId)) return;
  await gates.of(environment).submit({
    id: intentId,
    deadline: performance.now() + RECORD_MS,
    decide: ({ state }) => {
      const registry = plane.registry();
      const published = gateByDigest(registry, gate.digest);
      if (published === undefined)
        return { result: refused('WRIT-APR-001', 'the gate is not published'), events: [] };
      return decideOpenGate(
        {
          decision,
          gate: published.gate,
          ...resolveApprovers(registry, published.gate, agent),
          now: plane.timestamp(),
        },
        state,
      );
    },
  });
};

const keep = async ({ plane, gates, authority, waiting }: Deps, environment: string): Promise<void> => {
  const now = plane.timestamp();
  const state = gates.state(environment);
  const overdue = new Set(dueGates(state, now));
  for (const gate of openGates(state)) {
    const intent = waiting.get(gate.intentId)?.intent;
    const action = intent?.data.action;
    const halts = haltsCovering(authority.of(environment), gate.agent, action).map((halt) => halt.event);
    const notAfter = intent?.data.deadline;
    const common = { intentId: gate.intentId, now, ...(notAfter === undefined ? {} : { notAfter }) };
    const submit = (
      decide: (state: ApprovalState) => {
        readonly result: unknown;
        readonly events: ReturnType<typeof decideTimeout>['events'];
      },
    ) =>
      gates.of(environment).submit({
        id: gate.intentId,
        deadline: performance.now() + RECORD_MS,
        decide: (view) => decide(view.state),
      });
    if (gate.status === 'open' && halts.length > 0)
      await submit((s) => decideFreeze({ ...common, halts }, s));
    else if (gate.status === 'frozen' && halts.length === 0)
      await submit((s) => decideThaw({ ...common, releases: [] }, s));
    else if (overdue.has(gate.intentId)) await submit((s) => decideTimeout(common, s));
  }
};
