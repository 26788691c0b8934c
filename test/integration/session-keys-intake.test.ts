// What an intake takes from a session key, and what it refuses: one real plane object, no network.
import { type AgentScope, type LiveKind, subjects } from '@writ/contracts';
import { generateKeyPair, type KeyPair } from '@writ/crypto';
import { openLive, signLive } from '@writ/runtime';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeIntent } from '../harness/asker.js';
import { type QuietPlane, quietPlane } from '../harness/quiet-plane.js';
import { type SessionOptions, sessionOf, type TestSession, underSession } from '../harness/sessions.js';
import { ENV, OPS, PROXY, READ } from '../harness/shop.js';

const OTHER = `${ENV}.other`;
const GONE = `${ENV}.gone`;
const HOUR = 3_600_000;

let quiet: QuietPlane;
let now = Date.now();
beforeAll(async () => {
  const members = { agents: [OPS, OTHER], points: [PROXY], people: [], revoked: [GONE] };
  quiet = await quietPlane('decision', members, { now: () => now, mono: () => performance.now() });
});
afterAll(() => quiet?.stop());

const session = (options: SessionOptions = {}, agent = OPS): TestSession =>
  sessionOf(agent, quiet.key(agent), { at: now, ...options });

const open = (kind: LiveKind, subject: string, bytes: Uint8Array) =>
  openLive(quiet.plane, kind, subject, bytes);

/** An intent of `agent`, signed by a session key, as intake judges it: a code, or the holder of the key. */
const intended = async (by: TestSession, agent: AgentScope = OPS, time = now): Promise<string> => {
  const { bytes } = makeIntent(agent, by.key, READ, { time });
  const opened = await open('intent', subjects.intent(agent), underSession(bytes, by));
  return opened.kind === 'opened' ? opened.key.holder : opened.code;
};

const requested = async (by: TestSession, asker = OPS, time = now): Promise<string> => {
  const subject = subjects.receipt(asker);
  const expires = new Date(now + 30_000).toISOString();
  const id = '01900000-0000-7000-8000-000000000001';
  const data = { intentId: id, agent: OPS, argsDigest: quiet.key(OPS).kid, expires };
  const at = { time: new Date(time).toISOString() };
  const { bytes } = signLive('receipt-request', subject, data, by.key, at);
  const opened = await open('receipt-request', subject, underSession(bytes, by));
  return opened.kind === 'opened' ? opened.key.holder : opened.code;
};

it('opens what a session key signs as its identity key’s, with the certificate, and the disclosures as they are', async () => {
  const by = session();
  const { bytes } = makeIntent(OPS, by.key, READ, { time: now });
  const plain = await open('intent', subjects.intent(OPS), bytes);
  expect(plain).toMatchObject({ kind: 'refused', code: 'WRIT-FRM-005' });
  const opened = await open('intent', subjects.intent(OPS), underSession(bytes, by));
  expect(opened).toMatchObject({
    key: { kid: quiet.key(OPS).kid, role: 'agent', holder: OPS },
    frame: { kid: by.key.kid },
    session: { kid: quiet.key(OPS).kid },
  });
  expect(opened.kind === 'opened' && opened.disclosures.length).toBe(2);
  expect(await requested(session({ role: 'enforcement-point' }, PROXY), PROXY)).toBe(PROXY);
});

it('keeps to its window, and takes nothing dated back long after it but what is stale by itself', async () => {
  const by = session();
  expect(await intended(by, OPS, now - 61_000)).toBe('WRIT-KEY-032');
  expect(await intended(by, OPS, now + HOUR - 1)).toBe(OPS);
  expect(await intended(by, OPS, now + HOUR)).toBe('WRIT-KEY-032');
  const before = now;
  now += HOUR + 100_000;
  expect(await requested(by, OPS, before)).toBe(OPS);
  expect(await requested(by)).toBe('WRIT-KEY-032');
  now += 60_000;
  expect(await requested(by, OPS, before)).toBe('WRIT-KEY-032');
  expect(await intended(by, OPS, before)).toBe(OPS);
  expect(await intended(by)).toBe('WRIT-KEY-032');
});

it('serves its own agent alone: under another one it opens as what it is, and says another subject', async () => {
  const by = session();
  const { bytes } = makeIntent(OTHER, by.key, READ, { time: now });
  const opened = await open('intent', subjects.intent(OTHER), underSession(bytes, by));
  expect(opened.kind === 'opened' && opened.key.holder).toBe(OPS);
  expect(await intended(session({}, OTHER), OTHER)).toBe(OTHER);
  const foreign = sessionOf(OTHER, quiet.key(OPS), { at: now });
  expect(await intended(foreign)).toBe('WRIT-KEY-031');
  expect(await intended(foreign, OTHER)).toBe('WRIT-KEY-031');
  const point = session({ role: 'agent' }, PROXY);
  expect(await requested(point, PROXY)).toBe('WRIT-KEY-031');
});

it('ends with its identity key, and is never a key of the registry', async () => {
  expect(await intended(session({}, GONE), GONE)).toBe('WRIT-FRM-006');
  expect(await intended(sessionOf(OPS, generateKeyPair(), { at: now }))).toBe('WRIT-FRM-005');
  expect(await intended(session({ key: quiet.key(OTHER) }))).toBe('WRIT-KEY-033');
  expect(await intended({ ...session(), key: quiet.key(OPS) })).toBe('WRIT-FRM-005');
  expect(await intended({ ...session(), key: generateKeyPair() })).toBe('WRIT-FRM-005');
});

it('needs an honest certificate', async () => {
  const other = generateKeyPair();
  const forged: readonly SessionOptions[] = [
    { possessor: other },
    { possessor: quiet.key(OPS) as KeyPair },
    { data: { possession: { kid: other.kid, sig: 'A'.repeat(86), signed: {} } } },
    { proofData: { holder: OTHER } },
    { proofData: { x: other.x } },
    { proof: { id: '01900000-0000-7000-8000-000000000009' } },
    { from: 0, to: 24 * 3600 + 1 },
    { role: 'person' },
  ];
  for (const options of forged) expect(await intended(session(options))).toBe('WRIT-KEY-030');
  expect(await intended(session({ from: 0, to: 24 * 3600 }))).toBe(OPS);
});

it('signs nothing but what its holder sends of its own accord', async () => {
  const by = session();
  const subject = subjects.command('decision', 'acme', 'alice');
  const { bytes } = signLive('vote', subject, {} as never, by.key);
  expect(await open('vote', subject, underSession(bytes, by))).toMatchObject({ code: 'WRIT-KEY-033' });
});
