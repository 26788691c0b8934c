// An agent or enforcement point that signs by hand: it sends what the client library would not, and stops for no halt.
import type { NatsConnection } from '@nats-io/transport-node';
import { type JsonValue, subjects } from '@writ/contracts';
import { commit, committedDigest, joinMessage, type KeyPair } from '@writ/crypto';
import { signLive, uuidv7 } from '@writ/runtime';
import { type Answer, readAnswer, type Signed } from './answer.js';

export type Wanted = {
  readonly operation: string;
  readonly resource: string;
  readonly args?: Readonly<Record<string, JsonValue>>;
};

/** A signed intent. `bytes` is the whole message, disclosures included. */
export type MadeIntent = {
  readonly id: string;
  readonly agent: string;
  readonly argsDigest: string;
  readonly bytes: Uint8Array;
};

export type IntentOptions = {
  readonly id?: string;
  readonly time?: number;
  readonly deadlineMs?: number;
  readonly goal?: string;
  readonly idempotencyKey?: string;
};

const later = (ms: number): string => new Date(Date.now() + ms).toISOString();

/** Signs an intent of `agent`. */
export const makeIntent = (
  agent: string,
  key: KeyPair,
  wanted: Wanted,
  options: IntentOptions = {},
): MadeIntent => {
  const { operation, resource, args = {} } = wanted;
  const id = options.id ?? uuidv7();
  const committed = commit({ ...args });
  const reasoning = commit({ goal: options.goal ?? 'a goal' });
  const data = {
    action: { tool: 'psql', operation, resource, args: committed.committed },
    reasoning: { private: reasoning.committed },
    evidence: [],
    reversal: { method: 'none' as const, private: { _sd: [] } },
    deadline: later(options.deadlineMs ?? 300_000),
    delegation: [],
    ...(options.idempotencyKey === undefined ? {} : { idempotencyKey: options.idempotencyKey }),
  };
  const time = new Date(options.time ?? Date.now()).toISOString();
  const { bytes } = signLive('intent', subjects.intent(agent), data, key, { id, time });
  return {
    id,
    agent,
    argsDigest: committedDigest(committed.committed),
    bytes: joinMessage(bytes, [...committed.disclosures, ...reasoning.disclosures]),
  };
};

/** An identity on the bus that signs by hand. Every request rejects when nobody answers in time. */
export interface Asker {
  readonly scope: string;
  readonly key: KeyPair;
  readonly bus: NatsConnection;
  intent(wanted: Wanted, options?: IntentOptions): MadeIntent;
  /** Makes an intent, sends it and reads the decision. */
  decide(wanted: Wanted, options?: IntentOptions): Promise<MadeIntent & { readonly answer: Answer }>;
  send(subject: string, bytes: Uint8Array, timeoutMs?: number): Promise<Answer>;
  sendIntent(intent: MadeIntent, timeoutMs?: number): Promise<Answer>;
  /** Signs a receipt request; a new one each time. */
  receiptRequest(intent: MadeIntent, argsDigest?: string): Uint8Array;
  /** Asks for a receipt once and takes the answer as it is. */
  receipt(intent: MadeIntent, argsDigest?: string, timeoutMs?: number): Promise<Answer>;
  /** Asks with the same request as long as the refusal says that asking again can help (5 s), as clients do. */
  receiptInTime(intent: MadeIntent, argsDigest?: string): Promise<Answer>;
  reportOf(receipt: Signed, status?: 'succeeded' | 'failed', as?: 'executor' | 'verifier'): Uint8Array;
  report(receipt: Signed, status?: 'succeeded' | 'failed', as?: 'executor' | 'verifier'): Promise<Answer>;
  state(agent?: string): Promise<Answer>;
  close(): Promise<void>;
}

const NONCE = 'AAAAAAAAAAAAAAAAAAAAAA';
const PATIENCE_MS = 5000;

export const asker = (scope: string, key: KeyPair, bus: NatsConnection): Asker => {
  const send = async (subject: string, bytes: Uint8Array, timeout = 5000): Promise<Answer> =>
    readAnswer((await bus.request(subject, bytes, { timeout })).data);
  const receiptRequest = (intent: MadeIntent, argsDigest = intent.argsDigest): Uint8Array =>
    signLive(
      'receipt-request',
      subjects.receipt(scope),
      { intentId: intent.id, agent: intent.agent, argsDigest, expires: later(30_000) },
      key,
    ).bytes;
  const reportOf = (
    receipt: Signed,
    status: 'succeeded' | 'failed' = 'succeeded',
    as: 'executor' | 'verifier' = 'executor',
  ): Uint8Array => {
    const [intentId, agent] = [String(receipt.data['intentId']), String(receipt.data['agent'])];
    const now = new Date().toISOString();
    const data = { intentId, agent, receipt: receipt.id, as, status, startedAt: now, finishedAt: now };
    const rest = { effects: [], result: { _sd: [] } };
    return signLive('outcome-report', subjects.outcome(scope), { ...data, ...rest }, key).bytes;
  };
  const intent = (wanted: Wanted, options?: IntentOptions) => makeIntent(scope, key, wanted, options);
  const sendIntent = (made: MadeIntent, timeoutMs?: number) =>
    send(subjects.intent(scope), made.bytes, timeoutMs);
  return {
    scope,
    key,
    bus,
    intent,
    send,
    sendIntent,
    decide: async (wanted, options) => {
      const made = intent(wanted, options);
      return { ...made, answer: await sendIntent(made) };
    },
    receiptRequest,
    receipt: (made, argsDigest, timeoutMs) =>
      send(subjects.receipt(scope), receiptRequest(made, argsDigest), timeoutMs),
    receiptInTime: async (made, argsDigest) => {
      const request = receiptRequest(made, argsDigest);
      const end = performance.now() + PATIENCE_MS;
      for (;;) {
        const answer = await send(subjects.receipt(scope), request);
        if (answer.first.data['retry'] !== true || performance.now() > end) return answer;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    reportOf,
    report: (receipt, status, as) => send(subjects.outcome(scope), reportOf(receipt, status, as)),
    state: (agent = scope) =>
      send(
        subjects.state(scope),
        signLive('state-request', subjects.state(scope), { agent, nonce: NONCE, want: [] }, key).bytes,
      ),
    close: () => bus.close(),
  };
};
