// Agents and people attack the bus of a real nats-server. Each attack looks at the world afterwards, sees the refusal counted, and
// does the lawful counterpart in the same test, so that it could fail.
import { inboxOf, isInboxOf } from '@writ/contracts';
import { expect, test } from 'vitest';
import { BOT, DECISIONS, decisionLedger, each, GATE, listen, OTHER, settled, useBus } from './bus-world.js';

const { as, attempt, refusals, world } = useBus();

test('an agent publishes nothing under the name of another agent', async () => {
  const [bot, decision] = [await as(BOT), await as('decision')];
  const heard = listen(decision, 'gov.intent.acme.*.*.*');
  await decision.flush();
  const before = await world();

  const kinds = ['intent', 'receipt', 'outcome', 'state', 'preserve', 'ack'];
  const forged = kinds.map((kind) => [`gov.${kind}.${OTHER}`] as const);
  expect(await attempt(bot, BOT, forged)).toEqual(forged.map(([subject]) => `publish ${subject}`));
  expect(await world()).toEqual(before);
  expect(heard.heard).toEqual([]);

  expect(await attempt(bot, BOT, [[`gov.intent.${BOT}`]], 'mine')).toEqual([]);
  expect(heard.heard).toEqual([`gov.intent.${BOT} mine`]);
  expect(await world()).toEqual({ ...before, GOV_INTENTS: (before['GOV_INTENTS'] ?? 0) + 1 });
});

test('an agent, a person and an enforcement point write nothing to the ledger', async () => {
  const before = await world();
  const families = ['decision', 'authority', 'outcome', 'approval', 'conduct', 'stop'];
  const targets = [
    ...families.map((f) => `gov.ledger.${f}.acme.shop.prod`),
    'gov.ledger.registry.acme',
    'gov.checkpoint.acme',
  ];
  for (const name of [BOT, 'dana', GATE]) {
    const attacker = await as(name);
    const refused = await attempt(attacker, name, each(targets));
    expect(refused).toEqual(targets.map((subject) => `publish ${subject}`));
  }
  expect(await world()).toEqual(before);

  const ledger = decisionLedger(await as('decision'));
  const expected = await ledger.lastOf(DECISIONS);
  const stored = await ledger.append({
    subject: DECISIONS,
    expected,
    messages: [{ id: 'a', bytes: Buffer.from('{}') }],
  });
  expect(stored).toEqual({ kind: 'stored', seqs: [(before['GOV_LEDGER'] ?? 0) + 1] });
  await ledger.close();
});

test('an agent halts nobody, not even itself, and its halts reach no agent', async () => {
  const [bot, other, oncall] = [await as(BOT), await as(OTHER), await as('oncall')];
  const heard = ['acme', 'acme.shop', 'acme.shop.prod', OTHER].map((scope) =>
    listen(other, `gov.halt.*.${scope}`),
  );
  await other.flush();
  const before = await world();
  const forged = [
    [`gov.halt.oncall.${OTHER}`],
    ['gov.halt.oncall.acme.shop.prod'],
    [`gov.halt.bot.${BOT}`],
    ['gov.halt.svc-decision.acme'],
  ] as const;
  expect(await attempt(bot, BOT, forged)).toEqual(forged.map(([subject]) => `publish ${subject}`));
  expect(await world()).toEqual(before);
  expect(heard.flatMap((h) => h.heard)).toEqual([]);

  expect(await attempt(oncall, 'oncall', [['gov.halt.oncall.acme.shop.prod']], '{"reason":"test"}')).toEqual(
    [],
  );
  expect(heard.flatMap((h) => h.heard)).toEqual(['gov.halt.oncall.acme.shop.prod {"reason":"test"}']);
  expect(await world()).toEqual({ ...before, GOV_HALTS: (before['GOV_HALTS'] ?? 0) + 1 });
});

