// What the parts of the sample plane share: the bus, the keys, what they are told to do and what they have seen.
import type { Msg, NatsConnection } from '@nats-io/transport-node';
import type { Obligation } from '@writ/contracts';
import { type KeyPair, readFrame, splitMessage } from '@writ/crypto';
import { type Json, live, type Organisation } from './organisation.js';

export type Halt = {
  readonly id: string;
  readonly scope: string;
  readonly person: string;
  readonly tool?: Json;
  readonly at: string;
  readonly position: number;
};

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

export type Decided = { readonly frame: Uint8Array; readonly type: string; readonly data: Json };

export type Desk = {
  readonly bus: NatsConnection;
  readonly org: Organisation;
  readonly will: ReturnType<typeof honest>;
  readonly seen: {
    states: number;
    intents: number;
    receipts: number;
    readonly acks: Json[];
    readonly outcomes: Json[];
  };
  readonly halts: Map<string, Halt>;
  readonly decisions: Map<string, Decided>;
  position: number;
};

/** A desk where nothing has happened. */
export const createDesk = (bus: NatsConnection, org: Organisation): Desk => ({
  bus,
  org,
  will: honest(),
  seen: { states: 0, intents: 0, receipts: 0, acks: [], outcomes: [] },
  halts: new Map(),
  decisions: new Map(),
  position: 0,
});

export type Asked = {
  readonly id: string;
  readonly data: Json;
  readonly frame: Uint8Array;
  readonly rest: readonly string[];
};

/** Takes a live message apart. */
export const read = (message: Uint8Array): Asked => {
  const { frame, rest } = splitMessage(message);
  const opened = readFrame(frame);
  if (!opened.ok) throw new Error(opened.reason);
  const document = JSON.parse(new TextDecoder().decode(opened.frame.document)) as { id: string; data: Json };
  return { ...document, frame, rest };
};

/** Answers a subject; `undefined` is silence. */
export const serve = (
  desk: Desk,
  subject: string,
  handle: (message: Msg) => Uint8Array | undefined,
): void => {
  desk.bus.subscribe(subject, {
    callback: (_, message) => {
      const reply = handle(message);
      if (reply !== undefined) message.respond(reply);
    },
  });
};

/** A signed refusal. */
export const refusal = (desk: Desk, subject: string, to: string, code: string): Uint8Array =>
  live('refusal', desk.org.keys['receipt-ledger'], subject, {
    code,
    reason: 'as told',
    next: 'see',
    inReplyTo: to,
    retry: code === 'WRIT-RCP-009',
  });
