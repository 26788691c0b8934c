// Stopping and going on, over a real bus: halt on sight, acknowledgement, kept state, release only by persons' signatures.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { exportPrivateJwk, generateKeyPair } from '@writ/crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HaltNotice, IntentHandle, WritClient } from '../src/index.js';
import { AGENT, ORG } from './peer/organisation.js';
import { change, createWorld, until, type World } from './peer/world.js';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.close());

const permitted = async (client: WritClient, intent = change()): Promise<IntentHandle> => {
  const answer = await client.authorize(intent);
  if (answer.kind !== 'permitted') throw new Error(answer.kind);
  return answer.handle;
};
const publish = (scope: string, body = '{"reason":"runaway refunds"}', person = 'ann') =>
  world.plane.bus.publish(`gov.halt.${person}.${scope}`, body);
const gateOf = (client: WritClient) => client.status().gate.kind;
const halted = (client: WritClient) => {
  const { gate } = client.status();
  return gate.kind === 'closed' && gate.code === 'WRIT-ENF-001';
};
/** Releases every halt in force with ann's own signature. */
const releaseAll = (scope = ORG) => {
  const ids = [...world.plane.halts.keys()];
  const command = world.plane.releaseCommand('ann', world.ann, scope, ids);
  return world.plane.release(['ann'], scope, ids, [command]);
};

describe('a halt by plain publish', () => {
  it.each([ORG, 'acme.shop', 'acme.shop.prod', AGENT])(
    'at %s closes the gate and aborts the running call',
    async (scope) => {
      const client = await world.agent();
      const handle = await permitted(client);
      let aborted: unknown;
      const running = client.execute(handle, async (_, { signal }) => {
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        aborted = signal.reason;
        return 'wound down';
      });
      await until('it runs', () => client.status().running === 1);
      publish(scope);
      await until('it is halted', () => halted(client));
      expect(await running).toMatchObject({ kind: 'executed', value: 'wound down' });
      expect(aborted).toMatchObject({ code: 'WRIT-ENF-001' });
      await until('it is acknowledged', () => world.plane.seen.acks.length === 1);
      expect(world.plane.seen.acks).toMatchObject([
        { agent: AGENT, halts: ['halt-1'], state: 'aborted', aborted: 1 },
      ]);
      expect(await client.authorize(change())).toMatchObject({ kind: 'refused', code: 'WRIT-ENF-001' });
    },
  );

  it.each(['', 'not json', '{"tool":"everything"}', '[]'])(
    'whose body is %j halts the full scope',
    async (body) => {
      const client = await world.agent();
      publish('acme.shop', body);
      await until('it is halted', () => halted(client));
    },
  );

  it('closes the gate although the plane never records it', async () => {
    world.plane.will.recordHalts = false;
    const client = await world.agent();
    publish(AGENT);
    await until('it is halted', () => halted(client));
    await sleep(300);
    expect(client.status().halts).toMatchObject([{ id: null, person: 'ann' }]);
    expect(world.plane.seen.acks).toEqual([]);
  });

  it('on another agent changes nothing here', async () => {
    const client = await world.agent();
    publish('acme.shop.prod.other');
    await until('it is recorded', () => world.plane.halts.size === 1);
    await sleep(100);
    await until('the gate is open', () => gateOf(client) === 'open');
    expect(world.plane.seen.acks).toEqual([]);
  });

  it('narrowed to a tool aborts that tool and lets the rest go on', async () => {
    const client = await world.agent();
    const [update, remove] = [
      await permitted(client),
      await permitted(client, change({ id: 'o-2' }, 'delete')),
    ];
    let open = true;
    const removing = client.execute(
      remove,
      (_, { signal }) => new Promise((r) => signal.addEventListener('abort', () => r('stopped'))),
    );
    const updating = client.execute(update, async (_, { signal }) => {
      await until('the halt is known', () => client.status().halts.length === 1);
      open = !signal.aborted;
    });
    await until('both run', () => client.status().running === 2);
    publish(AGENT, '{"tool":{"resource":"db:prod/*","operation":"delete"}}');
    expect(await removing).toMatchObject({ value: 'stopped' });
    await updating;
    expect(open).toBe(true);
    expect(gateOf(client)).toBe('closed');
    expect(client.signal.aborted).toBe(false);
  });

  it('calls back with a deadline, and says so when a call cannot be aborted, and again when it has ended', async () => {
    const notices: HaltNotice[] = [];
    const client = await world.agent({ haltDeadlineMs: 150, onHalt: (notice) => void notices.push(notice) });
    const stubborn = client.execute(await permitted(client), () => sleep(500));
    await until('it runs', () => client.status().running === 1);
    const before = Date.now();
    publish(AGENT);
    await until('it is called back', () => notices.length === 1);
    expect(notices[0]?.deadline).toBeGreaterThanOrEqual(before + 150);
    await until('the deadline is over', () => notices[0]?.signal.aborted === true, 400);
    await until('it is acknowledged', () => world.plane.seen.acks.length === 1);
    expect(world.plane.seen.acks).toMatchObject([{ state: 'cannot-abort', aborted: 0 }]);
    await stubborn;
    await until('it is acknowledged again', () => world.plane.seen.acks.length === 2);
    expect(world.plane.seen.acks[1]).toMatchObject({ state: 'aborted', aborted: 1 });
  });

  it('between the receipt and the function leaves the function unrun', async () => {
    const client = await world.agent();
    const handle = await permitted(client);
    world.plane.will.forgeReceipt = (data) => {
      publish(AGENT);
      return data;
    };
    const done = await client.execute(handle, () => expect.fail('it ran'));
    expect(done).toMatchObject({ kind: 'refused', code: 'WRIT-ENF-001' });
  });

  it('on an agent stops a tool-side enforcement point for that agent', async () => {
    const client = await world.agent();
    const point = await world.point();
    const call = {
      ...client.handOver(await permitted(client)),
      resource: 'db:prod/orders',
      operation: 'update',
    };
    publish(AGENT);
    await until('both know', () => point.status().halts.length === 1);
    const done = await point.enforce(call, () => expect.fail('it ran'));
    expect(done).toMatchObject({ kind: 'refused', code: 'WRIT-ENF-001' });
    await until('both acknowledge', () => world.plane.seen.acks.length === 2);
  });
});

