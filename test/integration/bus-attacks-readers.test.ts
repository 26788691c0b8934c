// Readers attack the bus: any right to read through JetStream in the account of the plane would be a right to write.
import { inboxOf } from '@writ/contracts';
import type { StoredMessage } from '@writ/ledger';
import { createReaderLedger, ReaderSubjects } from '@writ/runtime';
import { expect, test } from 'vitest';
import { BOT, DECISIONS, decisionLedger, each, listen, settled, useBus } from './bus-world.js';

const { as, attempt, world } = useBus();

test('a reader has no stored frame published anywhere but into its own account', async () => {
  const [ada, bot, decision] = [await as('ada'), await as(BOT), await as('decision')];
  const ledger = decisionLedger(decision);
  const messages = [1, 2, 3].map((n) => ({ id: `m${n}`, bytes: Buffer.from(`frame ${n}`) }));
  await ledger.append({ subject: DECISIONS, expected: await ledger.lastOf(DECISIONS), messages });
  const inbox = listen(bot, `${inboxOf(BOT)}.>`);
  await bot.flush();
  const before = await world();
  const targets = [
    DECISIONS,
    'gov.halt.oncall.acme',
    `gov.intent.${BOT}`,
    `${inboxOf(BOT)}.1`,
    '$JS.API.STREAM.DELETE.GOV_LEDGER',
  ];
  const queries = ['{"seq":1}', '{"seq":1,"batch":3}', `{"last_by_subj":"${DECISIONS}"}`];
  for (const query of queries) {
    await attempt(
      ada,
      'ada',
      targets.map((reply) => [ReaderSubjects.get, reply] as const),
      query,
    );
    await attempt(
      ada,
      'ada',
      targets.map((reply) => [ReaderSubjects.info, reply] as const),
      '',
    );
  }
  expect(await world()).toEqual(before);
  expect(inbox.heard).toEqual([]);

  const reader = createReaderLedger(ada, { inboxPrefix: inboxOf('ada') });
  const end = await reader.end();
  expect(end).toBe(before['GOV_LEDGER']);
  expect(Buffer.from((await reader.at(end))?.bytes ?? []).toString()).toBe('frame 3');
  expect(await collect(reader.read(end - 2), 3)).toEqual(['frame 1', 'frame 2', 'frame 3']);
  expect(await reader.at(end + 1)).toBeUndefined();

  // The same right in the account of the plane is a right to write: that is why a reader does not have it.
  await attempt(decision, 'decision', [[DECISIONS]], 'plain');
  await attempt(decision, 'decision', [['$JS.API.DIRECT.GET.GOV_LEDGER', DECISIONS]], `{"seq":${end + 1}}`);
  expect(Buffer.from((await reader.at(end + 2))?.bytes ?? []).toString()).toBe('plain');
  await ledger.close();
});

test('a reader publishes and hears nothing of the plane and nothing of another reader', async () => {
  const [ada, bert] = [await as('ada'), await as('bert')];
  const before = await world();
  const foreign = [
    'gov.ledger.>',
    '>',
    'gov.halt.>',
    `${inboxOf('bert')}.>`,
    '_INBOX.>',
    '_R_.>',
    `${inboxOf(BOT)}.>`,
  ];
  const ears = foreign.map((subject) => listen(ada, subject));
  await ada.flush();
  await settled();
  expect(ears.map((ear) => ear.refused())).toEqual(foreign.map(() => true));
  const targets = [DECISIONS, 'gov.halt.dana.acme', `gov.intent.${BOT}`, `${inboxOf('bert')}.1`, '_R_.x.y'];
  expect(await attempt(ada, 'ada', each(targets))).toEqual(targets.map((s) => `publish ${s}`));
  expect(await world()).toEqual(before);
  const end = await createReaderLedger(bert, { inboxPrefix: inboxOf('bert') }).end();
  expect(end).toBe(before['GOV_LEDGER']);
  expect(ears.flatMap((ear) => ear.heard)).toEqual([]);
});

async function collect(source: AsyncIterable<StoredMessage>, count: number): Promise<string[]> {
  const texts: string[] = [];
  for await (const { bytes } of source) {
    texts.push(Buffer.from(bytes).toString());
    if (texts.length === count) break;
  }
  return texts;
}
