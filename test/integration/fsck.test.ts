// fsck on a plane that runs: nothing on a healthy one, and the very place of what somebody altered behind its back.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashText, readCheckpoint, readNote } from '@writ/crypto';
import { withClient } from '@writ/runtime';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startPlane, type TestPlane } from '../harness/plane.js';
import { runWrit } from '../harness/tampering.js';

type Part = { readonly name: string; readonly state: string; readonly detail: string };
type Report = {
  readonly status: number;
  readonly text: string;
  readonly ledger: { readonly end: number; readonly rootText: string };
  readonly parts: readonly Part[];
  readonly differences: readonly { kind: string; where: string; seq: number | null; what: string }[];
};

const SECRET = 'planted-4111-1111';
let plane: TestPlane;

const fsck = async (env: Readonly<Record<string, string>> = {}): Promise<Report> => {
  const around = { WRIT_HOME: plane.home, WRIT_NATS_URL: plane.natsUrl, ...env };
  const { status, stdout } = await runWrit(around, ['fsck', '--json']);
  return { ...(JSON.parse(stdout) as Omit<Report, 'status' | 'text'>), status, text: stdout };
};

const checkpointFile = () => join(plane.paths.sealerDir, 'checkpoint.txt');
const sealedSize = (): number =>
  existsSync(checkpointFile()) ? Number(readFileSync(checkpointFile(), 'utf8').split('\n')[1]) : 0;

/** Runs a statement as the superuser on the live build, checks that it changed one row, and takes it back afterwards. */
const altered = async <T>(change: string, back: string, look: () => Promise<T>): Promise<T> => {
  const run = (statement: string) =>
    withClient(plane.databaseUrl, async (client) => {
      const { rowCount } = await client.query(statement);
      expect(rowCount, statement).toBe(1);
    });
  await run(change);
  try {
    return await look();
  } finally {
    await run(back);
  }
};

beforeAll(async () => {
  plane = await startPlane({ agents: ['acme.shop.prod.ops'] });
  const ops = await plane.raw('acme.shop.prod.ops');
  await ops.decide({ operation: 'read', resource: `db:shop/${SECRET}` });
}, 60_000);
afterAll(() => plane?.stop());

it('finds nothing on a healthy plane, and has compared every part of it', async () => {
  const end = await plane.ledger.source.end();
  await expect.poll(sealedSize, { timeout: 10_000 }).toBe(end);
  const report = await fsck();
  expect(report).toMatchObject({ status: 0, differences: [], ledger: { end } });
  const note = readCheckpoint(readNote(readFileSync(checkpointFile(), 'utf8'))?.text ?? '');
  expect(report.ledger.rootText).toBe(hashText(note?.root ?? new Uint8Array()));
  expect(report.parts.map(({ state }) => state)).toEqual(report.parts.map(() => 'same'));
  expect(report.parts.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['ledger', 'read model', 'what registry knew', 'what kill-switch knew']),
  );
  expect(report.parts.filter(({ name }) => name.startsWith('checkpoint'))).toHaveLength(2);
});

it('names a row of the read model that was altered in Postgres: its frame, its time, its subject, its absence', async () => {
  const seq = 5;
  const rows = 'rm_v1_b1.events';
  const flip = `update ${rows} set frame = set_byte(frame, 300, get_byte(frame, 300) # 1) where seq = ${seq}`;
  const time = (ms: string) => `update ${rows} set time = ${ms} where seq = ${seq}`;
  const at = (await plane.ledger.all())[seq - 1];
  const frame = await altered(flip, flip, () => fsck());
  expect(frame).toMatchObject({
    status: 4,
    differences: [{ kind: 'read-model-altered', seq, what: 'other frame' }],
  });
  const moved = await altered(time(`'2020-01-01T00:00:00.000Z'`), time(`'${at?.time}'`), () => fsck());
  expect(moved.differences).toMatchObject([{ kind: 'read-model-altered', seq, what: 'other time' }]);
  const away = `update ${rows} set seq = 100000 where seq = ${seq}`;
  const back = `update ${rows} set seq = ${seq} where seq = 100000`;
  const absent = await altered(away, back, () => fsck());
  expect(absent.differences).toMatchObject([{ kind: 'read-model-missing', seq }]);
  expect((await fsck()).status).toBe(0);
});

it('names a checkpoint of the sealer’s folder that was altered: its root, its size, its signature', async () => {
  const text = readFileSync(checkpointFile(), 'utf8');
  const [origin = '', size = '', root = '', ...rest] = text.split('\n');
  const put = async (lines: readonly string[]): Promise<Report> => {
    const changed = lines.join('\n');
    expect(changed).not.toBe(text);
    writeFileSync(checkpointFile(), changed);
    const report = await fsck();
    writeFileSync(checkpointFile(), text);
    return report;
  };
  const where = checkpointFile();
  const otherRoot = `${root.startsWith('A') ? 'B' : 'A'}${root.slice(1)}`;
  const report = await put([origin, size, otherRoot, ...rest]);
  expect(report.status).toBe(4);
  expect(report.differences).toMatchObject([
    { kind: 'checkpoint', where, what: expect.stringContaining('another root') },
  ]);
  const longer = await put([origin, `${Number(size) + 7}`, root, ...rest]);
  expect(longer.differences).toMatchObject([
    { kind: 'checkpoint', where, what: expect.stringContaining('the ledger ends at') },
  ]);
  const unsigned = await put([origin, size, root, 'time 2020-01-01T00:00:00.000Z', ...rest]);
  expect(unsigned.differences).toMatchObject([
    { kind: 'checkpoint', where, what: expect.stringContaining('signed') },
  ]);
});

it('says which part it could not ask, and shows no content of any message', async () => {
  const report = await fsck({ WRIT_API_URL: 'http://127.0.0.1:9' });
  expect(report).toMatchObject({ status: 3, differences: [] });
  expect(report.parts.find(({ name }) => name === 'read model')?.state).toBe('unreachable');
  const database = { WRIT_API_URL: 'http://127.0.0.1:9', WRIT_DATABASE_URL: plane.databaseUrl };
  const direct = await fsck(database);
  expect(direct.status).toBe(0);
  expect(direct.parts.find(({ name }) => name === 'read model')?.detail).toContain('over the database');
  for (const { text } of [report, direct]) expect(text).not.toContain(SECRET);
  const { text } = await altered(
    "update rm_v1_b1.events set frame = frame || decode('0a', 'hex') where seq = 9",
    'update rm_v1_b1.events set frame = substring(frame from 1 for length(frame) - 1) where seq = 9',
    () => fsck(),
  );
  expect(text).toContain('"seq": 9');
  expect(text).not.toContain(SECRET);
});
