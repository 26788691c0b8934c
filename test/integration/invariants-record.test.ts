// The invariants of ARCHITECTURE §7 about the record: what a plane wrote verifies, rebuilds and derives again.
import { readFileSync } from 'node:fs';
import { type Intent, LEDGER_PAYLOAD_TYPE, type PermissionBoundary, subjects } from '@writ/contracts';
import {
  canonicalize,
  digestOf,
  type JsonObject,
  type JsonValue,
  type KeyPair,
  link,
  readKeyFile,
  sha256,
  signFrame,
  ZERO_DIGEST,
} from '@writ/crypto';
import { agreesWith, type DecisionData, rederiveVerdict } from '@writ/domain';
import { connectReadSide, rebuild } from '@writ/projections';
import { connectBus, uuidv7 } from '@writ/runtime';
import { databaseCredentials, secretFiles } from '@writ/service-read-model';
import { beforeAll, describe, expect, it } from 'vitest';
import { auditOf, readModelCaughtUp, rootsOf, rowsOf } from '../harness/audit.js';
import { boundary, shopRules } from '../harness/documents.js';
import type { Entry } from '../harness/ledger-view.js';
import { DELETE, DROP, ENV, Event, OPS, READ, SECRET, shopBoundary, useShop } from '../harness/shop.js';

const shop = useShop();

/** The next event of a subject, as its writer would link it: the last one without its agent, under another id. */
const nextAfter = (written: readonly Entry[], key: KeyPair): Uint8Array => {
  const frames = written.map(
    ({ bytes }) => JSON.parse(Buffer.from(bytes).toString('utf8')).signed as JsonObject,
  );
  const digests = frames.map((document) =>
    digestOf(LEDGER_PAYLOAD_TYPE, Buffer.from(canonicalize(document))),
  );
  const { agent: _, agentver: __, agentprev: ___, ...document } = frames.at(-1) as JsonObject;
  const next = {
    ...document,
    id: `${uuidv7()}.conduct.0`,
    ver: Number(document['ver']) + 1,
    prev: digests.reduce(link, ZERO_DIGEST),
  };
  return signFrame(LEDGER_PAYLOAD_TYPE, next, key);
};

const decided = async () => shop().plane.ledger.of(Event.permitted, Event.denied, Event.escalated);

/** A day at the shop: every kind of verdict, a burst that is flagged, a halt, outcomes, a changed boundary, levels 0 and 3. */
beforeAll(async () => {
  const { plane, ops, bob, oncall, alice } = shop();
  const act = async (wanted: typeof READ) => {
    const { first } = await ops.receiptInTime(await ops.decide(wanted));
    if (first.type === Event.issued) await ops.report(first);
  };
  for (let n = 0; n < 5; n += 1) await act(READ);
  await act({ ...SECRET, args: { rows: 1 } });
  for (const choice of ['approve', 'reject'] as const) {
    const intent = await ops.decide(DROP);
    const gate = await plane.ledger.until(
      (e) => e.document.type === Event.opened && e.document.data['intentId'] === intent.id,
      'the gate',
    );
    await bob.vote(gate.document, choice);
    await ops.receiptInTime(intent);
  }
  for (let n = 0; n < 6; n += 1) await act(DELETE);
  await plane.ledger.until((e) => e.document.type === 'writ.conduct.flagged.v1', 'the flag');
  expect((await ops.decide(DELETE)).answer.first.type).toBe(Event.escalated);
  await plane.agent(OPS, { preserveState: () => ({ step: 3 }) });
  const [halt] = await oncall.haltRequest(ENV);
  await ops.decide(READ);
  for (const fact of ['acknowledged', 'state-preserved'])
    await plane.ledger.until((e) => e.document.type === `writ.stop.${fact}.v1`, fact);
  await alice.release(ENV, [String(halt?.data['halt'])]);
  await plane.publish(boundary('shop', ENV, { level: 0, rules: [...shopRules] }));
  await act({ ...SECRET, args: { rows: 1 } });
  await plane.publish(shopBoundary);
  await act(READ);
});

describe('invariant 6: every ledger event verifies under a key valid at its position', () => {
  it('the offline verifier finds nothing in a day of the plane', async () => {
    const report = await auditOf(shop().plane);
    expect(report.findings).toEqual([]);
    expect(report.record.verdict).toBe('UNANCHORED');
    expect(report.authority).toMatchObject({ verdict: 'WITHIN', notWithin: [] });
    expect(report.counts).toMatchObject({ junk: 0, void: 0 });
    for (const [family, events] of Object.entries(report.counts.byFamily))
      expect(events, family).toBeGreaterThan(0);
  });

  it('one changed byte anywhere in the record is found', async () => {
    const { plane } = shop();
    const entries = await plane.ledger.all();
    const at = entries.findIndex((e) => e.document.type === Event.issued);
    const bent = entries.map((e, n) => {
      if (n !== at) return e;
      const bytes = Buffer.from(e.text.replace('"db:shop/orders"', '"db:shop/orderz"'));
      expect(bytes.equals(e.bytes)).toBe(false);
      return { ...e, bytes };
    });
    const report = await auditOf({ ...plane, ledger: { ...plane.ledger, all: async () => bent } });
    expect(report.record.verdict).toBe('INVALID');
    expect(report.findings.length).toBeGreaterThan(0);
  });
});

