// One subscription for all acknowledgements, and no timer per request. Knows nothing of what an answer means.
import type { Msg, NatsConnection } from '@nats-io/transport-node';
import type { Link } from './link.js';

/** How often overdue requests are looked for, in ms. */
const SWEEP_MS = 25;

type Waiting = { readonly since: number; readonly resolve: (answer: Msg | undefined) => void };

export type AckInbox = {
  /** Gives a fresh reply subject to `send` and resolves with the answer, or `undefined` when none came in time. */
  ask(send: (reply: string) => void): Promise<Msg | undefined>;
  close(): void;
};

/** Opens `<prefix>.*`. A lost connection answers everything under way with `undefined` at once. */
export const openAckInbox = (
  connection: NatsConnection,
  link: Link,
  prefix: string,
  timeoutMs: number,
): AckInbox => {
  const waiting = new Map<string, Waiting>();
  let serial = 0;
  let sweep: NodeJS.Timeout | undefined;
  const settle = (reply: string, answer: Msg | undefined): void => {
    const request = waiting.get(reply);
    waiting.delete(reply);
    request?.resolve(answer);
  };
  const settleOlderThan = (time: number): void => {
    for (const [reply, request] of [...waiting]) if (request.since <= time) settle(reply, undefined);
    if (waiting.size > 0 || sweep === undefined) return;
    clearInterval(sweep);
    sweep = undefined;
  };
  const subscription = connection.subscribe(`${prefix}.*`, {
    callback: (error, message) => {
      if (error === null) settle(message.subject, message);
    },
  });
  const stopWatching = link.onLost(() => settleOlderThan(Number.POSITIVE_INFINITY));
  return {
    ask: (send) =>
      new Promise((resolve) => {
        serial += 1;
        const reply = `${prefix}.${serial}`;
        waiting.set(reply, { since: performance.now(), resolve });
        sweep ??= setInterval(() => settleOlderThan(performance.now() - timeoutMs), SWEEP_MS);
        try {
          send(reply);
        } catch {
          settle(reply, undefined);
        }
      }),
    close: () => {
      stopWatching();
      subscription.unsubscribe();
      settleOlderThan(Number.POSITIVE_INFINITY);
    },
  };
};
