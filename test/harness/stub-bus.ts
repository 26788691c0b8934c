// A bus without a network: it hands messages to subscriptions and writes down what is published.
import type { Msg, NatsConnection } from '@nats-io/transport-node';

type Callback = (error: Error | null, message: Msg) => void;
type Subscription = { readonly subject: string; readonly callback: Callback };

export type Published = { readonly subject: string; readonly data: Uint8Array };

export type StubBus = {
  readonly connection: NatsConnection;
  /** What was published since the last call. */
  taken(): readonly Published[];
  /** Hands a message to every subscription whose subject fits; how many there were. */
  deliver(subject: string, data: Uint8Array, reply?: string): number;
};

const fits = (pattern: string, subject: string): boolean => {
  const [want, have] = [pattern.split('.'), subject.split('.')];
  const open = want.at(-1) === '>';
  if (open ? have.length < want.length : have.length !== want.length) return false;
  return want.every((token, n) => token === '>' || token === '*' || token === have[n]);
};

const bytesOf = (data: Uint8Array | string | undefined): Uint8Array =>
  typeof data === 'string' ? Buffer.from(data) : (data ?? new Uint8Array());

export const stubBus = (): StubBus => {
  const subscriptions = new Set<Subscription>();
  let published: Published[] = [];
  const connection = {
    subscribe: (subject: string, { callback }: { callback: Callback }) => {
      const subscription = { subject, callback };
      subscriptions.add(subscription);
      const end = () => void subscriptions.delete(subscription);
      return { drain: async () => end(), unsubscribe: end };
    },
    publish: (subject: string, data?: Uint8Array | string) =>
      void published.push({ subject, data: bytesOf(data) }),
    flush: async () => undefined,
    isClosed: () => false,
    close: async () => undefined,
  };
  return {
    connection: connection as unknown as NatsConnection,
    taken: () => {
      const all = published;
      published = [];
      return all;
    },
    deliver: (subject, data, reply) => {
      const message = {
        subject,
        data,
        reply,
        string: () => Buffer.from(data).toString('utf8'),
      } as unknown as Msg;
      const hearing = [...subscriptions].filter((s) => fits(s.subject, subject));
      for (const { callback } of hearing) callback(null, message);
      return hearing.length;
    },
  };
};
