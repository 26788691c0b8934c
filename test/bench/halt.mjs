// A halt to the last of 1,000 connected agents, against a plain core publish to as many plain subscribers.

import { join } from 'node:path';
import { readKeyFile } from '@writ/crypto';
import { addAgent, addPerson, connectBus, signLive } from '@writ/runtime';
import { makeHome, plane, register, registerAll, rssOf, startScript } from './stage.mjs';

const PROCESSES = 4;
/** The two are measured in turns, so that whatever else the machine does meets both. */
const TURNS = 2;
/** Acknowledgements that do not come within this are not waited for, ms. */
const PATIENCE_MS = 10_000;

const nameOf = (n) => `acme.shop.prod.a${n}`;

const startAgents = (mode, home, natsUrl, total) =>
  Promise.all(
    Array.from({ length: PROCESSES }, (_, p) => {
      const folders = Array.from({ length: total / PROCESSES }, (_, n) =>
        join(home, 'agents', nameOf(p * (total / PROCESSES) + n)),
      );
      return startScript('agents.mjs', { mode, folders, natsUrl });
    }),
  );

const nextMessage = (child, key) =>
  new Promise((resolve) => {
    const listen = (message) => {
      if (message?.[key] === undefined) return;
      child.off('message', listen);
      resolve(message[key]);
    };
    child.on('message', listen);
  });

const measure = async (children, rounds, publish, between) => {
  const lasts = [];
  // The first round runs code that is not compiled yet, and does not count.
  for (let n = 0; n <= rounds; n += 1) {
    const heard = children.map((child) => nextMessage(child, 'heard'));
    const start = process.hrtime.bigint();
    publish();
    const all = (await Promise.all(heard)).flat().map((at) => Number(BigInt(at) - start) / 1e6);
    if (n > 0) lasts.push(Math.max(...all));
    await between(start, n);
    // What follows a release (states read again, at most 2.5 s later) is not what is measured.
    await new Promise((resolve) => setTimeout(resolve, 3000));
  }
  return lasts;
};

/** When the last acknowledgement of a halt was answered. */
const acksOf = async (children, halt) => {
  const all = await Promise.all(children.map((child) => nextMessage(child, `acked ${halt}`)));
  return all.map(BigInt).reduce((a, b) => (a > b ? a : b));
};

const end = (children) => {
  for (const child of children) {
    child.removeAllListeners('exit');
    child.kill('SIGKILL');
  }
};

export const haltBench = async ({ quick }) => {
  const total = Number(process.env.BENCH_AGENTS ?? (quick ? 200 : 1000));
  const rounds = quick ? 4 : 10;
  const { home, action, remove } = await makeHome();
  await addPerson(home, {
    person: 'oncall',
    grants: [{ role: 'operator', scope: 'acme' }],
    haltScopes: ['acme'],
  });
  const actions = [];
  for (let n = 0; n < total; n += 1)
    actions.push((await addAgent(home, { agent: nameOf(n), owner: 'alice' })).action);
  const up = await plane(home, ['registry', 'kill-switch']);
  const { natsUrl } = up.servers;
  await register(home, natsUrl, action);
  await registerAll(home, natsUrl, actions);
  const oncall = await connectBus({
    url: natsUrl,
    seedFile: join(home, 'people/oncall/person.nk'),
    inboxPrefix: '_INBOX.oncall',
    name: 'oncall',
  });
  const alice = await connectBus({
    url: natsUrl,
    seedFile: join(home, 'people/alice/person.nk'),
    inboxPrefix: '_INBOX.alice',
    name: 'alice',
  });
  const key = readKeyFile(join(home, 'people/alice/person.jwk'));
  let halts = 0;
  const publish = () => {
    halts += 1;
    oncall.publish('gov.halt.oncall.acme.shop.prod', '{"reason":"bench"}');
  };
  const release = async () => {
    const subject = 'gov.command.kill-switch.acme.alice';
    const act = { do: 'release', scope: 'acme.shop.prod', halts: [`halt-${halts}`], reason: { _sd: [] } };
    for (let tries = 0; tries < 50; tries += 1) {
      const { bytes } = signLive(
        'command',
        subject,
        { action: act, expires: new Date(Date.now() + 60_000).toISOString(), version: 9 },
        key,
      );
      const answer = await alice.request(subject, bytes, { timeout: 10_000 });
      if (!Buffer.from(answer.data).toString().includes('writ.refusal.v1')) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error('the halt could not be released');
  };
  const bare = [];
  const value = [];
  const acknowledged = [];
  const releases = [];
  const memory = {};
  for (let turn = 0; turn < TURNS; turn += 1) {
    const plain = await startAgents('plain', home, natsUrl, total);
    bare.push(...(await measure(plain, rounds / TURNS, publish, release)));
    end(plain);
    const agents = await startAgents('writ', home, natsUrl, total);
    const nextAcks = () => acksOf(agents, `halt-${halts + 1}`);
    let acks = nextAcks();
    const settle = async (start, n) => {
      const back = Promise.all(agents.map((child) => nextMessage(child, 'released')));
      const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
      const last = await Promise.race([acks, patience]);
      if (n > 0) acknowledged.push(last === undefined ? PATIENCE_MS : Number(last - start) / 1e6);
      const asked = performance.now();
      await release();
      if (n > 0) releases.push(performance.now() - asked);
      await back;
      acks = nextAcks();
    };
    value.push(...(await measure(agents, rounds / TURNS, publish, settle)));
    memory['kill-switch (halts)'] = rssOf(up.supervisor.pids().get('kill-switch'));
    memory[`${total / PROCESSES} agents in one process`] = rssOf(agents[0].pid);
    end(agents);
  }
  await oncall.close();
  await alice.close();
  await up.stop();
  remove();
  for (const list of [bare, value, acknowledged, releases]) list.sort((a, b) => a - b);
  const at = (list, part) => list[Math.min(list.length - 1, Math.floor(list.length * part))];
  const round = (n) => Number(n.toFixed(1));
  const row = (name, part) => ({
    what: `halt to the last of ${total} agents, ${name} ms`,
    value: round(at(value, part)),
    bare: round(at(bare, part)),
    ratio: Number((at(value, part) / at(bare, part)).toFixed(2)),
  });
  return {
    rows: [
      { ...row('p99', 0.99), bound: '<= 2' },
      row('p50', 0.5),
      { what: `last of ${total} acknowledgements, p99 ms`, value: round(at(acknowledged, 0.99)) },
      { what: 'release answered, p99 ms', value: round(at(releases, 0.99)) },
    ],
    holds: (_, r) => r <= 2,
    memory,
    value,
    bare,
    acknowledged,
    releases,
  };
};
