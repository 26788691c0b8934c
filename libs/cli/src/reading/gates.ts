// Owns the facts of approval gates, from the read model or from the ledger. What a person is shown is what the vote will bind:
// the intent's digest is computed here, whoever handed it over.
import {
  approvalEvents,
  type EnvironmentScope,
  EscalatedData,
  environmentOf,
  type Frame,
  Intent,
  livePayloadType,
} from '@writ/contracts';
import {
  canonicalize,
  digestOf,
  disclosureDigest,
  frameBytes,
  importPublic,
  openFrame,
  readDisclosure,
  vouchesAt,
} from '@writ/crypto';
import { agentOf, findKey, type Gate } from '@writ/domain';
import { openSession } from '@writ/runtime';
import { fault } from '../fault.js';
import type { GateBinding } from '../person/ballot.js';
import { type Api, listAll } from './api.js';
import type { Escalation, PlaneView } from './fold.js';

/** A vote as it was cast. */
export type CastVote = { readonly person: string; readonly choice: string };

/** What a gate is about, and where it stands. `checked`: how far signatures were followed from here. */
export type GateFacts = GateBinding & {
  readonly agent: string;
  readonly owner?: string | undefined;
  readonly name: string;
  readonly status: string;
  readonly quorum: number;
  readonly approvers: readonly string[];
  readonly fallback: 'deny' | 'allow';
  readonly deadline: string;
  readonly votes: readonly CastVote[];
  readonly action: { readonly tool: string; readonly operation: string; readonly resource: string };
  /** Arguments that the boundary declares clear and its rules read. */
  readonly args: Readonly<Record<string, unknown>>;
  readonly reversal: string;
  readonly reversibility: string;
  readonly blastRadius: string;
  readonly boundary: string | null;
  readonly rule: string | null;
  readonly codes: readonly string[];
  readonly obligations: readonly { readonly kind: string }[];
  readonly checked: 'signatures' | 'digests';
};

type Opening = Pick<
  Gate,
  'intentId' | 'agent' | 'intentDigest' | 'boundaryDigest' | 'obligedDigest' | 'quorum' | 'fallback'
> & {
  readonly name: string;
  readonly approvers: readonly string[];
  readonly deadline: string;
  readonly status: string;
  readonly votes: readonly CastVote[];
};

/** The gates of a verified view whose intent id begins with `prefix`, decided ones included. */
export function gatesInView(view: PlaneView, prefix = ''): readonly GateFacts[] {
  return [...view.approval.values()].flatMap((state) =>
    [...state.gates.values()]
      .filter((gate) => gate.intentId.startsWith(prefix))
      .flatMap((gate) => {
        const escalation = view.escalations.get(gate.intentId);
        if (escalation === undefined) return [];
        checkSignature(view, escalation);
        const owner = agentOf(view.registry, gate.agent)?.owner;
        return [{ ...factsOf(openingOf(gate), escalation), owner, checked: 'signatures' as const }];
      }),
  );
}

/** The gates that the read model has open, frozen ones included; `all`: decided ones too. */
export async function gatesInApi(
  api: Api,
  prefix: string,
  state: 'open' | 'all',
): Promise<readonly GateFacts[]> {
  const listed = await listAll<ApiGate>(api, `/v1/gates?state=${state}`);
  const wanted = listed.filter((gate) => gate.intent_id.startsWith(prefix));
  const found = await Promise.all(wanted.map((gate) => gateInApi(api, gate)));
  return found.flatMap((facts) => facts ?? []);
}

type ApiGate = {
  readonly intent_id: string;
  readonly agent: string;
  readonly status: string;
  readonly deadline: string | null;
  readonly votes: readonly { readonly person: string; readonly choice: string }[];
};

type ApiChain = {
  readonly events: readonly {
    readonly type: string;
    readonly void: boolean;
    readonly agent: string | null;
    readonly data: unknown;
  }[];
};

const GateOpened = approvalEvents['writ.approval.gate-opened.v1'].shape.data;

