// A TCP proxy before a NATS server that loses acknowledgements: only them, or the whole connection right after a publish.
import { connect, createServer, type Socket } from 'node:net';

export type AckProxy = {
  readonly url: string;
  /** Swallows the next `count` messages whose subject begins with `prefix`. */
  dropNext(prefix: string, count?: number): void;
  /** Forwards the next publish to `subject`, then cuts the connection before anything comes back. */
  cutAfterPublish(subject: string): void;
  dropped(): number;
  close(): Promise<void>;
};

const CRLF = Buffer.from('\r\n');
const HEAD = /^H?MSG (\S+) .*?(\d+)$/;

/** Splits a server's byte stream into protocol units: a line, with its payload where it has one. */
const createSplitter = (onUnit: (unit: Buffer, subject: string) => void) => {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk: Buffer): void => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      const end = rest.indexOf(CRLF);
      if (end < 0) return;
      const head = HEAD.exec(rest.subarray(0, end).toString('latin1'));
      const length = end + 2 + (head === null ? 0 : Number(head[2]) + 2);
      if (rest.length < length) return;
      onUnit(rest.subarray(0, length), head?.[1] ?? '');
      rest = rest.subarray(length);
    }
  };
};

export const startAckProxy = async (serverUrl: string): Promise<AckProxy> => {
  const target = new URL(serverUrl);
  const sockets = new Set<Socket>();
  let prefix = '';
  let toDrop = 0;
  let dropped = 0;
  let cutOn: string | undefined;
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    let cut = false;
    const end = (): void => {
      client.destroy();
      upstream.destroy();
      sockets.delete(client);
    };
    sockets.add(client);
    const forward = createSplitter((unit, subject) => {
      if (cut) return;
      if (toDrop > 0 && subject.startsWith(prefix)) {
        toDrop -= 1;
        dropped += 1;
        return;
      }
      client.write(unit);
    });
    upstream.on('data', forward);
    client.on('data', (chunk) => {
      upstream.write(chunk);
      if (cutOn === undefined || !chunk.includes(cutOn)) return;
      cutOn = undefined;
      cut = true;
      dropped += 1;
      setTimeout(end, 50);
    });
    for (const socket of [client, upstream]) socket.on('error', end).on('close', end);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address() as { readonly port: number };
  return {
    url: `nats://127.0.0.1:${address.port}`,
    dropNext: (subjectPrefix, count = 1) => {
      prefix = subjectPrefix;
      toDrop = count;
    },
    cutAfterPublish: (subject) => {
      cutOn = `PUB ${subject}`;
    },
    dropped: () => dropped,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
