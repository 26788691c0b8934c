// A small plane that speaks the protocol with real keys over a real bus. Each part of it can be told to be silent or to lie.
import { connect, type Msg, type NatsConnection } from '@nats-io/transport-node';
import {
  LEDGER_PAYLOAD_TYPE,
  livePayloadType,
  type Obligation,
  oblige,
  parseHaltBody,
  parseSubject,
  subjects,
} from '@writ/contracts';
import {
  committedDigest,
  digestOf,
  disclosureDigest,
  joinFrames,
  joinMessage,
  type KeyPair,
  obligeCommitted,
  readFrame,
  reveal,
  splitMessage,
} from '@writ/crypto';
import { newCommandId } from '../../src/new-id.js';
import {
  digestOfFrame,
  ENV,
  embedded,
  event,
  iso,
  type Json,
  live,
  ORG,
  type Organisation,
} from './organisation.js';

type Halt = {
  readonly id: string;
  readonly scope: string;
  readonly person: string;
  readonly tool?: Json;
  readonly at: string;
  position: number;
};

export type Plane = Awaited<ReturnType<typeof startPlane>>;

/** What the plane does with each kind of message; tests change it as they go. */
export const honest = () => ({
  leases: true,
  answerState: true,
  recordHalts: true,
  effect: (_operation: string): 'permitted' | 'denied' | 'escalated' => 'permitted',
  obligations: [] as readonly Obligation[],
  approval: 'pending' as 'pending' | 'granted' | 'rejected',
  /** Changes the data of a decision or receipt before it is signed; and the key that signs it. */
  forgeDecision: (data: Json): Json => data,
  forgeReceipt: (data: Json): Json => data,
  decisionKey: undefined as KeyPair | undefined,
  receiptKey: undefined as KeyPair | undefined,
  dropReceipts: 0,
  /** Frames added behind a state reply. */
  tail: [] as Uint8Array[],
  revokedKeys: [] as string[],
});

