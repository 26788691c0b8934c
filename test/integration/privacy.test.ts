// Private values lie nowhere but in the vault, encrypted: every store, file, log and export of a whole plane is searched for planted ones.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LiveDocumentOf, subjects } from '@writ/contracts';
import { commit, joinMessage } from '@writ/crypto';
import { signLive, withClient } from '@writ/runtime';
import { apiToken, secretFiles } from '@writ/service-read-model';
import { exportLines } from '@writ/verifier';
import { afterAll, describe, expect, it } from 'vitest';
import type { Signed } from '../harness/answer.js';
import { itLeavesAValidLedger, readModelCaughtUp } from '../harness/audit.js';
import { boundary, gate, rule, shopRules } from '../harness/documents.js';
import { filesBeneath, findPlanted, formsOf, tablesOf } from '../harness/planted.js';
import { openedVault, tellPrivately } from '../harness/private.js';
import { ENV, Event, OPS, useShop } from '../harness/shop.js';

// Everything that a service would ever write down.
process.env['WRIT_LOG_LEVEL'] = 'trace';

const CLEAR = 'clear-as-the-boundary-says-8gq2';
const planted = {
  argument: 'planted-argument-value-k3v9',
  subject: 'planted-customer-number-0x77',
  goal: 'planted-goal-text-m4t1',
  alternative: 'planted-alternative-p0q8',
  evidence: 'planted-evidence-value-z7w5',
  reversal: 'planted-reversal-detail-b2n6',
  vote: 'planted-vote-reason-j8h3',
  result: 'planted-result-of-the-action-c5x4',
  fault: 'planted-text-of-an-error-r9d7',
  state: 'planted-preserved-state-u1y2',
  order: 'planted-reason-of-an-erasure-e6f0',
  release: 'planted-reason-of-a-release-g3a8',
} as const;
const SECRETS = Object.values(planted);
const HALT_REASON = 'reason-of-a-halt-in-clear-on-the-bus-5t7';

const read = rule({
  id: 'read-noted',
  resource: 'db:shop/**',
  operations: ['select'],
  effect: 'permit',
  when: 'args.note != "nothing"',
});
const shop = useShop({
  documents: [
    gate('people'),
    boundary('shop', ENV, {
      clear: ['args.rows', 'args.note'],
      dataSubject: 'args.customer',
      retention: { class: 'financial', days: 2555 },
      highStakesGate: 'people',
      rules: [read, ...shopRules.filter(({ id }) => id !== 'read')],
    }),
  ],
});
const folder = mkdtempSync(join(tmpdir(), 'writ-privacy-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const intent = (operation: string) => ({
  action: {
    ...{ tool: 'psql', operation, resource: 'db:shop/orders' },
    args: { rows: 1, note: CLEAR, text: planted.argument, customer: planted.subject },
  },
  reasoning: { goal: planted.goal, alternatives: [planted.alternative], chosen: planted.alternative },
  evidence: [
    { source: 'db:shop/stock', observedAt: new Date().toISOString(), value: { seen: planted.evidence } },
  ],
  reversal: { method: 'compensation' as const, details: { how: planted.reversal } },
});

const vote = async (opened: Signed): Promise<void> => {
  const { bob } = shop();
  const { committed, disclosures } = commit({ reason: planted.vote });
  const shown = (field: string) => String(opened.data[field]);
  const data: LiveDocumentOf<'vote'>['data'] = {
    environment: ENV,
    intentId: shown('intentId'),
    intentDigest: shown('intentDigest'),
    boundaryDigest: shown('boundaryDigest'),
    obligedDigest: shown('obligedDigest'),
    choice: 'approve',
    nonce: 'AAAAAAAAAAAAAAAAAAAAAA',
    reason: committed,
    expires: new Date(Date.now() + 60_000).toISOString(),
  };
  const subject = subjects.vote('acme', 'bob');
  const answer = await bob.send(
    subject,
    joinMessage(signLive('vote', subject, data, bob.key).bytes, disclosures),
  );
  expect(answer.first.type).toBe(Event.voted);
};

