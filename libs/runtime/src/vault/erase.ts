// Owns destruction in the vault, as the eraser's role: keys and disclosures of one order in one transaction, once. It reads no box.
import type { ErasedData, ErasureTarget, HoldTarget, RetentionDueData } from '@writ/contracts';
import type { PostgresPool } from '../postgres/connect.js';

/** What to destroy: a target, or all of a class whose retention has ended. */
export type ErasureScope = ErasureTarget | ({ readonly kind: 'retention' } & RetentionDueData);

/** `held`: some of it must be kept, so nothing of it was touched. */
export type ErasureOutcome =
  | ({ readonly kind: 'erased' } & Omit<ErasedData, 'order'>)
  | { readonly kind: 'held' };

/** Destroys by order. */
export interface VaultEraser {
  /**
   * Destroys what the order names, in one transaction with its record: the same order again gives the same counts and touches
   * nothing. A target of which anything is held is left whole; a retention sweep goes around what is held.
   */
  erase(order: string, what: ErasureScope, holds: readonly HoldTarget[]): Promise<ErasureOutcome>;
  /** Whether a hold covers anything of the target, as only the vault can tell. */
  isHeld(what: ErasureScope, holds: readonly HoldTarget[]): Promise<boolean>;
  /** The retention classes of which something is past its time and not held. */
  due(before: string, holds: readonly HoldTarget[]): Promise<readonly string[]>;
}

/** A condition and its values. Values are numbered on from those of the query before it. */
type Condition = { readonly where: string; readonly values: readonly unknown[] };
type From = (n: number) => string;

/** `$n` of the values that follow `before` others. */
const after =
  (before: readonly unknown[]): From =>
  (n) =>
    `$${before.length + n}`;

/** What a hold covers. */
const held = (holds: readonly HoldTarget[], $: From): Condition => ({
  where: `(coalesce(e.agent = any(${$(1)}::text[])
      or exists (select 1 from unnest(${$(1)}::text[]) s where starts_with(e.agent, s || '.')), false)
    or coalesce(e.subject = any(${$(2)}::text[]), false) or coalesce(e.intent = any(${$(3)}::text[]), false))`,
  values: [
    holds.flatMap((hold) => (hold.kind === 'scope' ? [hold.scope] : [])),
    holds.flatMap((hold) => (hold.kind === 'subject' ? [hold.subject] : [])),
    holds.flatMap((hold) => (hold.kind === 'intent' ? [hold.intentId] : [])),
  ],
});

/** The entries of a target. */
const entriesOf = (what: ErasureScope): Condition => {
  switch (what.kind) {
    case 'agent-month':
      return { where: 'e.agent = $1 and e.month = $2', values: [what.agent, what.month] };
    case 'subject':
      return { where: 'e.subject = $1', values: [what.subject] };
    case 'intent':
      return { where: 'e.intent = $1', values: [what.intentId] };
    case 'retention':
      return {
        where: 'e.retention_class = $1 and e.erase_after <= $2::timestamptz',
        values: [what.class, what.before],
      };
  }
};

/** The keys that go whether or not an entry is left to them: none for a target that shares its keys with others. */
const keysOf = (what: ErasureScope): Condition => {
  switch (what.kind) {
    case 'agent-month':
      return { where: 'k.agent = $1 and k.month = $2', values: [what.agent, what.month] };
    case 'subject':
      return { where: 'k.subject = $1', values: [what.subject] };
    default:
      return { where: 'false', values: [] };
  }
};

const RECORD = `insert into vault.erasure (order_id, keys, disclosures, digest)
select $1, $2, count(*), encode(sha256(convert_to(coalesce(string_agg(digest || E'\\n', '' order by digest collate "C"), ''), 'UTF8')), 'base64')
from vault.erased where order_id = $1
returning keys, disclosures, digest`;
const KNOWN = 'select keys, disclosures, digest from vault.erasure where order_id = $1';

/** A key got a new entry, or somebody else was faster: look again. */
const AGAIN: readonly string[] = ['23503', '23505', '40001', '40P01'];
const TRIES = 8;

/** The eraser on a pool of its role (`prepareVault`). */
export function createVaultEraser(pool: PostgresPool): VaultEraser {
  return {
    async erase(order, what, holds) {
      for (let left = TRIES; ; left -= 1) {
        try {
          return await inOneGo(pool, order, what, holds);
        } catch (error) {
          if (left <= 1 || !AGAIN.includes((error as { code?: string }).code ?? '')) throw error;
        }
      }
    },
    isHeld: (what, holds) => isHeld(pool, what, holds),
    async due(before, holds) {
      const kept = held(holds, after([before]));
      const text = `select distinct e.retention_class as name from vault.entry e
        where e.erase_after <= $1::timestamptz and e.retention_class is not null and not ${kept.where}`;
      const { rows } = await pool.query<{ name: string }>(text, [before, ...kept.values]);
      return rows.map(({ name }) => name).sort();
    },
  };
}

