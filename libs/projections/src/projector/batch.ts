// One batch: the rows and changes of consecutive messages, and the checkpoint they lead to. It touches no database.
import type { LedgerDocument } from '@writ/contracts';
import { sha256 } from '@writ/crypto';
import { agentLink, type Chain } from '@writ/domain';
import { writeEventRow, writeJunkRow } from '../database/record-rows.js';
import { changesOf, type Handlers } from '../handlers/handlers.js';
import type { Judged } from '../ledger/judge.js';
import { type CopyWriter, createCopyWriter } from '../rows/copy.js';
import { createNetChanges, type NetChanges } from '../rows/net.js';

/** A distrust that reaches back voids events that are projected already. */
export type Distrust = { readonly kid: string; readonly from: number; readonly seq: number };

/** A chain's tip; `agent` is empty for the subject's own. */
export type ChainTip = {
  readonly subject: string;
  readonly agent: string;
  readonly ver: number;
  readonly head: string;
};

/** What one transaction writes. `digest` is SHA-256 of the last message's bytes. */
export type Batch = {
  count: number;
  /** Of the messages in it, as stored. */
  bytes: number;
  seq: number;
  last: Uint8Array;
  readonly events: CopyWriter;
  readonly junk: CopyWriter;
  readonly changes: NetChanges;
  readonly tips: Map<string, ChainTip>;
  distrust?: Distrust;
};

/** An empty batch. */
export const emptyBatch = (): Batch => ({
  count: 0,
  bytes: 0,
  seq: 0,
  last: new Uint8Array(),
  events: createCopyWriter(),
  junk: createCopyWriter(1024),
  changes: createNetChanges(),
  tips: new Map(),
});

/** SHA-256 of the bytes of the batch's last message. */
export const digestOfBatch = (batch: Batch): string => sha256(batch.last);

const noteTip = (batch: Batch, tip: ChainTip): void =>
  void batch.tips.set(`${tip.subject} ${tip.agent}`, tip);

const noteTips = (batch: Batch, subject: string, agent: string | undefined, chain: Chain): void => {
  noteTip(batch, { subject, agent: '', ver: chain.ver, head: chain.head });
  if (agent !== undefined) noteTip(batch, { subject, agent, ...agentLink(chain, agent) });
};

const distrustOf = (document: LedgerDocument, seq: number): Distrust | undefined => {
  if (document.type === 'writ.registry.registrar-appointed.v1') {
    const { revokes: kid, from } = document.data;
    return kid === null || from === null || from >= seq ? undefined : { kid, from, seq };
  }
  if (document.type !== 'writ.registry.key-distrusted.v1' || document.data.from >= seq) return undefined;
  return { kid: document.data.kid, from: document.data.from, seq };
};

const addEvent = (batch: Batch, event: Extract<Judged, { kind: 'event' }>, handlers: Handlers): void => {
  const { message, effective, envelope } = event;
  const { seq, subject, time } = message;
  // The handler first: if it throws, the batch is as it was.
  const changes =
    effective === undefined ? [] : changesOf(handlers, { seq, subject, time, document: effective });
  for (const change of changes) batch.changes.add(change);
  writeEventRow(batch.events, event);
  noteTips(batch, subject, envelope.agent, event.chain);
  const distrust = effective === undefined ? undefined : distrustOf(effective, seq);
  if (distrust !== undefined) batch.distrust = distrust;
};

/** Adds the next message. Throws what a handler throws, and is then as it was. */
export const addToBatch = (batch: Batch, judged: Judged, handlers: Handlers): void => {
  if (judged.kind === 'event') addEvent(batch, judged, handlers);
  else writeJunkRow(batch.junk, judged);
  batch.count += 1;
  batch.bytes += judged.message.bytes.length;
  batch.seq = judged.message.seq;
  batch.last = judged.message.bytes;
};