test('a forged reply subject puts nothing onto a captured subject: not by the server, not by a service', async () => {
  const [bot, decision] = [await as(BOT), await as('decision')];
  const answered: (string | undefined)[] = [];
  decision.subscribe('gov.intent.acme.*.*.*', {
    callback: (_error, message) => {
      answered.push(message.reply);
      message.respond('answer');
    },
  });
  await decision.flush();
  const before = await world();
  const replies = ['gov.halt.oncall.acme', 'gov.ledger.authority.acme.shop.prod', `gov.intent.${OTHER}`];
  const service = refusals('decision').length;
  await attempt(
    bot,
    BOT,
    replies.map((reply) => [`gov.intent.${BOT}`, reply] as const),
  );
  await decision.flush();
  await settled();
  expect(answered).toEqual(replies);
  expect(refusals('decision').slice(service)).toEqual(replies.map((reply) => `publish ${reply}`));
  expect(await world()).toEqual({ ...before, GOV_INTENTS: (before['GOV_INTENTS'] ?? 0) + replies.length });
  expect(isInboxOf(BOT, `${inboxOf(OTHER)}.x`)).toBe(false);

  const answer = await bot.request(`gov.intent.${BOT}`, 'mine', { timeout: 2000 });
  expect(answer.string()).toBe('answer');
});

test('an agent hears its own inbox and its own halts, and nothing else', async () => {
  const [bot, other, decision, oncall] = [
    await as(BOT),
    await as(OTHER),
    await as('decision'),
    await as('oncall'),
  ];
  const killSwitch = await as('kill-switch');
  const foreign = [
    `${inboxOf(OTHER)}.>`,
    '_INBOX.>',
    '>',
    'gov.>',
    'gov.intent.>',
    `gov.intent.${BOT}`,
    'gov.ledger.>',
    'gov.halt.>',
    `gov.halt.*.${OTHER}`,
    'gov.halt.*.acme.shop.prod.*',
    'gov.lease.acme.shop.test',
    'gov.notice.>',
    '$JS.>',
    '$SYS.>',
    'gov.vote.acme.*',
    '_INBOX.decision.>',
  ];
  const ears = foreign.map((subject) => listen(bot, subject));
  const own = [`${inboxOf(BOT)}.>`, 'gov.halt.*.acme.shop', 'gov.lease.acme.shop.prod'].map((s) =>
    listen(bot, s),
  );
  const others = listen(other, `${inboxOf(OTHER)}.>`);
  await Promise.all([bot.flush(), other.flush()]);
  await settled();
  expect(ears.map((ear) => ear.refused())).toEqual(foreign.map(() => true));
  expect(refusals(BOT).slice(-foreign.length)).toEqual(foreign.map((subject) => `subscribe ${subject}`));

  decision.publish(`${inboxOf(OTHER)}.1`, 'for the other');
  decision.publish(`${inboxOf(BOT)}.1`, 'for the bot');
  oncall.publish(`gov.halt.oncall.${OTHER}`, 'other');
  oncall.publish('gov.halt.oncall.acme.shop', 'all');
  killSwitch.publish('gov.lease.acme.shop.prod', 'lease');
  await Promise.all([decision.flush(), oncall.flush(), killSwitch.flush()]);
  await settled();
  expect(ears.flatMap((ear) => ear.heard)).toEqual([]);
  expect(others.heard).toEqual([`${inboxOf(OTHER)}.1 for the other`]);
  expect(own.flatMap((ear) => ear.heard)).toEqual([
    `${inboxOf(BOT)}.1 for the bot`,
    'gov.halt.oncall.acme.shop all',
    'gov.lease.acme.shop.prod lease',
  ]);
});

test('an enforcement point hears the halts of every agent of its environment and sends no intents', async () => {
  const [gate, oncall] = [await as(GATE), await as('oncall')];
  const heard = listen(gate, 'gov.halt.*.acme.shop.prod.*');
  const wider = listen(gate, 'gov.halt.*.acme.shop.test.*');
  await gate.flush();
  const before = await world();
  expect(await attempt(gate, GATE, [[`gov.intent.${GATE}`], [`gov.receipt.${BOT}`]])).toEqual([
    `publish gov.intent.${GATE}`,
    `publish gov.receipt.${BOT}`,
  ]);
  expect(await world()).toEqual(before);
  expect(await attempt(gate, GATE, [[`gov.receipt.${GATE}`]])).toEqual([]);
  await attempt(
    oncall,
    'oncall',
    [[`gov.halt.oncall.${BOT}`], ['gov.halt.oncall.acme.shop.test.bot']],
    'stop',
  );
  expect([heard.heard, wider.heard, wider.refused()]).toEqual([[`gov.halt.oncall.${BOT} stop`], [], true]);
});

