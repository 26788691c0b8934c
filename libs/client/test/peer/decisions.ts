// The decision service of the sample plane: decides as it is told, once per intent, and signs.
import type { Msg } from '@nats-io/transport-node';
import { livePayloadType, oblige, subjects } from '@writ/contracts';
import {
  committedDigest,
  digestOf,
  disclosureDigest,
  obligeCommitted,
  readFrame,
  reveal,
} from '@writ/crypto';
import { type Asked, type Desk, read, serve } from './desk.js';
import { ENV, embedded, event, iso, type Json } from './organisation.js';

const NOTHING = committedDigest({ _sd: [] });

/** Starts answering intents. */
export const serveDecisions = (desk: Desk): void =>
  serve(desk, 'gov.intent.>', (message) => decide(desk, message));

const decide = (desk: Desk, message: Msg): Uint8Array => {
  desk.seen.intents++;
  const asked = read(message.data);
  const known = desk.decisions.get(asked.id);
  if (known !== undefined) return known.frame;
  const { operation } = asked.data['action'] as { operation: string };
  const effect = desk.will.effect(operation);
  const data = decisionData(desk, asked, message.subject.slice('gov.intent.'.length), effect);
  const key = desk.will.decisionKey ?? desk.org.keys.decision;
  const type = `writ.decision.${effect}.v1`;
  const more = { id: `${asked.id}.decision.1` };
  const frame = event(
    key,
    type,
    subjects.ledger('decision', ENV),
    'decision',
    desk.will.forgeDecision(data),
    more,
  );
  desk.decisions.set(asked.id, { frame, type, data });
  return frame;
};

const decisionData = (desk: Desk, asked: Asked, agent: string, effect: string): Json => ({
  agent,
  intent: embedded(asked.frame),
  intentDigest: intentDigest(asked.frame),
  disclosed: [],
  boundary: { name: 'refunds', digest: NOTHING, event: `${asked.id}.registry.1`, level: 1 },
  registryVer: 1,
  rule: 'a-rule',
  codes: ['as-told'],
  inputs: {
    ...{ now: iso(), agentStatus: 'active', containment: 'none', autonomy: 'bounded' },
    ...{ halted: false, counters: {} },
  },
  reversibility: 'reversible',
  blastRadius: 'single',
  obligations: desk.will.obligations,
  obligedDigest: obligedDigest(desk, asked),
  expires: iso(Date.now() + 60_000),
  ...(effect === 'escalated' ? { gate: { name: 'desk', digest: NOTHING }, lowRisk: false } : {}),
});

const obligedDigest = (desk: Desk, { data, rest }: Asked): string => {
  const { args } = data['action'] as { args: { _sd: string[] } };
  const own = rest.filter((disclosure) => args._sd.includes(disclosureDigest(disclosure)));
  const shown = reveal(args, own);
  if (!shown.ok) throw new Error(shown.reason);
  const obliged = oblige(shown.values, desk.will.obligations);
  if (obliged.kind !== 'obliged') throw new Error(obliged.reason);
  return committedDigest(obligeCommitted(args, own, obliged.args).committed);
};

const intentDigest = (frame: Uint8Array): string => {
  const opened = readFrame(frame);
  if (!opened.ok) throw new Error(opened.reason);
  return digestOf(livePayloadType('intent'), opened.frame.document);
};
