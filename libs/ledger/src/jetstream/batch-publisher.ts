// Publishing one message, or an atomic batch of 2-1,000 (nats-server 2.12). nats.js 3.4's own Batch drops the expectation and
// hides the error code, so the headers are ours. One attempt; never a retry.
import { headers, type MsgHdrs, type NatsConnection } from '@nats-io/transport-node';
import type { AppendOutcome, AppendRequest } from '../ledger.js';
import type { AckInbox } from './ack-inbox.js';
import { readOutcome } from './outcome.js';

const EXPECTED = 'Nats-Expected-Last-Subject-Sequence';

/** What publishing needs. `serial` makes batch ids of this process unique; ids are at most 64 characters. */
export type Publisher = {
  readonly connection: NatsConnection;
  readonly stream: string;
  readonly acks: AckInbox;
  readonly nextBatchId: () => string;
};

const expectation = (request: AppendRequest, into: MsgHdrs): MsgHdrs => {
  if (request.expected !== 'any') into.set(EXPECTED, String(request.expected));
  return into;
};

/** A plain publish with its own acknowledgement subject. */
export const publishOne = async (publisher: Publisher, request: AppendRequest): Promise<AppendOutcome> => {
  const bytes = request.messages[0]?.bytes ?? new Uint8Array();
  const answer = await publisher.acks.ask((reply) =>
    publisher.connection.publish(request.subject, bytes, { reply, headers: expectation(request, headers()) }),
  );
  return readOutcome(answer, { stream: publisher.stream, count: 1 });
};

/**
 * An atomic batch: all or none, at consecutive sequences. The expectation stands on the first message alone (one subject);
 * the last one commits. A batch that loses a message, or is one too many of 50 open ones, ends with 10176: `again`.
 */
export const publishBatch = async (publisher: Publisher, request: AppendRequest): Promise<AppendOutcome> => {
  const batch = publisher.nextBatchId();
  const count = request.messages.length;
  const answer = await publisher.acks.ask((reply) => {
    for (const [index, message] of request.messages.entries()) {
      const head = index === 0 ? expectation(request, headers()) : headers();
      head.set('Nats-Batch-Id', batch);
      head.set('Nats-Batch-Sequence', String(index + 1));
      const last = index === count - 1;
      if (last) head.set('Nats-Batch-Commit', '1');
      const options = last ? { reply, headers: head } : { headers: head };
      publisher.connection.publish(request.subject, message.bytes, options);
    }
  });
  return readOutcome(answer, { stream: publisher.stream, count, batch });
};
