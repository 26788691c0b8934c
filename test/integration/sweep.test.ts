// The sweep of GOV_INTENTS on a real server: streams that begin late, are empty though not new, or begin anew must not stop it.
import type { NatsConnection } from '@nats-io/transport-node';
import { connect } from '@nats-io/transport-node';
import { Streams, subjects } from '@writ/contracts';
import { createLogger, type Plane } from '@writ/runtime';
import { startTestNats, type TestNats } from '@writ/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSweeper } from '../../services/decision/src/sweep.js';
import { makeIntent } from '../harness/asker.js';
import { type QuietPlane, quietPlane } from '../harness/quiet-plane.js';
import { OPS, READ } from '../harness/shop.js';

const SUBJECT = subjects.intent(OPS);
let nats: TestNats;
let bus: NatsConnection;
let quiet: QuietPlane;
let judged: string[] = [];
const answered = new Set<string>();
const lines: string[] = [];

beforeAll(async () => {
  nats = await startTestNats();
  bus = await connect({ servers: nats.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
  const clock = { now: () => Date.now(), mono: () => performance.now() };
  quiet = await quietPlane('decision', { agents: [OPS], points: [], people: [], revoked: [] }, clock);
});
afterAll(async () => {
  await bus?.close();
  await nats?.stop();
  await quiet?.stop();
});

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const createStream = async (maxAgeMs: number): Promise<void> => {
  const name = Streams.intents;
  await bus.request(`$JS.API.STREAM.DELETE.${name}`, '').catch(() => undefined);
  const config = {
    name,
    subjects: ['gov.intent.>'],
    storage: 'memory',
    max_age: maxAgeMs * 1_000_000,
    no_ack: true,
    retention: 'limits',
    num_replicas: 1,
  };
  const made = await bus.request(`$JS.API.STREAM.CREATE.${name}`, JSON.stringify(config));
  expect(made.json<{ error?: unknown }>().error).toBeUndefined();
};
const send = async (): Promise<string> => {
  const { id, bytes } = makeIntent(OPS, quiet.key(OPS), READ);
  bus.publish(SUBJECT, bytes);
  await bus.flush();
  return id;
};
const newSweeper = () => {
  judged = [];
  const log = createLogger({
    service: 'decision',
    stream: { write: (line: string) => void lines.push(line) },
  });
  const plane = { ...quiet.plane, bus, log } as Plane;
  return createSweeper(
    plane,
    async ({ document }) => {
      judged.push(document.id);
      return undefined;
    },
    (_, id) => answered.has(id),
  );
};

it('judges what nobody answered, once per pass, and passes over what was answered', async () => {
  await createStream(60_000);
  const sweeper = newSweeper();
  const [one, two] = [await send(), await send()];
  bus.publish(SUBJECT, 'no frame at all');
  answered.add(two);
  await sweeper.sweep();
  expect(judged).toEqual([one]);
});

it('goes on although the first messages have expired', async () => {
  await createStream(300);
  await send();
  await send();
  await pause(1200);
  const sweeper = newSweeper();
  const later = await send();
  await sweeper.sweep();
  expect(judged).toEqual([later]);
});

it('does not wait for messages that have all expired', async () => {
  await createStream(200);
  await send();
  await pause(1000);
  const at = performance.now();
  await newSweeper().sweep();
  expect(performance.now() - at).toBeLessThan(1500);
  expect(judged).toEqual([]);
});

it('begins anew after a restart of the server took the stream away and it was made again', async () => {
  await createStream(60_000);
  const sweeper = newSweeper();
  for (let n = 0; n < 5; n += 1) answered.add(await send());
  await sweeper.sweep();
  await nats.kill();
  await nats.restart();
  const back = () =>
    bus.rtt().then(
      () => true,
      () => false,
    );
  await expect.poll(back, { timeout: 5000 }).toBe(true);
  await send();
  await sweeper.sweep();
  expect(judged).toEqual([]);
  expect(lines.filter((line) => line.includes('intents.uncaptured'))).toHaveLength(1);
  await createStream(60_000);
  const unanswered = await send();
  await sweeper.sweep();
  expect(judged).toEqual([unanswered]);
  expect(lines.filter((line) => line.includes('sweep.failed'))).toEqual([]);
});
