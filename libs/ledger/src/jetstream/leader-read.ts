// Reads that only the stream's leader answers: STREAM.MSG.GET and STREAM.INFO. Never a replica's or a cached view.
import type { NatsConnection } from '@nats-io/transport-node';
import type { LedgerSeq } from '@writ/contracts';
import type { StoredMessage } from '../ledger.js';
import { askApi, JetStreamError } from './api.js';
import type { Link } from './link.js';

const NO_MESSAGE = 10037;

type RawMessage = {
  readonly message: {
    readonly subject: string;
    readonly seq: number;
    readonly data?: string;
    readonly time: string;
  };
};

type Reader = {
  readonly connection: NatsConnection;
  readonly link: Link;
  readonly stream: string;
  readonly timeoutMs: number;
};

const ask = async <T>(reader: Reader, name: string, body: object): Promise<T> => {
  if (!(await reader.link.whenUp(reader.timeoutMs))) throw new Error('the connection is down');
  return reader.link.whileUp(askApi<T>(reader.connection, name, body, reader.timeoutMs));
};

/** RFC 3339 with nanoseconds to milliseconds. */
const toMillis = (time: string): string => new Date(time).toISOString();

const getMessage = async (reader: Reader, query: object): Promise<StoredMessage | undefined> => {
  try {
    const name = `STREAM.MSG.GET.${reader.stream}`;
    const { message } = await ask<RawMessage>(reader, name, query);
    const bytes = new Uint8Array(Buffer.from(message.data ?? '', 'base64'));
    return { seq: message.seq, subject: message.subject, time: toMillis(message.time), bytes };
  } catch (error) {
    if (error instanceof JetStreamError && error.errCode === NO_MESSAGE) return undefined;
    throw error;
  }
};

/** Sequence of a subject's last message; 0 when there is none. */
export const lastOfSubject = async (reader: Reader, subject: string): Promise<LedgerSeq> =>
  (await getMessage(reader, { last_by_subj: subject }))?.seq ?? 0;

/** A subject's messages above `after`, one request each. */
export async function* loadSubject(
  reader: Reader,
  subject: string,
  after: LedgerSeq,
): AsyncIterable<StoredMessage> {
  let seq = after + 1;
  for (;;) {
    const message = await getMessage(reader, { seq, next_by_subj: subject });
    if (message === undefined) return;
    yield message;
    seq = message.seq + 1;
  }
}

/** Sequence of the stream's last message. */
export const endOfStream = async (reader: Reader): Promise<LedgerSeq> => {
  type Info = { readonly state: { readonly last_seq: number } };
  const name = `STREAM.INFO.${reader.stream}`;
  return (await ask<Info>(reader, name, {})).state.last_seq;
};
