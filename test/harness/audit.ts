// Judges what a test left behind: the whole ledger through the offline verifier, the read model as rows.
import { connectReadSide, type ReadSidePool } from '@writ/projections';
import { readOrganisation } from '@writ/runtime';
import { type Report, verifyLedger } from '@writ/verifier';
import { expect, it } from 'vitest';
import type { TestPlane } from './plane.js';

/** The roots that the installation has pinned. */
export const rootsOf = (plane: TestPlane) => readOrganisation(plane.paths.orgFile).roots;

/** The verifier's report on everything that the ledger holds now. */
export const auditOf = async (plane: TestPlane): Promise<Report> => {
  const entries = await plane.ledger.all();
  async function* messages() {
    yield* entries;
  }
  return verifyLedger(messages(), { org: 'acme', roots: rootsOf(plane), complete: true });
};

/** The last test of a file: whatever the others did, the record holds together and every action was within its authority. */
export const itLeavesAValidLedger = (plane: () => TestPlane): void => {
  it('leaves a ledger in which every event verifies and no action went beyond its authority', async () => {
    const report = await auditOf(plane());
    expect(report.findings).toEqual([]);
    expect(report).toMatchObject({
      record: { verdict: 'UNANCHORED' },
      authority: { verdict: 'WITHIN', notWithin: [] },
      counts: { junk: 0, void: 0 },
    });
    expect(report.counts.receipts).toBeGreaterThan(0);
  });
};

/** Every row of every table or view of a schema, in a fixed order; the checkpoint's own row left out. */
export const rowsOf = async (
  pool: ReadSidePool,
  schema: string,
): Promise<Record<string, readonly string[]>> => {
  const { rows: tables } = await pool.query<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = $1
     and table_name not like 'migration%' and table_name <> 'checkpoint' order by 1`,
    [schema],
  );
  const all: Record<string, readonly string[]> = {};
  for (const { name } of tables) {
    const { rows } = await pool.query<{ row: string }>(
      `select t::text as row from "${schema}"."${name}" t order by 1`,
    );
    all[name] = rows.map(({ row }) => row);
  }
  return all;
};

/** Resolves when the read model has taken everything that the ledger holds as of the call (10 s). */
export const readModelCaughtUp = async (plane: TestPlane): Promise<void> => {
  const end = (await plane.ledger.all()).length;
  const pool = connectReadSide(plane.databaseUrl, 1);
  try {
    await expect
      .poll(async () => Number((await pool.query('select seq from rm.checkpoint')).rows[0]?.seq ?? 0), {
        timeout: 10_000,
        interval: 50,
      })
      .toBeGreaterThanOrEqual(end);
  } finally {
    await pool.end();
  }
};
