// Who is on the bus changes while it runs; names that would be a way into somebody else's subjects cannot be made.
import { createUser } from '@nats-io/nkeys';
import type { NatsConnection } from '@nats-io/transport-node';
import { readRoster, serverConfig } from '@writ/runtime';
import { expect, test } from 'vitest';
import { BOT, GATE, OTHER, settled, useBus } from './bus-world.js';

const { as, attempt, nkeyOf, reload, roster } = useBus();

test('a reload lets a new agent in, interrupts nobody and drops an agent that was removed', async () => {
  const [decision, other, bot] = [await as('decision'), await as(OTHER), await as(BOT)];
  const heard: number[] = [];
  decision.subscribe('gov.intent.acme.*.*.*', {
    callback: (_e, message) => void heard.push(Number(message.string())),
  });
  await decision.flush();
  const disconnects = [decision, bot].map(countDisconnects);
  const fresh = 'acme.shop.prod.fresh';
  nkeyOf(fresh);
  await expect(as(fresh)).rejects.toThrow(/authorization/i);

  let sent = 0;
  const timer = setInterval(() => bot.publish(`gov.intent.${BOT}`, String(sent++)), 1);
  await settled(50);
  await reload(roster([BOT, OTHER, fresh]));
  await settled(50);
  const newcomer = await as(fresh);
  expect(await attempt(newcomer, fresh, [[`gov.intent.${fresh}`]], '-1')).toEqual([]);

  const gone = nextDisconnect(other);
  await reload(roster([BOT, fresh]));
  await gone;
  clearInterval(timer);
  await bot.flush();
  await settled(100);

  expect(disconnects.map((count) => count())).toEqual([0, 0]);
  const stream = heard.filter((n) => n >= 0);
  expect(sent).toBeGreaterThan(20);
  expect(stream).toEqual(Array.from({ length: sent }, (_, n) => n));
  expect(heard).toContain(-1);
  await expect(as(OTHER)).rejects.toThrow(/authorization/i);
  await reload(roster());
});

test('a user named * cannot be made, nor one with the name of the organisation, a service or another', () => {
  const base = roster();
  const person = { nkey: createUser().getPublicKey(), grants: [], haltScopes: [] };
  const names = [
    '*',
    '>',
    'a.b',
    'a b',
    '',
    'A',
    'acme',
    'decision',
    'svc-anomaly',
    'root',
    'dana',
    'ada',
    'x"}',
  ];
  for (const name of names) {
    const bad = { ...base, people: [...base.people, { ...person, person: name }] };
    expect([name, readRoster(bad).kind]).toEqual([name, 'refused']);
    expect(() => serverConfig(bad, { storeDir: '/nowhere' })).toThrow(RangeError);
  }
  const scopes = ['*', 'acme.*.*.*', 'acme.>', 'globex.a.b.c', 'acme.shop.prod', `${BOT}.x`, GATE];
  for (const scope of scopes) {
    const bad = { ...base, agents: [...base.agents, { scope, owner: 'dana', nkey: person.nkey }] };
    expect([scope, readRoster(bad).kind]).toEqual([scope, 'refused']);
  }
  const wide = { ...base, people: [{ ...person, person: 'eve', haltScopes: ['globex'] }] };
  expect(readRoster(wide).kind).toBe('refused');
  expect(readRoster({ ...base, people: [...base.people, { ...person, person: 'eve' }] }).kind).toBe('roster');
});

function countDisconnects(connection: NatsConnection): () => number {
  let count = 0;
  void (async () => {
    for await (const status of connection.status()) if (status.type === 'disconnect') count += 1;
  })();
  return () => count;
}

async function nextDisconnect(connection: NatsConnection): Promise<void> {
  for await (const status of connection.status()) if (status.type === 'disconnect') return;
}
