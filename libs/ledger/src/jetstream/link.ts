// Whether the connection stands: what is under way when it is lost should not wait out its timeout. Never reconnects itself.
import type { NatsConnection } from '@nats-io/transport-node';

export type Link = {
  /** Calls back each time the connection is lost; returns how to stop. */
  onLost(handler: () => void): () => void;
  /** True as soon as the connection stands; false after `timeoutMs` or when it is closed for good. */
  whenUp(timeoutMs: number): Promise<boolean>;
  /** Rejects as soon as the connection is lost while `work` is under way. */
  whileUp<T>(work: Promise<T>): Promise<T>;
  close(): void;
};

const createSignals = () => {
  const handlers = new Set<() => void>();
  return {
    add: (handler: () => void): (() => void) => {
      handlers.add(handler);
      return () => handlers.delete(handler);
    },
    fire: (): void => {
      for (const handler of [...handlers]) handler();
    },
  };
};

/** Watches a connection that stands. */
export const watchLink = (connection: NatsConnection): Link => {
  const lost = createSignals();
  const back = createSignals();
  let up = true;
  let closed = false;
  const statuses = connection.status();
  const turn = (type: string): void => {
    if (type === 'reconnect') up = true;
    if (type === 'disconnect' || type === 'close') up = false;
    if (type === 'reconnect') back.fire();
    if (type === 'disconnect' || type === 'close') lost.fire();
  };
  void (async () => {
    for await (const { type } of statuses) if (!closed) turn(type);
    turn('close');
  })();
  return {
    onLost: lost.add,
    whenUp: (timeoutMs) =>
      up
        ? Promise.resolve(true)
        : new Promise((resolve) => {
            const settle = (): void => {
              clearTimeout(timer);
              remove();
              resolve(up);
            };
            const timer = setTimeout(settle, timeoutMs);
            const remove = back.add(settle);
          }),
    whileUp: (work) =>
      new Promise((resolve, reject) => {
        const remove = lost.add(() => reject(new Error('the connection was lost')));
        work.then(resolve, reject).finally(remove);
      }),
    close: () => {
      closed = true;
      (statuses as { stop?: () => void }).stop?.();
    },
  };
};