describe('a release', () => {
  const stop = async (): Promise<WritClient> => {
    const client = await world.agent();
    publish('acme.shop');
    await until('it is acknowledged', () => world.plane.seen.acks.length === 1);
    return client;
  };

  it('signed by an operator opens the gate again, for new intents too', async () => {
    const client = await stop();
    releaseAll('acme.shop');
    await until('it is open', () => gateOf(client) === 'open');
    const done = await client.execute(await permitted(client), () => 'goes on');
    expect(done).toMatchObject({ kind: 'executed', value: 'goes on' });
  });

  const command = (key = world.ann, person = 'ann', ids = ['halt-1'], expires?: number) =>
    world.plane.releaseCommand(person, key, 'acme.shop', ids, expires);
  const bad: readonly (readonly [string, readonly string[], () => readonly Uint8Array[]])[] = [
    ['of a person without the operator role', ['bob'], () => [command(world.org.people.get('bob'), 'bob')]],
    ['under a key that is not the person', ['ann'], () => [command(generateKeyPair())]],
    ['under the key of the plane itself', ['ann'], () => [command(world.org.keys['kill-switch'])]],
    ['of one of two persons named', ['ann', 'bob'], () => [command()]],
    ['that names another halt', ['ann'], () => [command(world.ann, 'ann', ['halt-9'])]],
    ['that had expired', ['ann'], () => [command(world.ann, 'ann', ['halt-1'], Date.now() - 1000)]],
    ['whose command was altered', ['ann'], () => [tampered(command())]],
  ];
  const tampered = (frame: Uint8Array): Uint8Array => {
    const text = new TextDecoder().decode(frame);
    return new TextEncoder().encode(text.replace('"version":1', '"version":2'));
  };
  it.each(bad)('%s does not resume the agent', async (_, by, commands) => {
    const client = await stop();
    world.plane.release(by, 'acme.shop', ['halt-1'], commands());
    await until('it was noticed', () => world.log.some((e) => e.event === 'release-not-proved'));
    await sleep(50);
    expect(halted(client)).toBe(true);
    // The plane no longer lists it either: that alone must not open the gate.
    await client.capabilities();
    expect(halted(client)).toBe(true);
    expect(client.status().unproven).toEqual(['halt-1']);
  });

  it('by a person added since the key path was read is checked after reading it again', async () => {
    const client = await stop();
    const eve = world.org.addPerson('eve', [{ role: 'operator', scope: 'acme.shop' }]);
    world.plane.release(['eve'], 'acme.shop', ['halt-1'], [command(eve, 'eve')]);
    await until('it is open', () => gateOf(client) === 'open');
  });

  it('by an operator of the environment does not end a halt of the project', async () => {
    const client = await stop();
    const eve = world.org.addPerson('eve', [{ role: 'operator', scope: 'acme.shop.prod' }]);
    world.plane.release(['eve'], 'acme.shop', ['halt-1'], [command(eve, 'eve')]);
    await until('it was noticed', () => world.log.some((e) => e.event === 'release-not-proved'));
    expect(halted(client)).toBe(true);
  });

  it('of one halt leaves the other that covers the agent', async () => {
    const client = await stop();
    publish(AGENT);
    await until('both are known', () => client.status().halts.filter((h) => h.id !== null).length === 2);
    world.plane.release(['ann'], 'acme.shop', ['halt-1'], [command()]);
    await until('one is gone', () => client.status().halts.length === 1);
    expect(halted(client)).toBe(true);
    releaseAll();
    await until('it is open', () => gateOf(client) === 'open');
  });

  it('that was missed is caught up with from the facts behind a state reply', async () => {
    const client = await stop();
    const fact = world.plane.release(['ann'], 'acme.shop', ['halt-1'], [command()], true);
    world.plane.will.tail = [fact];
    await client.capabilities();
    await until('it is open', () => gateOf(client) === 'open');
  });
});

