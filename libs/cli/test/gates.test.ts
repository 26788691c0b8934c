// What an approver is shown is what the vote binds: facts that do not belong to the gate's digest are never shown.
import { Intent, livePayloadType } from '@writ/contracts';
import { commit, generateKeyPair, openFrame, sha256, signFrame } from '@writ/crypto';
import { describe, expect, it } from 'vitest';
import { gateWords, remaining } from '../src/commands/gate-words.js';
import { createIo } from '../src/io.js';
import { printable } from '../src/printable.js';
import type { Api } from '../src/reading/api.js';
import { gatesInApi } from '../src/reading/gates.js';

const agent = 'acme.shop.prod.ops';
const intentId = '01981f2e-7c3a-7d50-a1b2-c3d4e5f60718';
const key = generateKeyPair();
const args = commit({ table: 'customers', note: 'line\u001b[2Jone\u202e' });
const NOTHING = { _sd: [] };

const intentFrame = (operation: string) => {
  const document = {
    type: 'writ.intent.v1',
    id: intentId,
    kid: key.kid,
    subject: `gov.intent.${agent}`,
    time: '2026-03-01T12:00:00.000Z',
    data: {
      action: { tool: 'psql', operation, resource: 'pg:orders/customers', args: args.committed },
      reasoning: { private: NOTHING },
      evidence: [],
      reversal: { method: 'none', private: NOTHING },
      deadline: '2026-03-01T12:10:00.000Z',
      delegation: [],
    },
  };
  const opened = openFrame(
    signFrame(livePayloadType('intent'), Intent.parse(document), key),
    livePayloadType('intent'),
    key,
  );
  if (!opened.ok) throw new Error(opened.reason);
  return { frame: { kid: opened.kid, sig: opened.sig, signed: opened.document }, digest: opened.digest };
};

const D = sha256('some document');
const proposed = intentFrame('drop');

/** A read model that hands over `shown` as the intent that the gate of `proposed` holds. */
const readModel = (shown = proposed, votes: readonly object[] = []): Api => {
  const decided = {
    ...{ agent, intent: shown.frame, intentDigest: shown.digest, disclosed: args.disclosures },
    boundary: { name: 'ops', digest: D, event: `${intentId}.registry.0`, level: 1 },
    ...{ registryVer: 3, rule: 'schema', codes: ['rule-gate'] },
    inputs: {
      ...{ now: '2026-03-01T12:00:00.000Z', agentStatus: 'active', containment: 'none' },
      ...{ autonomy: 'autonomous', halted: false, counters: {} },
    },
    ...{ reversibility: 'irreversible', blastRadius: 'system', obligations: [], obligedDigest: D },
    ...{ expires: '2026-03-01T12:10:00.000Z', gate: { name: 'people', digest: D }, lowRisk: false },
  };
  const opened = {
    ...{
      agent,
      intentId,
      intentDigest: proposed.digest,
      decision: { id: `${intentId}.decision.0`, digest: D },
    },
    ...{
      gate: { name: 'people', digest: D },
      boundaryDigest: D,
      obligedDigest: D,
      approvers: ['alice', 'bob'],
    },
    ...{
      excluded: ['alice'],
      quorum: 1,
      fallback: 'deny',
      deadline: '2026-03-01T12:05:00.000Z',
      grantSeconds: 60,
    },
  };
  const event = (type: string, data: object) => ({ type, void: false, agent, data });
  const answers: Record<string, unknown> = {
    '/v1/gates?state=open&limit=1000': {
      next: null,
      items: [{ intent_id: intentId, agent, status: 'open', deadline: opened.deadline, votes }],
    },
    [`/v1/intents/${intentId}`]: {
      chains: [
        {
          events: [
            event('writ.decision.escalated.v1', decided),
            event('writ.approval.gate-opened.v1', opened),
          ],
        },
      ],
    },
  };
  return {
    url: 'http://read-model.test',
    get: async <T>(path: string) => answers[path] as T | undefined,
    lines: () => {
      throw new Error('not asked for');
    },
  };
};

describe('the facts of a gate from the read model', () => {
  it('carry the digests that the vote binds, and the people who may vote without the excluded', async () => {
    const [gate] = await gatesInApi(readModel(), '', 'open');
    expect(gate).toMatchObject({
      ...{
        environment: 'acme.shop.prod',
        intentId,
        intentDigest: proposed.digest,
        boundaryDigest: D,
        obligedDigest: D,
      },
      ...{ approvers: ['bob'], action: { operation: 'drop' }, checked: 'digests' },
    });
  });

  it('are refused when the intent shown is not the one that the gate holds', async () => {
    const harmless = intentFrame('select');
    expect(harmless.digest).not.toBe(proposed.digest);
    await expect(gatesInApi(readModel(harmless), '', 'open')).rejects.toMatchObject({
      refusal: { code: 'WRIT-ENF-008' },
    });
  });

  it('show only arguments that the intent commits to', async () => {
    const [gate] = await gatesInApi(readModel(), '', 'open');
    expect(gate?.args).toEqual({ table: 'customers', note: 'line\u001b[2Jone\u202e' });
  });
});

describe('the words for a gate', () => {
  const io = createIo({ json: false, color: false });

  it('name action, reversibility, blast radius, rule and deadline', async () => {
    const [gate] = await gatesInApi(readModel(), '', 'open');
    const text = gateWords(io, gate!, Date.parse('2026-03-01T12:00:30.000Z')).join('\n');
    for (const word of [
      'drop on pg:orders/customers',
      'irreversible',
      'the whole system',
      'schema of boundary ops',
      '4 min 30 s',
    ])
      expect(text).toContain(word);
  });

  it('let no text of an agent move the cursor or turn the line around', async () => {
    const [gate] = await gatesInApi(readModel(), '', 'open');
    const text = gateWords(io, gate!, 0).join('');
    expect(gate?.args['note']).toContain('\u001b');
    for (const evil of ['\u001b', '\u202e']) expect(text).not.toContain(evil);
    expect(text).toContain('\\u{1b}[2J');
  });

  it('say when the time is over', () => {
    expect(remaining('2026-03-01T12:00:00.000Z', Date.parse('2026-03-01T12:00:01.000Z'))).toBe(
      'the deadline has passed',
    );
    expect(remaining('2026-03-02T13:00:00.000Z', Date.parse('2026-03-01T12:00:00.000Z'))).toBe(
      '1 d 1 h left',
    );
  });

  it('shorten what is long', () => {
    expect(printable('x'.repeat(500), 10)).toBe(`${'x'.repeat(10)}…`);
  });
});