type Action = LiveDocumentOf<'command'>['data']['action'];
const tell = (service: 'registry' | 'kill-switch', action: Action, disclosures: readonly string[]) =>
  tellPrivately(shop().alice, service, action, disclosures);

/** An action with everything private in it, one that a person approves, one that fails, a halt with a state, a release. */
const live = async (): Promise<void> => {
  const { plane, oncall } = shop();
  const client = await plane.agent(OPS, { preserveState: () => ({ memory: planted.state }) });
  const permitted = await client.authorize(intent('select'));
  if (permitted.kind !== 'permitted') throw new Error(JSON.stringify(permitted));
  const done = await client.execute(permitted.handle, async () => ({ rows: planted.result }));
  expect(done.kind).toBe('executed');
  const failing = await client.authorize(intent('select'));
  if (failing.kind !== 'permitted') throw new Error(failing.kind);
  const thrown = client.execute(failing.handle, async () => {
    throw new Error(planted.fault);
  });
  await expect(thrown).rejects.toThrow(planted.fault);
  const waiting = await client.authorize(intent('drop'));
  expect(waiting.kind).toBe('escalated');
  const opened = await plane.ledger.until((e) => e.document.type === Event.opened, 'the gate');
  await vote(opened.document);
  const [fact] = await oncall.haltRequest(OPS, JSON.stringify({ reason: HALT_REASON }));
  await plane.ledger.until((e) => e.document.type === 'writ.stop.state-preserved.v1', 'the state');
  const { committed, disclosures } = commit({ reason: planted.release });
  const halts = [String((fact as Signed).data['halt'])];
  const released = await tell(
    'kill-switch',
    { do: 'release', scope: OPS, halts, reason: committed },
    disclosures,
  );
  expect(released.first.type).toBe(Event.released);
  await client.close();
};

const order = async (): Promise<void> => {
  const reason = commit({ reason: planted.order });
  const subject = commit({ subject: planted.subject });
  const hold = {
    do: 'place-hold',
    target: { kind: 'subject', subject: subject.committed },
    reason: reason.committed,
  };
  const held = await tell('registry', hold as Action, [...reason.disclosures, ...subject.disclosures]);
  expect(held.first.type).toBe('writ.registry.legal-hold-placed.v1');
};

const exportsOf = async (): Promise<void> => {
  const { plane } = shop();
  await readModelCaughtUp(plane);
  const entries = await plane.ledger.all();
  async function* messages() {
    yield* entries;
  }
  let text = '';
  const header = { org: 'acme', from: 1, to: entries.length, messages: entries.length };
  for await (const line of exportLines(messages(), header)) text += `${line}\n`;
  writeFileSync(join(folder, 'export.ndjson'), text);
  const { httpPort } = JSON.parse(readFileSync(plane.paths.runFile('read-model'), 'utf8')) as {
    httpPort: number;
  };
  const authorization = `Bearer ${apiToken(secretFiles(plane.paths).token)}`;
  for (const path of [
    '/v1/export',
    '/v1/actions',
    '/v1/gates',
    '/v1/registry',
    '/v1/halts',
    `/v1/agents/${OPS}`,
  ]) {
    const answer = await fetch(`http://127.0.0.1:${httpPort}${path}`, { headers: { authorization } });
    expect(answer.status, path).toBe(200);
    writeFileSync(join(folder, `${path.replaceAll('/', '-')}.json`), await answer.text());
  }
};