describe('the state of an agent', () => {
  it('is kept on a halt and given back on the release', async () => {
    const restored: unknown[] = [];
    const client = await world.agent({
      preserveState: () => ({ cursor: 42, note: 'half way' }),
      restoreState: (value) => void restored.push(value),
    });
    publish(AGENT);
    await until('it is kept', () => world.log.some((e) => e.event === 'state-preserved'));
    expect(restored).toEqual([]);
    releaseAll();
    await until('it is given back', () => restored.length === 1);
    expect(restored).toEqual([{ cursor: 42, note: 'half way' }]);
    expect(gateOf(client)).toBe('open');
  });

  it('that is too large is refused with a code and stops nothing', async () => {
    const client = await world.agent({ preserveState: () => 'x'.repeat(300_000) });
    publish(AGENT);
    await until('it is refused', () => world.log.some((e) => e.code === 'WRIT-HLT-004'));
    expect(halted(client)).toBe(true);
  });

  it('comes back after a SIGKILL: the agent restarts halted and goes on after the release', async () => {
    const first = await startChild();
    publish(AGENT);
    await first.hears((m) => m['log'] === 'state-preserved');
    await first.stop();
    const second = await startChild();
    expect(second.first).toMatchObject({ ready: 'closed' });
    await second.hears((m) => m['halted'] === true);
    releaseAll();
    await second.hears((m) => m['released'] === true);
    expect(second.heard.find((m) => 'restored' in m)).toEqual({ restored: { step: 3 } });
    await second.stop();
  });
});