type Client = Pick<PostgresPool, 'query'>;
type Recorded = { readonly keys: string; readonly disclosures: string; readonly digest: string };

async function inOneGo(
  pool: PostgresPool,
  order: string,
  what: ErasureScope,
  holds: readonly HoldTarget[],
): Promise<ErasureOutcome> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    const known = (await client.query<Recorded>(KNOWN, [order])).rows[0];
    const blocked = known === undefined && what.kind !== 'retention' && (await isHeld(client, what, holds));
    const done = known ?? (blocked ? undefined : await destroy(client, order, what, holds));
    await client.query('commit');
    client.release();
    return done === undefined ? { kind: 'held' } : erased(done);
  } catch (error) {
    client.release(true);
    throw error;
  }
}

async function isHeld(client: Client, what: ErasureScope, holds: readonly HoldTarget[]): Promise<boolean> {
  if (holds.length === 0) return false;
  const target = entriesOf(what);
  const kept = held(holds, after(target.values));
  const text = `select 1 from vault.entry e where ${target.where} and ${kept.where} limit 1`;
  return (await client.query(text, [...target.values, ...kept.values])).rows.length > 0;
}

/** A writer that is about to use one of these keys waits, and then makes itself a new one: it cannot keep the erasure from its end. */
async function lockKeys(client: Client, what: ErasureScope): Promise<void> {
  const [owned, target] = [keysOf(what), entriesOf(what)];
  const used = `k.id in (select e.key_id from vault.entry e where ${target.where})`;
  for (const { where, values } of [owned, { ...target, where: used }])
    await client.query(`select 1 from vault.data_key k where ${where} order by k.id for update`, [...values]);
}

async function destroy(
  client: Client,
  order: string,
  what: ErasureScope,
  holds: readonly HoldTarget[],
): Promise<Recorded> {
  await lockKeys(client, what);
  const used = await deleteEntries(client, order, what, holds);
  const keys = keysOf(what);
  const unused = `k.id = any(${after(keys.values)(1)}::uuid[])
    and not exists (select 1 from vault.entry e where e.key_id = k.id)`;
  const deleted = await client.query(`delete from vault.data_key k where ${keys.where} or ${unused}`, [
    ...keys.values,
    used,
  ]);
  return (await client.query<Recorded>(RECORD, [order, deleted.rowCount ?? 0])).rows[0] as Recorded;
}

/** Deletes and lists; resolves with the keys that were used. */
async function deleteEntries(
  client: Client,
  order: string,
  what: ErasureScope,
  holds: readonly HoldTarget[],
): Promise<readonly string[]> {
  const target = entriesOf(what);
  const kept = held(what.kind === 'retention' ? holds : [], after(target.values));
  const values = [...target.values, ...kept.values];
  const text = `with gone as (
      delete from vault.entry e where ${target.where} and not ${kept.where} returning digest, key_id
    ), listed as (
      insert into vault.erased (digest, order_id) select digest, ${after(values)(1)}::text from gone
    ) select distinct key_id from gone`;
  const { rows } = await client.query<{ key_id: string }>(text, [...values, order]);
  return rows.map((row) => row.key_id);
}

const erased = ({ keys, disclosures, digest }: Recorded): ErasureOutcome => ({
  kind: 'erased',
  keys: Number(keys),
  disclosures: { count: Number(disclosures), digest: Buffer.from(digest, 'base64').toString('base64url') },
});

/** The order under which a digest is listed as erased. For the reader's role. */
export async function erasedUnder(pool: PostgresPool, digest: string): Promise<string | undefined> {
  const text = 'select order_id from vault.erased where digest = $1';
  return (await pool.query<{ order_id: string }>(text, [digest])).rows[0]?.order_id;
}

/** The sorted digests that an order destroyed: what the digest in its record is over. For the reader's and the eraser's role. */
export async function erasedDigests(pool: PostgresPool, order: string): Promise<readonly string[]> {
  const text = 'select digest from vault.erased where order_id = $1 order by digest collate "C"';
  return (await pool.query<{ digest: string }>(text, [order])).rows.map((row) => row.digest);
}
