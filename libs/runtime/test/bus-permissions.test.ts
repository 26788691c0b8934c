// The lists of ARCHITECTURE §4, written out: whoever changes what somebody may do on the bus changes this file too.
import { createUser } from '@nats-io/nkeys';
import { parseSubject, Services } from '@writ/contracts';
import { expect, test } from 'vitest';
import {
  agentPermissions,
  busUsers,
  enforcementPointPermissions,
  personPermissions,
  type Roster,
  readerPermissions,
  readViolation,
  readViolations,
  serverConfig,
  servicePermissions,
} from '../src/index.js';

const nkey = () => createUser().getPublicKey();
const BOT = 'acme.shop.prod.bot';

const roster: Roster = {
  version: 1,
  org: 'acme',
  bootstrap: nkey(),
  services: Object.fromEntries(Services.map((name) => [name, nkey()])) as Roster['services'],
  agents: [{ scope: BOT, owner: 'dana', nkey: nkey() }],
  enforcementPoints: [{ scope: 'acme.shop.prod.gate', owner: 'dana', nkey: nkey() }],
  people: [{ person: 'dana', nkey: nkey(), grants: [], haltScopes: ['acme.shop', BOT] }],
  auditors: [{ auditor: 'ada', nkey: nkey() }],
};

test('an agent has exactly its six intakes, its inbox, four ancestors, notices and leases', () => {
  expect(agentPermissions(BOT)).toEqual({
    publish: ['intent', 'receipt', 'outcome', 'state', 'preserve', 'ack'].map((kind) => `gov.${kind}.${BOT}`),
    subscribe: [
      `_INBOX.${BOT}.>`,
      'gov.halt.*.acme',
      'gov.halt.*.acme.shop',
      'gov.halt.*.acme.shop.prod',
      `gov.halt.*.${BOT}`,
      'gov.notice.acme.shop.prod',
      'gov.lease.acme.shop.prod',
    ],
  });
});

test('an enforcement point sends no intents and hears every halt beneath its environment', () => {
  const { publish, subscribe } = enforcementPointPermissions('acme.shop.prod.gate');
  expect(publish.some((subject) => subject.startsWith('gov.intent'))).toBe(false);
  expect(subscribe.filter((subject) => subject.startsWith('gov.halt'))).toEqual([
    'gov.halt.*.acme',
    'gov.halt.*.acme.shop',
    'gov.halt.*.acme.shop.prod',
    'gov.halt.*.acme.shop.prod.*',
  ]);
});

test('a person halts the granted scopes under the own name, and hears the own inbox alone', () => {
  expect(personPermissions(roster.people[0]!, 'acme')).toEqual({
    publish: [
      'gov.vote.acme.dana',
      'gov.command.*.acme.dana',
      'gov.halt.dana.acme.shop',
      'gov.halt.dana.acme.shop.>',
      `gov.halt.dana.${BOT}`,
    ],
    subscribe: ['_INBOX.dana.>'],
  });
});

test('a reader asks two services of its own account and has no subject of the plane', () => {
  expect(readerPermissions('ada')).toEqual({
    publish: ['writ.ledger.get', 'writ.ledger.info'],
    subscribe: ['_INBOX.ada.>'],
  });
});

test('each service writes its own families and halts, and hears its own intakes', () => {
  const live = (service: Parameters<typeof servicePermissions>[0]) => {
    const { publish, subscribe } = servicePermissions(service, 'acme');
    return [
      publish.filter((s) => s.startsWith('gov.')),
      subscribe.filter((s) => !s.startsWith('gov.command')),
    ];
  };
  const env = 'acme.*.*';
  expect(live('registry')).toEqual([['gov.ledger.registry.acme'], ['_INBOX.registry.>']]);
  expect(live('decision')).toEqual([
    [
      `gov.ledger.decision.${env}`,
      'gov.halt.svc-decision.acme',
      'gov.halt.svc-decision.acme.>',
      'gov.report.acme.decision',
    ],
    ['_INBOX.decision.>', 'gov.intent.acme.*.*.*'],
  ]);
  expect(live('approval')).toEqual([
    [`gov.ledger.approval.${env}`],
    ['_INBOX.approval.>', 'gov.vote.acme.*'],
  ]);
  expect(live('receipt-ledger')).toEqual([
    [`gov.ledger.authority.${env}`, `gov.ledger.outcome.${env}`, 'gov.report.acme.receipt-ledger'],
    [
      '_INBOX.receipt-ledger.>',
      'gov.receipt.acme.*.*.*',
      'gov.outcome.acme.*.*.*',
      'gov.halt.*.acme',
      'gov.halt.*.acme.>',
      `gov.lease.${env}`,
    ],
  ]);
  expect(live('anomaly-detector')).toEqual([
    [`gov.ledger.conduct.${env}`, 'gov.halt.svc-anomaly.acme', 'gov.halt.svc-anomaly.acme.>'],
    ['_INBOX.anomaly-detector.>', 'gov.report.acme.*'],
  ]);
  expect(live('kill-switch')).toEqual([
    [
      `gov.ledger.authority.${env}`,
      `gov.ledger.stop.${env}`,
      `gov.lease.${env}`,
      `gov.notice.${env}`,
      'gov.report.acme.kill-switch',
    ],
    [
      '_INBOX.kill-switch.>',
      'gov.halt.*.acme',
      'gov.halt.*.acme.>',
      'gov.state.acme.*.*.*',
      'gov.preserve.acme.*.*.*',
      'gov.ack.acme.*.*.*',
    ],
  ]);
  expect(live('sealer')).toEqual([['gov.checkpoint.acme'], ['_INBOX.sealer.>']]);
});

