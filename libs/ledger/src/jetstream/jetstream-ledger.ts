// The ledger on JetStream. Wires publishing, leader reads and the live read to one connection; decides nothing itself.
import { createInbox, type NatsConnection, nuid } from '@nats-io/transport-node';
import { Streams } from '@writ/contracts';
import { type Ledger, MAX_APPEND } from '../ledger.js';
import { openAckInbox } from './ack-inbox.js';
import { publishBatch, publishOne } from './batch-publisher.js';
import { endOfStream, lastOfSubject, loadSubject } from './leader-read.js';
import { watchLink } from './link.js';
import { readLive } from './live-read.js';

export type JetStreamLedgerOptions = {
  readonly connection: NatsConnection;
  /** `GOV_LEDGER` when absent. */
  readonly stream?: string;
  /** Prefix under which acknowledgements come back (`<prefix>.<n>`); a fresh inbox of the connection when absent. */
  readonly ackInbox?: string;
  /** How long to wait for an acknowledgement before it is ambiguous; 1,000 ms. */
  readonly ackTimeoutMs?: number;
  /** How long to wait for a read from the leader; 2,000 ms. */
  readonly readTimeoutMs?: number;
};

/** A fresh inbox under the connection's own prefix, which nats.js keeps but does not declare. */
const ownInbox = (connection: NatsConnection): string =>
  createInbox((connection as { readonly options?: { readonly inboxPrefix?: string } }).options?.inboxPrefix);

/**
 * The ledger on a JetStream stream with `allow_atomic` (nats-server 2.12). Needs publish on its subjects, on
 * `$JS.API.STREAM.MSG.GET.<stream>`, `$JS.API.STREAM.INFO.<stream>`, `$JS.API.CONSUMER.CREATE.<stream>.>`,
 * `$JS.API.CONSUMER.INFO.<stream>.*`, `$JS.API.CONSUMER.DELETE.<stream>.*`, `$JS.API.CONSUMER.MSG.NEXT.<stream>.*`, and
 * subscribe on the own inbox.
 */
export const createJetStreamLedger = (options: JetStreamLedgerOptions): Ledger => {
  const { connection } = options;
  const stream = options.stream ?? Streams.ledger;
  const prefix = options.ackInbox ?? ownInbox(connection);
  const ackTimeoutMs = options.ackTimeoutMs ?? 1_000;
  const link = watchLink(connection);
  const acks = openAckInbox(connection, link, prefix, ackTimeoutMs);
  const publisher = { connection, stream, acks, nextBatchId: () => nuid.next() };
  const reader = { connection, link, stream, timeoutMs: options.readTimeoutMs ?? 2_000 };
  return {
    append: async (request) => {
      const count = request.messages.length;
      if (count < 1 || count > MAX_APPEND) {
        return { kind: 'refused', code: 'WRIT-LED-010', reason: `${count} messages in one append` };
      }
      if (!(await link.whenUp(ackTimeoutMs))) return { kind: 'again' };
      return count === 1 ? publishOne(publisher, request) : publishBatch(publisher, request);
    },
    lastOf: (subject) => lastOfSubject(reader, subject),
    load: (subject, after) => loadSubject(reader, subject, after),
    read: (from, readOptions = {}) => readLive(reader, from, readOptions),
    end: () => endOfStream(reader),
    close: async () => {
      acks.close();
      link.close();
    },
  };
};
