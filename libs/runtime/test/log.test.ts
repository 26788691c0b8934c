// The log: one JSON line an event, and nothing private in it.
import { expect, test } from 'vitest';
import { createLogger, type LogLevel } from '../src/index.js';
import { prettyLine } from '../src/log-pretty.js';

function logging(level: LogLevel = 'info') {
  const lines: string[] = [];
  const log = createLogger({
    service: 'decision',
    level,
    stream: { write: (line) => void lines.push(line) },
  });
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown> };
}

test('an event is one line of JSON with level, time, service, event and its ids', () => {
  const { log, lines, last } = logging();
  log.info({ intentId: 'i-1', correlationId: 'c-1', seq: 7 }, 'decision.permitted');
  expect(lines).toHaveLength(1);
  expect(lines[0]?.match(/\n/g)).toHaveLength(1);
  expect(last()).toEqual({
    level: 'info',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]{12}Z$/),
    service: 'decision',
    event: 'decision.permitted',
    intentId: 'i-1',
    correlationId: 'c-1',
    seq: 7,
  });
});

test('the event may stand in the object, and then a text beside it is dropped', () => {
  const { log, lines, last } = logging();
  log.info({ event: 'bus.ready', seq: 1 }, 'free text');
  expect(last()).toMatchObject({ event: 'bus.ready', seq: 1 });
  expect(lines[0]).not.toContain('free text');
  log.warn('bus.gone');
  expect(last()).toMatchObject({ level: 'warn', event: 'bus.gone' });
});

test.each([
  'args',
  'arguments',
  'Arguments',
  'seed',
  'private',
  'privateKey',
  'private_key',
  'd',
  'key',
  'keyMaterial',
  'secret',
  'password',
  'token',
  'disclosure',
  'disclosures',
  'reason',
  'goal',
  'reasoning',
  'prompt',
  'evidence',
  'result',
  'payload',
  'body',
  'frame',
  'salt',
  'state',
  'jwk',
  'kek',
  'databaseUrl',
])('a field named %s is never printed, at any depth, in an array, or bound to a child', (name) => {
  const { log, lines } = logging();
  log.info({ [name]: 'hunter2' }, 'a');
  log.info({ outer: { inner: [{ [name]: { deep: 'hunter2' } }] } }, 'b');
  log.child({ [name]: 'hunter2' }).info('c');
  log.info({ event: 'd', err: Object.assign(new Error('e'), { [name]: 'hunter2' }) });
  expect(lines).toHaveLength(4);
  expect(lines.join('')).not.toContain('hunter2');
});

test('further format arguments are dropped, so that no value slips in through a text', () => {
  const { log, lines } = logging();
  log.info('refund %s', 'hunter2');
  log.info({ seq: 1 }, 'refund %s', 'hunter2');
  expect(lines.join('')).not.toContain('hunter2');
});

test('an error is shown as type, code, message and stack, without the fields that libraries put on it', () => {
  const { log, lines, last } = logging();
  const cause = Object.assign(new Error('inner'), { detail: 'Key (name)=(hunter2) exists' });
  log.error(
    { err: Object.assign(new TypeError('outer', { cause }), { code: '23505', detail: 'hunter2' }) },
    'x.failed',
  );
  log.error(Object.assign(new Error('bare'), { detail: 'hunter2' }));
  log.error({ nested: { failure: Object.assign(new Error('deep'), { detail: 'hunter2' }) } }, 'x.failed');
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    event: 'x.failed',
    err: {
      type: 'TypeError',
      code: '23505',
      message: 'outer',
      stack: expect.any(String),
      cause: { message: 'inner' },
    },
  });
  expect(lines.join('')).not.toContain('hunter2');
  expect(last()).toMatchObject({ nested: { failure: { message: 'deep' } } });
});

test('passwords in addresses, seeds in texts and bytes are not printed, long texts are cut', () => {
  const { log, lines, last } = logging();
  const seed = `SU${'A'.repeat(56)}`;
  log.info({ url: 'postgres://writ:hunter2@db/x', note: `it was ${seed}`, raw: Buffer.from('hunter2') }, 'a');
  log.error(new Error(`connect postgres://writ:hunter2@db ${seed}`));
  log.info({ long: 'x'.repeat(10_000), big: 12n }, 'b');
  expect(lines.join('')).not.toContain('hunter2');
  expect(lines.join('')).not.toContain(Buffer.from('hunter2').toString('base64'));
  expect(lines.join('')).not.toContain(seed);
  expect(String(last()['long']).length).toBeLessThan(600);
  expect(last()['big']).toBe('12');
});

test('levels beneath the set one are not written', () => {
  const { log, lines } = logging('warn');
  log.info('quiet');
  log.warn('loud');
  expect(lines).toHaveLength(1);
});

test('the pretty form shows the fields of the line and nothing else', () => {
  const { log, lines } = logging();
  log.info({ seq: 7, goal: 'hunter2' }, 'decision.permitted');
  const pretty = prettyLine(lines[0] ?? '', false);
  expect(pretty).toMatch(
    /^\d\d:\d\d:\d\d\.\d{3} info {2}decision decision\.permitted seq=7 goal=\[redacted\]$/,
  );
});