async function gateInApi(api: Api, gate: ApiGate): Promise<GateFacts | undefined> {
  const chain = await api.get<{ readonly chains: readonly ApiChain[] }>(`/v1/intents/${gate.intent_id}`);
  const events = (chain?.chains ?? [])
    .flatMap(({ events }) => events)
    .filter((e) => !e.void && e.agent === gate.agent);
  const dataOf = (type: string) => events.find((event) => event.type === type)?.data;
  const opened = GateOpened.safeParse(dataOf('writ.approval.gate-opened.v1'));
  const decided = EscalatedData.safeParse(dataOf('writ.decision.escalated.v1'));
  const intent = Intent.safeParse(decided.data?.intent.signed);
  if (!opened.success || !decided.success || !intent.success) return undefined;
  const { gate: named, ...rest } = opened.data;
  const approvers = rest.approvers.filter((person) => !rest.excluded.includes(person));
  const where = { status: gate.status, deadline: gate.deadline ?? rest.deadline, votes: gate.votes };
  const facts = factsOf(
    { ...rest, approvers, name: named.name, ...where },
    { data: decided.data, intent: intent.data },
  );
  return { ...facts, checked: 'digests' };
}

function openingOf(gate: Gate): Opening {
  return {
    ...gate,
    name: gate.gate.name,
    approvers: gate.approvers.filter((person) => !gate.excluded.includes(person)),
    status: gate.result?.status ?? (gate.frozen === undefined ? 'open' : 'frozen'),
    votes: [...gate.votes.values()].map(({ person, choice }) => ({ person, choice })),
  };
}

function factsOf(gate: Opening, { data, intent }: Escalation): Omit<GateFacts, 'checked'> {
  checkDigest(data.intent, gate);
  const { tool, operation, resource } = intent.data.action;
  return {
    environment: environmentOf(gate.agent) as EnvironmentScope,
    ...{ intentId: gate.intentId, intentDigest: gate.intentDigest, boundaryDigest: gate.boundaryDigest },
    ...{ obligedDigest: gate.obligedDigest, agent: gate.agent, name: gate.name, status: gate.status },
    ...{ quorum: gate.quorum, approvers: gate.approvers, fallback: gate.fallback, deadline: gate.deadline },
    votes: gate.votes,
    action: { tool, operation, resource },
    args: clearArguments(data.disclosed, intent),
    reversal: intent.data.reversal.method,
    ...{
      reversibility: data.reversibility,
      blastRadius: data.blastRadius,
      rule: data.rule,
      codes: data.codes,
    },
    boundary: data.boundary?.name ?? null,
    obligations: data.obligations,
  };
}

// The disclosures that open the action's arguments; evidence and others have commitments of their own.
function clearArguments(disclosed: readonly string[], intent: Intent): Readonly<Record<string, unknown>> {
  const committed = new Set(intent.data.action.args._sd);
  const opened = disclosed
    .filter((disclosure) => committed.has(disclosureDigest(disclosure)))
    .map(readDisclosure)
    .flatMap((read) => (read.ok ? [[read.name, read.value] as const] : []));
  return Object.fromEntries(opened);
}

function checkDigest(frame: Frame, gate: Opening): void {
  const bytes = Buffer.from(canonicalize(frame.signed), 'utf8');
  const { id } = frame.signed as { id?: unknown };
  if (digestOf(livePayloadType('intent'), bytes) !== gate.intentDigest || id !== gate.intentId)
    fault('WRIT-ENF-008', 'the intent that was handed over is not the one that the gate holds');
}

function checkSignature(view: PlaneView, { data, intent }: Escalation): void {
  const find = (kid: string) => findKey(view.registry, kid);
  const session = data.session && openSession(view.registry, 'intent', frameBytes(data.session));
  const vouched = session?.kind === 'session' ? session.vouched : undefined;
  const key = find(data.session?.kid ?? data.intent.kid);
  const signing = data.session === undefined ? key && importPublic(key.x) : vouched?.key;
  const bytes = Buffer.from(canonicalize(data.intent as never), 'utf8');
  const opened = signing && openFrame(bytes, livePayloadType('intent'), signing);
  const inTime = vouched === undefined || vouchesAt(vouched, intent.time);
  if (opened?.ok !== true || key?.holder !== data.agent || !inTime)
    fault('WRIT-ENF-008', `the intent ${intent.id} is not signed by ${data.agent}`);
}