export const startPlane = async (url: string, org: Organisation) => {
  const bus = await connect({ servers: url, reconnectTimeWait: 50, maxReconnectAttempts: -1 });
  const will = honest();
  const seen = { states: 0, intents: 0, receipts: 0, acks: [] as Json[], outcomes: [] as Json[], notices: 0 };
  const halts = new Map<string, Halt>();
  const decisions = new Map<string, { frame: Uint8Array; type: string; data: Json }>();
  const issued = new Map<string, Uint8Array>();
  const kept = new Map<string, string>();
  let preserved: Json | null = null;
  let position = 0;
  let sequence = 0;
  const killer = org.keys['kill-switch'];

  const dataOf = (
    message: Uint8Array,
  ): { id: string; data: Json; frame: Uint8Array; rest: readonly string[] } => {
    const { frame, rest } = splitMessage(message);
    const read = readFrame(frame);
    if (!read.ok) throw new Error(read.reason);
    const document = JSON.parse(new TextDecoder().decode(read.frame.document)) as { id: string; data: Json };
    return { ...document, frame, rest };
  };
  const serve = (subject: string, handle: (message: Msg) => Uint8Array | undefined): void => {
    bus.subscribe(subject, {
      callback: (_, message) => {
        const reply = handle(message);
        if (reply !== undefined) message.respond(reply);
      },
    });
  };
  const refuse = (
    service: 'decision' | 'receipt-ledger',
    subject: string,
    to: string,
    code: string,
    retry = false,
  ) =>
    live('refusal', org.keys[service], subject, {
      code,
      reason: 'as told',
      next: 'see',
      inReplyTo: to,
      retry,
    });

  const stateReply =
    (subject: string): ((message: Msg) => Uint8Array | undefined) =>
    (message) => {
      seen.states++;
      if (!will.answerState) return undefined;
      const { data } = dataOf(message.data);
      const want = data['want'] as string[];
      const state = live('state', killer, subject.replace('*', '') || message.subject, {
        agent: data['agent'],
        nonce: data['nonce'],
        epoch: 1,
        haltPosition: position,
        validMs: 1500,
        halts: [...halts.values()].map((h) => ({
          ...{ id: h.id, scope: h.scope, person: h.person, engagedAt: h.at, position: h.position },
          event: `${newCommandId(Date.now())}.authority.1`,
          ...(h.tool === undefined ? {} : { tool: h.tool }),
        })),
        status: 'active',
        containment: 'none',
        autonomy: 'bounded',
        preserved,
        revokedKeys: will.revokedKeys,
      });
      return joinFrames([state, ...(want.length > 0 ? org.path : []), ...will.tail]);
    };

  const decide = (message: Msg): Uint8Array => {
    seen.intents++;
    const { id, data, frame, rest } = dataOf(message.data);
    const known = decisions.get(id);
    if (known !== undefined) return known.frame;
    const action = data['action'] as { operation: string; args: { _sd: string[] } };
    const effect = will.effect(action.operation);
    const own = rest.filter((d) => action.args._sd.includes(disclosureDigest(d)));
    const values = reveal(action.args, own);
    if (!values.ok) throw new Error(values.reason);
    const obliged = oblige(values.values, will.obligations);
    if (obliged.kind !== 'obliged') throw new Error(obliged.reason);
    const made: Json = {
      agent: message.subject.slice('gov.intent.'.length),
      intent: embedded(frame),
      intentDigest: intentDigest(frame),
      disclosed: [],
      boundary: {
        name: 'refunds',
        digest: committedDigest({ _sd: [] }),
        event: `${id}.registry.1`,
        level: 1,
      },
      registryVer: 1,
      rule: 'a-rule',
      codes: [effect === 'permitted' ? 'rule-permits' : 'as-told'],
      inputs: {
        now: iso(),
        agentStatus: 'active',
        containment: 'none',
        autonomy: 'bounded',
        halted: false,
        counters: {},
      },
      reversibility: 'reversible',
      blastRadius: 'single',
      obligations: will.obligations,
      obligedDigest: committedDigest(obligeCommitted(action.args, own, obliged.args).committed),
      expires: iso(Date.now() + 60_000),
      ...(effect === 'escalated'
        ? { gate: { name: 'desk', digest: committedDigest({ _sd: [] }) }, lowRisk: false }
        : {}),
    };
    const type = `writ.decision.${effect}.v1`;
    const signed = will.forgeDecision(made);
    const key = will.decisionKey ?? org.keys.decision;
    const decision = event(key, type, subjects.ledger('decision', ENV), 'decision', signed, {
      id: `${id}.decision.1`,
    });
    decisions.set(id, { frame: decision, type, data: made });
    return decision;
  };

  const issue = (message: Msg): Uint8Array | undefined => {
    seen.receipts++;
    const { id, data, frame } = dataOf(message.data);
    const intentId = data['intentId'] as string;
    const decision = decisions.get(intentId);
    const no = (code: string, retry = false) => refuse('receipt-ledger', message.subject, id, code, retry);
    if (decision === undefined) return no('WRIT-RCP-001');
    if (halts.size > 0) return no('WRIT-RCP-006');
    if (decision.type.includes('escalated') && will.approval === 'pending') return no('WRIT-RCP-009', true);
    if (decision.type.includes('escalated') && will.approval === 'rejected') return no('WRIT-RCP-010');
    const known = issued.get(intentId);
    const receipt = known ?? makeReceipt(message, intentId, data, frame, decision);
    issued.set(intentId, receipt);
    if (will.dropReceipts > 0) {
      will.dropReceipts--;
      return undefined;
    }
    return joinFrames([receipt, decision.frame]);
  };

  const makeReceipt = (
    message: Msg,
    intentId: string,
    data: Json,
    frame: Uint8Array,
    decision: { frame: Uint8Array; type: string; data: Json },
  ): Uint8Array => {
    const asker = message.subject.slice('gov.receipt.'.length);
    const { action } = (decision.data['intent'] as { signed: { data: { action: Json } } }).signed.data;
    const escalated = decision.type.includes('escalated');
    const made: Json = {
      agent: data['agent'],
      intentId,
      intentDigest: decision.data['intentDigest'],
      audience: { name: asker, kid: (embedded(frame) as { kid: string }).kid },
      request: embedded(frame),
      who: {
        via: escalated ? 'approval' : 'policy',
        decision: {
          id: `${intentId}.decision.1`,
          digest: digestOfFrame(decision.frame, LEDGER_PAYLOAD_TYPE, will.decisionKey ?? org.keys.decision),
        },
        approval: escalated
          ? { id: `${intentId}.approval.1`, digest: committedDigest({ _sd: [] }), people: ['ann'] }
          : null,
      },
      what: {
        ...{ tool: action['tool'], operation: action['operation'], resource: action['resource'] },
        argsDigest: data['argsDigest'],
        obligations: decision.data['obligations'],
      },
      when: { issued: iso(), expires: iso(Date.now() + 30_000) },
      why: {
        boundary: { name: 'refunds', digest: committedDigest({ _sd: [] }) },
        currentBoundaryDigest: committedDigest({ _sd: [] }),
        rule: 'a-rule',
        codes: ['rule-permits'],
      },
    };
    const key = will.receiptKey ?? org.keys['receipt-ledger'];
    const subject = subjects.ledger('authority', ENV);
    const id = `${intentId}.authority.1`;
    return event(
      key,
      'writ.authority.receipt-issued.v1',
      subject,
      'receipt-ledger',
      will.forgeReceipt(made),
      { id },
    );
  };

  const recordOutcome = (message: Msg): Uint8Array => {
    const { data, frame } = dataOf(message.data);
    seen.outcomes.push(data);
    const name = message.subject.slice('gov.outcome.'.length);
    const about = { agent: data['agent'], intentId: data['intentId'], receipt: data['receipt'] };
    const who = { name, kid: (embedded(frame) as { kid: string }).kid };
    const verifier = data['as'] === 'verifier';
    const fact = verifier ? 'verified' : (data['status'] as string);
    const rest = verifier
      ? { verifiedBy: who, effects: data['effects'] }
      : { reportedBy: who, effects: data['effects'], result: data['result'], late: false };
    const body = { ...about, report: embedded(frame), ...rest };
    const subject = subjects.ledger('outcome', ENV);
    return event(org.keys['receipt-ledger'], `writ.outcome.${fact}.v1`, subject, 'receipt-ledger', body);
  };

  const keep = (message: Msg): Uint8Array | undefined => {
    const { data, frame, rest } = dataOf(message.data);
    const digest = data['digest'] as string;
    const agent = data['agent'];
    if (data['op'] === 'put') {
      kept.set(digest, rest[0] as string);
      preserved = { digest, event: `${newCommandId(Date.now())}.stop.1`, at: iso() };
      const body = { agent, halts: data['halts'], digest, bytes: data['bytes'], request: embedded(frame) };
      return event(killer, 'writ.stop.state-preserved.v1', subjects.ledger('stop', ENV), 'kill-switch', body);
    }
    const disclosure = kept.get(digest);
    if (disclosure === undefined) return undefined;
    const answer = live('preserved', killer, message.subject, {
      agent,
      digest,
      event: `${newCommandId(Date.now())}.stop.1`,
    });
    preserved = null;
    return joinMessage(answer, [disclosure]);
  };

  const notify = (about: 'halt-engaged' | 'halt-released', fact: Uint8Array, at: number): void => {
    seen.notices++;
    const data = { environment: ENV, about, position: at, fact: embedded(fact) };
    bus.publish(subjects.notice(ENV), live('notice', killer, subjects.notice(ENV), data));
  };

  const unversioned = { ver: undefined, prev: undefined };
  const engagedFact = (halt: Halt): Uint8Array => {
    const body = {
      environment: ENV,
      halt: halt.id,
      scope: halt.scope,
      person: halt.person,
      cause: 'human',
      reason: { _sd: [] },
      heardAt: halt.at,
      ...(halt.tool === undefined ? {} : { tool: halt.tool }),
    };
    const subject = subjects.ledger('authority', ENV);
    return event(killer, 'writ.authority.halt-engaged.v1', subject, 'kill-switch', body, unversioned);
  };

  /** Records a halt as the kill-switch does, and tells of it. */
  const engage = (person: string, scope: string, tool?: Json): Halt => {
    const id = `halt-${++sequence}`;
    const halt = {
      id,
      scope,
      person,
      at: iso(),
      position: ++position,
      ...(tool === undefined ? {} : { tool }),
    };
    halts.set(halt.id, halt);
    notify('halt-engaged', engagedFact(halt), halt.position);
    return halt;
  };

  /** A release command of a person. */
  const releaseCommand = (
    person: string,
    key: KeyPair,
    scope: string,
    ids: readonly string[],
    expires = Date.now() + 60_000,
  ) =>
    live('command', key, subjects.command('kill-switch', ORG, person), {
      action: { do: 'release', scope, halts: ids, reason: { _sd: [] } },
      expires: iso(expires),
      version: 1,
    });

  const releasedFact = (
    by: readonly string[],
    scope: string,
    ids: readonly string[],
    commands: readonly Uint8Array[],
  ) =>
    event(
      killer,
      'writ.authority.halt-released.v1',
      subjects.ledger('authority', ENV),
      'kill-switch',
      { environment: ENV, halts: ids, scope, by, commands: commands.map(embedded) },
      unversioned,
    );

  /** Releases halts with the given commands, whatever they are worth; `quiet` sends no notice. */
  const release = (
    by: readonly string[],
    scope: string,
    ids: readonly string[],
    commands: readonly Uint8Array[],
    quiet = false,
  ): Uint8Array => {
    for (const id of ids) halts.delete(id);
    position++;
    const fact = releasedFact(by, scope, ids, commands);
    if (!quiet) notify('halt-released', fact, position);
    return fact;
  };

  const sendLease = (): void => {
    if (!will.leases) return;
    const data = { environment: ENV, epoch: 1, haltPosition: position, validMs: 1500 };
    bus.publish(subjects.lease(ENV), live('lease', killer, subjects.lease(ENV), data));
  };

  serve('gov.state.>', (message) => stateReply(message.subject)(message));
  serve('gov.intent.>', decide);
  serve('gov.receipt.>', issue);
  serve('gov.outcome.>', recordOutcome);
  serve('gov.preserve.>', keep);
  serve('gov.ack.>', (message) => {
    seen.acks.push(dataOf(message.data).data);
    return new Uint8Array([123, 125]);
  });
  serve('gov.halt.>', (message) => {
    const parsed = parseSubject(message.subject);
    if (parsed?.kind !== 'halt' || !will.recordHalts) return undefined;
    engage(parsed.person, parsed.scope, parseHaltBody(message.string()).tool);
    return undefined;
  });
  const timer = setInterval(sendLease, 500);
  await bus.flush();
  return {
    bus: bus as NatsConnection,
    org,
    will,
    seen,
    halts,
    engage,
    release,
    releaseCommand,
    position: () => position,
    moveHaltPosition: () => ++position,
    stop: async () => {
      clearInterval(timer);
      await bus.close();
    },
  };
};

const intentDigest = (frame: Uint8Array): string => {
  const read = readFrame(frame);
  if (!read.ok) throw new Error(read.reason);
  return digestOf(livePayloadType('intent'), read.frame.document);
};