describe('the lease', () => {
  it('closes the gate and aborts the running call within 1.5 s of losing the plane', async () => {
    const client = await world.agent();
    let reason: unknown;
    const running = client.execute(await permitted(client), async (_, { signal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      reason = signal.reason;
    });
    await until('it runs', () => client.status().running === 1);
    await sleep(600);
    world.plane.will.leases = false;
    world.plane.will.answerState = false;
    const lost = Date.now();
    await until('it is closed', () => gateOf(client) === 'closed', 3000);
    expect(Date.now() - lost).toBeLessThan(1700);
    await running;
    expect(Date.now() - lost).toBeLessThan(1800);
    expect(reason).toMatchObject({ code: 'WRIT-ENF-002' });
    expect(await client.execute(await permitted(client), () => 1, { timeoutMs: 200 })).toMatchObject({
      code: 'WRIT-ENF-002',
    });
  });

  it('that names a halt position not seen here closes the gate until the state is read', async () => {
    const client = await world.agent();
    world.plane.will.answerState = false;
    world.plane.moveHaltPosition();
    await until('it is closed', () => gateOf(client) === 'closed', 1200);
    world.plane.will.answerState = true;
    await until('it is open', () => gateOf(client) === 'open');
  });
});

describe('a lost connection', () => {
  it('closes the gate; it opens after the reconnect, when the state has been read again', async () => {
    const client = await world.agent();
    await world.server.kill();
    await until('it is closed', () => gateOf(client) === 'closed', 500);
    world.plane.will.answerState = false;
    await world.server.restart();
    await until('it is connected', () => client.status().connected, 5000);
    await sleep(700);
    expect(gateOf(client)).toBe('closed');
    world.plane.will.answerState = true;
    await until('it is open', () => gateOf(client) === 'open');
  });

  it('does not lose a halt recorded meanwhile', async () => {
    const client = await world.agent();
    await world.server.kill();
    await until('it is closed', () => gateOf(client) === 'closed', 500);
    world.plane.engage('ann', 'acme.shop');
    await world.server.restart();
    await until('it is halted', () => halted(client));
    expect(gateOf(client)).toBe('closed');
  });
});

describe('a paused process', () => {
  it('stopped by SIGSTOP and continued keeps its gate closed until a fresh state reply', async () => {
    const child = await startChild();
    expect(child.first).toEqual({ ready: 'open' });
    child.process.kill('SIGSTOP');
    await sleep(2500);
    world.plane.will.answerState = false;
    child.process.kill('SIGCONT');
    for (let n = 0; n < 8; n++) {
      expect(await child.gate()).toBe('closed');
      await sleep(100);
    }
    world.plane.will.answerState = true;
    await until('it is asked', () => world.plane.seen.states > 1);
    await sleep(1500);
    expect(await child.gate()).toBe('open');
    await child.stop();
  });
});

type Heard = Record<string, unknown>;

/** An agent in a process of its own; it runs the built package (`npm test` builds first). */
const startChild = async () => {
  const path = fileURLToPath(new URL('./peer/agent-process.mjs', import.meta.url));
  const child: ChildProcess = fork(path, { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const heard: Heard[] = [];
  child.on('message', (message: Heard) => void heard.push(message));
  const { key, ...credentials } = world.credentials();
  child.send({ credentials, jwk: exportPrivateJwk(key) });
  const hears = async (accept: (m: Heard) => boolean): Promise<Heard> => {
    await until('the process says so', () => heard.some(accept), 15_000);
    return heard.find(accept) as Heard;
  };
  const first = await hears((m) => 'ready' in m);
  return {
    process: child,
    heard,
    first,
    hears,
    gate: async () => {
      const before = heard.length;
      child.send({ ask: 'gate' });
      await until('the process answers', () => heard.slice(before).some((m) => 'gate' in m));
      return heard.slice(before).find((m) => 'gate' in m)?.['gate'];
    },
    stop: async () => {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
};
