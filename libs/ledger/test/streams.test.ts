// Set-up of the streams: created as they must be, refused when any field differs, old servers refused by name.
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkServer, checkSync, createJetStreamLedger, ensureStreams, verifyStreams } from '../src/index.js';
import { compareStream, streamConfigs } from '../src/jetstream/stream-config.js';
import { type NatsProcess, startNats } from './nats-process.js';

let server: NatsProcess;
let connection: NatsConnection;

beforeAll(async () => {
  server = await startNats();
  connection = await connect({ servers: server.url() });
});

afterAll(async () => {
  await connection?.close();
  await server?.stop();
});

const api = async (name: string, body: unknown): Promise<{ readonly error?: unknown }> =>
  (await connection.request(`$JS.API.${name}`, JSON.stringify(body))).json();

/** Creates a stream; the store of one of the same name may still be on its way out (error 10049). */
const create = async (config: object): Promise<{ readonly error?: unknown }> => {
  for (let tries = 0; ; tries += 1) {
    const answer = await api('STREAM.CREATE.GOV_LEDGER', config);
    const code = (answer.error as { readonly err_code?: number } | undefined)?.err_code;
    if (code !== 10049 || tries === 20) return answer;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};

const restore = async (): Promise<void> => {
  for (const name of ['GOV_LEDGER', 'GOV_HALTS', 'GOV_INTENTS', 'GOV_CHECKPOINTS'])
    await api(`STREAM.DELETE.${name}`, {});
};

describe('setting up the streams', () => {
  test('what is created is exactly what is asked for, and a second time changes nothing', async () => {
    expect(await ensureStreams(connection, { replicas: 1 })).toEqual({ kind: 'ready' });
    expect(await ensureStreams(connection, { replicas: 1 })).toEqual({ kind: 'ready' });
    expect(await verifyStreams(connection, { replicas: 1, streams: ['GOV_LEDGER'] })).toEqual({
      kind: 'ready',
    });
    await restore();
  });

  const wrong: readonly (readonly [field: string, value: unknown])[] = [
    ['deny_delete', false],
    ['deny_purge', false],
    ['allow_atomic', false],
    ['allow_rollup_hdrs', true],
    ['allow_msg_ttl', true],
    ['max_age', 3_600_000_000_000],
    ['max_msgs', 1000],
    ['discard', 'old'],
    ['no_ack', true],
    ['storage', 'memory'],
    ['allow_msg_counter', true],
    ['republish', { src: 'gov.ledger.>', dest: 'copy.>' }],
  ];

  test.each(wrong)(
    'a ledger stream with another %s is refused, and the field is named',
    async (field, value) => {
      const right = streamConfigs({ replicas: 1 })[0] ?? {};
      const extra = field === 'allow_rollup_hdrs' ? { deny_purge: false } : {};
      const exclusive = field === 'allow_msg_counter' || field === 'no_ack' ? { allow_atomic: false } : {};
      const rest = field === 'allow_msg_counter' ? { discard: 'old' } : {};
      const config = { ...right, ...extra, ...exclusive, ...rest, [field]: value };
      expect((await create(config)).error).toBeUndefined();
      const refusals = [await ensureStreams(connection, { replicas: 1 }), await verifyStreams(connection)];
      for (const refusal of refusals) {
        if (refusal.kind !== 'refused') throw new Error(`${field} was not noticed`);
        expect(refusal.code).toBe('WRIT-LED-004');
        expect(refusal.differences.map((difference) => `${difference.stream}.${difference.field}`)).toContain(
          `GOV_LEDGER.${field}`,
        );
      }
      await restore();
    },
  );

  test('a field that this version has never heard of is a difference too, unless it says nothing', () => {
    const [ledger = {}] = streamConfigs({ replicas: 1 });
    expect(compareStream(ledger, { ...ledger, allow_magic: false })).toEqual([]);
    expect(compareStream(ledger, { ...ledger, allow_magic: true })).toMatchObject([{ field: 'allow_magic' }]);
  });

  test('servers below 2.12 are refused by name and version', () => {
    expect(checkServer({ server_name: 'old-one', version: '2.9.10' })).toMatchObject({
      kind: 'refused',
      code: 'WRIT-LED-005',
      reason: expect.stringMatching(/old-one.*2\.9\.10.*2\.12/),
    });
    for (const version of ['2.11.9', '1.99.0', 'unknown'])
      expect(checkServer({ version }).kind).toBe('refused');
    for (const version of ['2.12.0', '2.12.0-RC.1', '2.14.0', '3.0.0']) {
      expect(checkServer({ version }).kind).toBe('ready');
    }
  });

  test('a server that does not sync always is told from one that does', async () => {
    const page = await fetch(`${server.monitor()}/varz`);
    expect(checkSync(await page.json())).toEqual({ kind: 'ready' });
    expect(checkSync({ jetstream: { config: { sync_interval: 120_000_000_000 } } }).kind).toBe('refused');
    expect(checkSync(null).kind).toBe('refused');
  });

  test('a full ledger refuses with its own code and keeps what it has', async () => {
    expect(await ensureStreams(connection, { replicas: 1, ledgerMaxBytes: 4_096 })).toEqual({
      kind: 'ready',
    });
    const ledger = createJetStreamLedger({ connection });
    const subject = 'gov.ledger.decision.acme.shop.full';
    const big = { id: 'big', bytes: new Uint8Array(3_000) };
    expect((await ledger.append({ subject, expected: 0, messages: [big] })).kind).toBe('stored');
    const last = await ledger.lastOf(subject);
    for (const messages of [[big], [big, big]]) {
      expect(await ledger.append({ subject, expected: last, messages })).toMatchObject({
        kind: 'refused',
        code: 'WRIT-LED-001',
      });
    }
    expect(await ledger.end()).toBe(last);
    await ledger.close();
    await restore();
  });

  test('a read of a stream that has lost a message throws rather than skip it', async () => {
    const [right = {}] = streamConfigs({ replicas: 1 });
    const config = { ...right, deny_delete: false };
    expect((await create(config)).error).toBeUndefined();
    const ledger = createJetStreamLedger({ connection });
    const subject = 'gov.ledger.decision.acme.shop.gap';
    const messages = ['a', 'b', 'c'].map((id) => ({ id, bytes: Buffer.from(id) }));
    const outcome = await ledger.append({ subject, expected: 0, messages });
    const seqs = outcome.kind === 'stored' ? outcome.seqs : [];
    await api('STREAM.MSG.DELETE.GOV_LEDGER', { seq: seqs[1] });
    const seen: number[] = [];
    const reading = (async () => {
      for await (const { seq } of ledger.read(seqs[0] ?? 0)) seen.push(seq);
    })();
    await expect(reading).rejects.toMatchObject({ code: 'WRIT-LED-006' });
    expect(seen).toEqual([seqs[0]]);
    await ledger.close();
    await restore();
  });

  test('an append that no stream captures is ambiguous, never stored', async () => {
    const ledger = createJetStreamLedger({ connection, ackTimeoutMs: 100 });
    const outcome = await ledger.append({
      subject: 'gov.ledger.decision.acme.shop.none',
      expected: 0,
      messages: [{ id: 'x', bytes: new Uint8Array(1) }],
    });
    expect(outcome.kind).toBe('ambiguous');
    await ledger.close();
  });

  test('with many batches left open by others, one is told to come again and then gets in', async () => {
    await ensureStreams(connection, { replicas: 1 });
    const { headers } = await import('@nats-io/transport-node');
    const subject = 'gov.ledger.decision.acme.shop.open';
    for (let index = 0; index < 60; index += 1) {
      const head = headers();
      head.set('Nats-Batch-Id', `left-open-${index}`);
      head.set('Nats-Batch-Sequence', '1');
      connection.publish(subject, new Uint8Array(1), { headers: head });
    }
    await connection.flush();
    const ledger = createJetStreamLedger({ connection });
    const messages = ['a', 'b'].map((id) => ({ id, bytes: new Uint8Array(1) }));
    expect((await ledger.append({ subject, expected: 0, messages })).kind).toBe('again');
    expect((await ledger.append({ subject, expected: 0, messages: messages.slice(1) })).kind).toBe('stored');
    await ledger.close();
    await restore();
  });
});
