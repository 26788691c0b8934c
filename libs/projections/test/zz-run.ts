import { readFileSync } from 'node:fs';
import { startTestPostgres } from '@writ/testing';
import { LEDGER_PAYLOAD_TYPE } from '@writ/contracts';
import { importPublic, openFrameAsync, verifyStrictAsync, readFrame, pae } from '@writ/crypto';
import { startProjector } from '../src/index.js';
import { arraySource } from './source.js';
import { freshDatabase } from './database.js';
import { copyRows, createCopyWriter } from '../src/rows/copy.js';
import { recordColumns, writeEventRow } from '../src/database/record-rows.js';
import { initialJudgeState, judge } from '../src/ledger/judge.js';
import { createOpener } from '../src/ledger/opener.js';
const { roots, keys, messages: raw } = JSON.parse(readFileSync('/tmp/ledger.json', 'utf8'));
const messages = raw.map((m: any) => ({ ...m, bytes: Buffer.from(m.bytes, 'base64') }));
const N = messages.length;
const byKid = new Map(keys.map((k: any) => [k.kid, importPublic(k.x)]));
const server = await startTestPostgres();
const rate = (t0: number) => Math.round(N / ((performance.now() - t0) / 1000));
import { readdirSync } from 'node:fs';
const pgCpu = () => { let t = 0; for (const d of readdirSync('/proc')) { if (!/^\d+$/.test(d)) continue; try { const st = readFileSync('/proc/' + d + '/stat', 'utf8'); const r = st.slice(st.lastIndexOf(')') + 2).split(' '); if (st.includes('(postgres)')) t += Number(r[11]) + Number(r[12]); } catch {} } return t * 10000; };
const sysIdle = () => { const f = readFileSync('/proc/stat', 'utf8').split('\n')[0]!.trim().split(/\s+/).slice(1).map(Number); return [f[3]! + f[4]!, f.reduce((a, b) => a + b, 0)]; };
import { performance as pf } from 'node:perf_hooks';
const measure = async (name: string, f: () => Promise<void>) => { const c = process.cpuUsage(); const g = pgCpu(); const [i0, t0] = sysIdle(); const e0 = pf.eventLoopUtilization(); const t = performance.now(); await f(); const u = process.cpuUsage(c); const [i1, t1] = sysIdle(); const elu = pf.eventLoopUtilization(e0); console.log(name, rate(t), 'cpu us/event', ((u.user + u.system) / N).toFixed(0), 'idle%', (100 * (i1! - i0!) / (t1! - t0!)).toFixed(0), 'elu', elu.utilization.toFixed(2), 'pg', ((pgCpu() - g) / N).toFixed(0)); };
const verifyAll = async () => { let i = 0; await Promise.all(Array.from({ length: 64 }, async () => { while (i < N) { const m = messages[i++]!; const f = readFrame(m.bytes); if (!f.ok) throw 0; if (!await verifyStrictAsync(byKid.get(f.frame.kid) as any, pae(LEDGER_PAYLOAD_TYPE, f.frame.document), f.frame.signature)) throw new Error('x'); } })); };
for (let k = 0; k < 3; k++) {
  if (!process.env.ONLY) {
  await measure('raw verify', verifyAll);
  await measure('raw open', async () => { let i = 0; await Promise.all(Array.from({ length: 64 }, async () => { while (i < N) { const m = messages[i++]!; const o = await openFrameAsync(m.bytes, LEDGER_PAYLOAD_TYPE, (k: string) => byKid.get(k) as any); if (!o.ok) throw new Error('x'); } })); });
  const state = initialJudgeState(roots); const ws: any[] = []; let w: any;
  const opener = createOpener(state.directory);
  await measure('serial judge', async () => { let i = 0; for (const m of messages) { if (i++ % 500 === 0) { w = createCopyWriter(); ws.push(w); } const o = await opener.now(m.bytes); const j = judge(state, m, o as never); writeEventRow(w, j as never); } });
  const db = await freshDatabase(server);
  const c = await db.admin.connect();
  await measure('bare copy', async () => { for (const w of ws) { await c.query('begin; set local synchronous_commit=off'); await copyRows(c, 'rm_v1_b1.events', recordColumns.events, w); await c.query('commit'); } });
  c.release(); await db.close();
  }
  const db2 = await freshDatabase(server);
  let p: any;
  await measure('projector', async () => { p = startProjector({ pool: db2.projector, source: arraySource(messages), roots, window: Number(process.env.WIN ?? 256), batchMessages: Number(process.env.BM ?? 500) }); await p.reached(N, 60000); });
  await p.stop(); await db2.close();
}
await server.stop();
