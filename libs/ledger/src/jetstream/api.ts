// One request to the JetStream API and its answer. Owns no state; never retries.
import type { NatsConnection } from '@nats-io/transport-node';

/** An error that the JetStream API gave, with its own code (10037: no message found, ...). */
export class JetStreamError extends Error {
  override readonly name = 'JetStreamError';
  readonly status: number;
  readonly errCode: number;

  constructor(error: ApiError) {
    super(error.description ?? 'JetStream error');
    this.status = error.code ?? 0;
    this.errCode = error.err_code ?? 0;
  }
}

export type ApiError = { readonly code?: number; readonly err_code?: number; readonly description?: string };

/** Asks `$JS.API.<name>`; rejects with `JetStreamError` or with the connection's own error (timeout, no responders). */
export const askApi = async <T>(
  connection: NatsConnection,
  name: string,
  body: unknown,
  timeout: number,
): Promise<T> => {
  const reply = await connection.request(`$JS.API.${name}`, JSON.stringify(body ?? {}), { timeout });
  const answer = reply.json<T & { readonly error?: ApiError }>();
  if (answer.error !== undefined) throw new JetStreamError(answer.error);
  return answer;
};