test('a service asks JetStream about the streams that it reads, and about no other', () => {
  const streams = (service: Parameters<typeof servicePermissions>[0]) => [
    ...new Set(servicePermissions(service, 'acme').publish.flatMap((s) => /GOV_[A-Z]+/.exec(s)?.[0] ?? [])),
  ];
  expect(streams('decision')).toEqual(['GOV_LEDGER', 'GOV_INTENTS']);
  expect(streams('kill-switch')).toEqual(['GOV_LEDGER', 'GOV_HALTS']);
  expect(streams('sealer').toSorted()).toEqual(['GOV_CHECKPOINTS', 'GOV_LEDGER']);
  for (const service of ['registry', 'approval', 'receipt-ledger', 'anomaly-detector'] as const)
    expect(streams(service)).toEqual(['GOV_LEDGER']);
});

test('only the bootstrap identity may change a stream, and nobody may delete or purge one', () => {
  const users = busUsers(roster);
  const may = (verb: string) =>
    users.filter((user) => user.permissions.publish.some((s) => s.includes(verb)));
  expect(may('STREAM.CREATE').map((user) => user.name)).toEqual(['bootstrap']);
  expect(may('STREAM.UPDATE').map((user) => user.name)).toEqual(['bootstrap']);
  for (const verb of ['STREAM.DELETE', 'STREAM.PURGE', 'MSG.DELETE', '$JS.ACK', '$SYS', '$JS.API.>'])
    expect(may(verb)).toEqual([]);
});

test('every user has both lists, no user may answer where it is not allowed to, and no list begins with a wildcard', () => {
  const users = busUsers(roster);
  expect(users).toHaveLength(1 + Services.length + 4);
  for (const { permissions } of users) {
    expect(permissions.publish.length).toBeGreaterThan(0);
    expect(permissions.subscribe.length).toBeGreaterThan(0);
    const all = [...permissions.publish, ...permissions.subscribe];
    expect(
      all.filter((subject) => /^[*>]/.test(subject) || subject === '$JS.>' || subject === 'gov.>'),
    ).toEqual([]);
  }
  expect(serverConfig(roster, { storeDir: '/s' })).not.toContain('allow_responses');
});

test('the read model and the auditors are in the account of the readers, and nobody else is', () => {
  const readers = busUsers(roster).filter((user) => user.account === 'READERS');
  expect(readers.map((user) => user.name)).toEqual(['read-model', 'ada']);
});

test('the exact subjects of an agent parse as subjects of that agent', () => {
  for (const subject of agentPermissions(BOT).publish)
    expect(parseSubject(subject)).toMatchObject({ asker: BOT });
});

test('a violation is read from the log with its user, whatever the client calls itself', () => {
  const key = nkey();
  const line = (client: string, rest: string) =>
    `[1] 2026/11/21 03:19:02.217607 [ERR] 127.0.0.1:5 - cid:12 - "${client}" - "PLANE/nkey:${key}" - ${rest}`;
  const other = nkey();
  const lying = `v1" - "PLANE/nkey:${other}" - Publish Violation - Subject "x`;
  expect(readViolation(line(lying, 'Publish Violation - Subject "gov.halt.a.acme"'))).toEqual({
    account: 'PLANE',
    nkey: key,
    kind: 'publish',
    subject: 'gov.halt.a.acme',
  });
  const log = [
    line('v3', 'Publish Violation - Reply "_R_.x"'),
    line('v3', 'Subscription Violation - Subject "gov.>", SID 2'),
    line('v3', 'Slow Consumer'),
  ].join('\n');
  expect(readViolations(log).map(({ kind, subject }) => [kind, subject])).toEqual([
    ['reply', '_R_.x'],
    ['subscribe', 'gov.>'],
  ]);
});