describe('invariant 7: a rebuilt read model equals the live one', () => {
  it('table by table, row by row, while the live one goes on serving', async () => {
    const { plane, ops } = shop();
    await readModelCaughtUp(plane);
    const admin = connectReadSide(plane.databaseUrl, 1);
    const url = new URL(plane.databaseUrl);
    url.username = 'writ_projector';
    url.password = databaseCredentials(secretFiles(plane.paths).database).projector;
    const pool = connectReadSide(url.toString(), 2);
    try {
      const live = await rowsOf(admin, 'rm');
      expect(live['events']?.length).toBe((await plane.ledger.all()).length);
      const roots = rootsOf(plane).map((root) => ({ org: 'acme', ...root }));
      const projector = { pool, roots, source: plane.ledger.source };
      const built = await rebuild({ adminUrl: plane.databaseUrl, projector, timeoutMs: 20_000 });
      expect(built).toMatchObject({ kind: 'promoted' });
      expect(await rowsOf(admin, 'rm')).toEqual(live);
    } finally {
      await Promise.all([admin.end(), pool.end()]);
    }
    const after = await ops.decide(READ);
    await readModelCaughtUp(plane);
    const { items } = (await plane.api(`/v1/actions?agent=${OPS}&resource=${READ.resource}&last=24h`)) as {
      items: readonly Record<string, unknown>[];
    };
    expect(JSON.stringify(items)).toContain(after.id);
  });
});

describe('invariant 8: every decision, derived again from the ledger, gives the recorded verdict', () => {
  it('from the event, its intent and the boundary that it names, and nothing else', async () => {
    const published = await shop().plane.ledger.of('writ.registry.boundary-published.v1');
    const boundaries = new Map(
      published.map((e) => [String(e.document.data['digest']), e.document.data['boundary']]),
    );
    for (const [digest, document] of boundaries)
      expect(sha256(canonicalize(document as JsonValue))).toBe(digest);
    const seen = new Set<string>();
    for (const { document } of await decided()) {
      const data = document.data as unknown as DecisionData;
      const named = data.boundary === null ? null : boundaries.get(data.boundary.digest);
      const intent = data.intent.signed as unknown as Intent;
      const verdict = rederiveVerdict(data, intent, (named ?? null) as PermissionBoundary | null);
      expect(agreesWith({ type: document.type, data }, verdict), document.id).toBe(true);
      const other = rederiveVerdict(
        { ...data, inputs: { ...data.inputs, halted: !data.inputs.halted } },
        intent,
        (named ?? null) as PermissionBoundary | null,
      );
      seen.add(
        `${document.type}${data.inputs.halted ? ' halted' : ''}${data.codes.includes('would-deny') ? ' would-deny' : ''}`,
      );
      if (document.type === Event.permitted)
        expect(agreesWith({ type: document.type, data }, other)).toBe(false);
    }
    expect(seen).toEqual(
      new Set([
        Event.permitted,
        Event.denied,
        Event.escalated,
        `${Event.denied} halted`,
        `${Event.permitted} would-deny`,
      ]),
    );
  });
});

describe('invariant 6: what must not count has no effect', () => {
  it('a receipt replayed onto its own subject by its own service is junk: nothing changes but a count', async () => {
    const { plane, ops } = shop();
    const [stolen] = await plane.ledger.of(Event.issued);
    const bus = await connectBus({
      url: plane.natsUrl,
      seedFile: plane.paths.natsSeed('receipt-ledger'),
      inboxPrefix: '_INBOX.receipt-ledger',
      name: 'thief',
    });
    bus.publish(subjects.ledger('authority', ENV), stolen?.bytes);
    await bus.flush();
    await bus.close();
    const junk = await plane.ledger.until(
      (e) => e.text === stolen?.text && e.seq !== stolen.seq,
      'the replay',
    );
    expect((await ops.receiptInTime(await ops.decide(READ))).first.type).toBe(Event.issued);
    const report = await auditOf(plane);
    expect(report.counts.junk).toBe(1);
    expect(report.record.findings.filter((f) => f.seq !== junk.seq)).toEqual([]);
    expect(report.authority.verdict).toBe('WITHIN');
  });

  it('an event of a service that lands after the revocation of its key is void, and the service stops', async () => {
    const { plane } = shop();
    const key = readKeyFile(plane.paths.keyFile('anomaly-detector'));
    const [kid] = (await plane.ledger.of('writ.conduct.flagged.v1')).map((e) => e.document.kid);
    expect(kid).toBe(key.kid);
    await plane.change({ do: 'revoke-key', kid: key.kid, reason: 'compromised' });
    // The service itself stops; whoever has stolen its keys writes on in its place.
    const subject = subjects.ledger('conduct', ENV);
    const bus = await connectBus({
      url: plane.natsUrl,
      seedFile: plane.paths.natsSeed('anomaly-detector'),
      inboxPrefix: '_INBOX.anomaly-detector',
      name: 'thief',
    });
    const written = (await plane.ledger.all()).filter((e) => e.subject === subject);
    bus.publish(subject, nextAfter(written, key));
    await bus.flush();
    await bus.close();
    const last = written.at(-1)?.seq ?? 0;
    await plane.ledger.until((e) => e.subject === subject && e.seq > last, 'the void event');
    const report = await auditOf(plane);
    expect(report.counts.void).toBe(1);
    expect(report.findings.filter((f) => f.verdict === 'VOID')).toMatchObject([{ code: 'WRIT-VER-160' }]);
    expect(report.authority.verdict).toBe('WITHIN');
    await expect
      .poll(() => readFileSync(`${plane.paths.runDir}/anomaly-detector.log`, 'utf8'), { timeout: 5_000 })
      .toContain('WRIT-RUN-008');
    const state = await shop().ops.state();
    expect(state.first.data['containment']).not.toBe('watch');
    expect(state.first.data['revokedKeys']).toEqual([kid]);
  });
});