describe('a plane that has done everything that has private values in it', () => {
  it('has them in the vault, where its own key opens them: they were really sent', async () => {
    await live();
    await order();
    const { plane } = shop();
    const kept = await withClient(plane.databaseUrl, async (client) => {
      const { rows } = await client.query<{ n: number; subjects: number; due: number }>(
        `select count(*)::int n, count(distinct subject)::int subjects, count(erase_after)::int due from vault.entry`,
      );
      return rows[0];
    });
    expect(kept?.n).toBeGreaterThan(15);
    expect(kept?.subjects).toBe(1);
    expect(kept?.due).toBeGreaterThan(15);
    const texts = [...(await openedVault(plane)).values()];
    for (const [what, secret] of Object.entries(planted).filter(
      ([name]) => !['subject', 'fault', 'result'].includes(name),
    ))
      expect(
        texts.some((text) => text.includes(secret)),
        what,
      ).toBe(true);
    // The arguments that name the person are there too; the identifier in the command of the hold is not.
    expect(texts.filter((text) => text.includes(planted.subject)).length).toBe(3);
  });

  it('shows none of them in any file of the installation: NATS, Postgres, logs, ready files, the rest', async () => {
    const { plane } = shop();
    await withClient(plane.databaseUrl, (client) => client.query('checkpoint'));
    const files = [...filesBeneath(plane.home)];
    expect(findPlanted(SECRETS, files)).toEqual([]);
    const seen = findPlanted([CLEAR, OPS, HALT_REASON], files);
    const shows = (text: string, where: RegExp) => seen.some((f) => f.planted === text && where.test(f.at));
    expect(shows(CLEAR, /^nats\/store\//)).toBe(true);
    expect(shows(CLEAR, /^postgres\//)).toBe(true);
    expect(shows(OPS, /^run\/kill-switch\.log$/)).toBe(true);
    // Said in the guide: the reason of a halt is a plain text on the bus, and stays on GOV_HALTS.
    expect(shows(HALT_REASON, /^nats\/store\//)).toBe(true);
    expect(files.some(({ name }) => name === 'run/registry.json')).toBe(true);
  });

  it('shows none of them in any table of any schema, where what is packed is unpacked', async () => {
    const { plane } = shop();
    await readModelCaughtUp(plane);
    const tables = await tablesOf(plane.databaseUrl);
    expect(findPlanted(SECRETS, tables)).toEqual([]);
    expect(tables.map(({ name }) => name)).toEqual(expect.arrayContaining(['vault.entry', 'vault.data_key']));
    const clear = findPlanted([CLEAR], tables).map(({ at }) => at);
    expect(clear.length).toBeGreaterThan(0);
    expect(clear.some((name) => name.startsWith('vault.'))).toBe(false);
  });

  it('shows none of them in what it exports and what its API answers', async () => {
    await exportsOf();
    const files = [...filesBeneath(folder)];
    expect(findPlanted(SECRETS, files)).toEqual([]);
    expect(findPlanted([CLEAR], files).map(({ at }) => at)).toContain('export.ndjson');
  });

  it('would show one that was kept in clear, whatever it is wrapped in: the search finds what is there', async () => {
    const { plane } = shop();
    const secret = planted.argument;
    for (const before of ['', 'x', 'xy']) {
      for (const wrap of ['utf8', 'base64', 'base64url', 'hex'] as const) {
        const bytes = Buffer.from(Buffer.from(`${before}["salt","text","${secret}"]`).toString(wrap));
        const twice = Buffer.from(Buffer.concat([Buffer.from(before), bytes]).toString('base64url'));
        for (const held of wrap === 'hex' ? [bytes] : [bytes, twice])
          expect(findPlanted([secret], [{ name: wrap, bytes: held }]), `${wrap} ${before}`).toHaveLength(1);
      }
    }
    expect(formsOf(secret).length).toBeGreaterThan(6);
    await withClient(plane.databaseUrl, async (client) => {
      await client.query('create table public.leak (t text, b bytea, j jsonb)');
      await client.query('insert into public.leak values ($1, $2, $3)', [
        `${'padding '.repeat(2000)}${planted.goal}`,
        Buffer.from(planted.vote),
        JSON.stringify({ deep: [planted.state] }),
      ]);
    });
    const leaked = findPlanted(SECRETS, await tablesOf(plane.databaseUrl));
    expect(leaked.map(({ planted: text }) => text).toSorted()).toEqual(
      [planted.goal, planted.vote, planted.state].toSorted(),
    );
    await withClient(plane.databaseUrl, (client) => client.query('drop table public.leak'));
  });
});

itLeavesAValidLedger(() => shop().plane);
