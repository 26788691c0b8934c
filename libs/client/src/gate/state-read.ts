// One nonce round trip on gov.state: asks, verifies, learns the key path. It changes no gate by itself.
import { type LiveDocumentOf, subjects } from '@writ/contracts';
import { splitFrames } from '@writ/crypto';
import { messageOf, notSigned, signLive } from '../documents.js';
import { newNonce } from '../new-id.js';
import type { Session } from '../session.js';
import type { GateEvent } from './gate.state.js';

export type StateData = LiveDocumentOf<'state'>['data'];
export type StateReading = {
  readonly event: Extract<GateEvent, { kind: 'state' }>;
  readonly data: StateData;
  /** The frames behind the state: key path, documents asked for, halt facts. */
  readonly tail: readonly Uint8Array[];
  /** Versions of the registry facts among them that were believed. */
  readonly facts: readonly number[];
};
export type Want = LiveDocumentOf<'state-request'>['data']['want'];
export type StateFailure = { readonly failed: 'no-answer' | 'unknown-key' | 'not-trusted' };

/** Reads the state once. The reply must carry this nonce and this agent, under the kill-switch's certified key. */
export const readState = async (
  session: Session,
  want: Want,
  at: number,
  timeoutMs: number,
): Promise<StateReading | StateFailure> => {
  const { scope: agent } = session.credentials;
  const nonce = newNonce();
  const subject = subjects.state(agent);
  const data = { agent, nonce, want };
  const request = await signLive('state-request', session.signing, subject, at, data).catch(notSigned);
  if ('code' in request) {
    session.log({ event: 'state-not-asked', code: request.code });
    return { failed: 'no-answer' };
  }
  const askedAt = session.clock.now().mono;
  const reply = await session.bus.request(subject, messageOf(request), timeoutMs);
  if (reply === undefined) return { failed: 'no-answer' };
  const times = { askedAt, heardAt: session.clock.now().mono };
  await session.followUp.turn();
  return readReply(session, reply, nonce, times);
};

type Times = { readonly askedAt: number; readonly heardAt: number };

const readReply = (
  session: Session,
  reply: Uint8Array,
  nonce: string,
  times: Times,
): StateReading | StateFailure => {
  const [first, ...tail] = splitFrames(reply);
  if (first === undefined) return { failed: 'not-trusted' };
  const facts = session.trust.learn(tail);
  const opened = session.trust.live('state', first, session.signers.state);
  if (!opened.ok) return { failed: opened.why === 'unknown-key' ? 'unknown-key' : 'not-trusted' };
  const { data, time } = opened.document;
  if (data.nonce !== nonce || data.agent !== session.credentials.scope) return { failed: 'not-trusted' };
  session.trust.revoke(data.revokedKeys);
  if (data.revokedKeys.includes(opened.kid)) return { failed: 'not-trusted' };
  return { event: asEvent(data, Date.parse(time), times), data, tail, facts };
};

const asEvent = (data: StateData, planeMs: number, times: Times): StateReading['event'] => ({
  kind: 'state',
  ...times,
  planeMs,
  epoch: data.epoch,
  haltPosition: data.haltPosition,
  validMs: data.validMs,
  halts: data.halts.map((h) => ({
    id: h.id,
    scope: h.scope,
    person: h.person,
    tool: h.tool,
    at: Date.parse(h.engagedAt),
  })),
});