const API = [
  'INFO',
  'STREAM.LIST',
  'STREAM.INFO.GOV_LEDGER',
  'STREAM.CREATE.EVIL',
  'STREAM.UPDATE.GOV_LEDGER',
  'STREAM.DELETE.GOV_LEDGER',
  'STREAM.PURGE.GOV_HALTS',
  'STREAM.MSG.GET.GOV_LEDGER',
  'STREAM.MSG.DELETE.GOV_LEDGER',
  'DIRECT.GET.GOV_LEDGER',
  'DIRECT.GET.GOV_LEDGER.gov.ledger.registry.acme',
  'CONSUMER.CREATE.GOV_LEDGER.evil',
  'CONSUMER.LIST.GOV_LEDGER',
  'CONSUMER.MSG.NEXT.GOV_LEDGER.evil',
].map((name) => `$JS.API.${name}`);

test('agents, people and readers have no JetStream API at all', async () => {
  const before = await world();
  for (const name of [BOT, GATE, 'dana', 'ada', 'read-model']) {
    const attacker = await as(name);
    const refused = await attempt(
      attacker,
      name,
      API.map((subject) => [subject, 'gov.halt.oncall.acme'] as const),
      '{"seq":1}',
    );
    expect(refused).toEqual(API.map((subject) => `publish ${subject}`));
    await expect(attacker.request('$JS.API.STREAM.INFO.GOV_LEDGER', '', { timeout: 500 })).rejects.toThrow(
      /[Pp]ermission/,
    );
  }
  expect(await world()).toEqual(before);
  const decision = await as('decision');
  const info = await decision.request('$JS.API.STREAM.INFO.GOV_LEDGER', '', { timeout: 2000 });
  expect(info.json<{ config: { name: string } }>().config.name).toBe('GOV_LEDGER');
});

test('a person halts, votes and commands under no other name, in no other scope and in no other organisation', async () => {
  const [oncall, killSwitch] = [await as('oncall'), await as('kill-switch')];
  const halts = ['gov.halt.*.acme', 'gov.halt.*.acme.>'].map((subject) => listen(killSwitch, subject));
  await killSwitch.flush();
  const before = await world();
  const forged = [
    'gov.halt.dana.acme.shop',
    'gov.halt.svc-anomaly.acme.shop',
    'gov.halt.oncall.acme',
    'gov.halt.oncall.acme.billing',
    'gov.halt.oncall.globex',
    'gov.halt.oncall.globex.shop',
    'gov.halt.oncall.acme-shop.x',
    'gov.vote.acme.dana',
    'gov.vote.globex.oncall',
    'gov.command.registry.acme.dana',
    'gov.command.kill-switch.globex.oncall',
    'gov.command.registry.acme.root',
    'gov.notice.acme.shop.prod',
    'gov.lease.acme.shop.prod',
  ].map((subject) => [subject] as const);
  expect(await attempt(oncall, 'oncall', forged)).toEqual(forged.map(([subject]) => `publish ${subject}`));
  expect(await world()).toEqual(before);
  expect(halts.flatMap((h) => h.heard)).toEqual([]);

  const lawful = ['gov.halt.oncall.acme.shop', 'gov.halt.oncall.acme.shop.prod', `gov.halt.oncall.${BOT}`];
  const rest = ['gov.vote.acme.oncall', 'gov.command.kill-switch.acme.oncall'];
  expect(await attempt(oncall, 'oncall', each([...lawful, ...rest]), 'stop')).toEqual([]);
  expect(halts.flatMap((h) => h.heard)).toEqual(lawful.map((subject) => `${subject} stop`));
  expect(await world()).toEqual({ ...before, GOV_HALTS: (before['GOV_HALTS'] ?? 0) + lawful.length });
});

test('a halt sent as a request is answered into the inbox of the person', async () => {
  const [oncall, killSwitch] = [await as('oncall'), await as('kill-switch')];
  killSwitch.subscribe('gov.halt.*.acme.>', {
    callback: (_error, message) => void message.respond('recorded'),
  });
  await killSwitch.flush();
  const answer = await oncall.request('gov.halt.oncall.acme.shop.prod', '', { timeout: 2000 });
  expect(answer.string()).toBe('recorded');
});
