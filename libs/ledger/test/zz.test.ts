import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '@nats-io/transport-node';
import { test } from 'vitest';
import { createJetStreamLedger, ensureStreams } from '../src/index.js';
import { createWorld, draft, startProcess, write } from './fixtures.js';
import { startNats } from './nats-process.js';

test('x', async () => {
  const server = await startNats();
  const connection = await connect({
    servers: server.url(),
    maxReconnectAttempts: -1,
    reconnectTimeWait: 50,
  });
  await ensureStreams(connection, { replicas: 1 });
  const ledger = createJetStreamLedger({ connection, ackTimeoutMs: 500 });
  const world = createWorld();
  const p = await startProcess(world, ledger);
  const w = p.writer(world.subjects.decision, 'decision');
  let n = 0;
  const one = () => write(w, draft(`a-${n++}.decision.1`, 'writ.decision.permitted.v1'));
  for (let i = 0; i < 20; i++) await one();
  for (let k = 0; k < 4; k++) {
    const inflight = one();
    await server.kill();
    const t0 = performance.now();
    await server.restart();
    const t1 = performance.now();
    const a = await inflight;
    const t2 = performance.now();
    await p.follower.reached(await ledger.end(), 10000);
    console.log(
      'restart',
      (t1 - t0).toFixed(),
      'answered after',
      (t2 - t1).toFixed(),
      a.kind,
      'follower',
      (performance.now() - t1).toFixed(),
    );
    await sleep(300);
  }
  // latency & throughput
  for (const mode of ['admitted', 'stored'] as const) {
    const w2 = p.writer(world.subjects.decision, 'decision', { answer: mode });
    const lat: number[] = [];
    for (let i = 0; i < 300; i++) {
      const t = performance.now();
      await w2.submit({
        id: 'x',
        deadline: t + 5000,
        decide: () => ({
          result: 1,
          events: [
            draft(`l-${mode}${n++}.decision.1`, 'writ.decision.permitted.v1', { pad: 'x'.repeat(500) }),
          ],
        }),
      });
      lat.push(performance.now() - t);
    }
    lat.sort((a, b) => a - b);
    console.log(mode, 'p50', lat[150]!.toFixed(2), 'p99', lat[297]!.toFixed(2));
    await w2.close();
  }
  await connection.close();
  await server.stop();
});
