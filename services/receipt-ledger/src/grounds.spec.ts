// A recorded decision counts only where its signer stands and its own inputs give exactly what it says.
import { disclose } from '@writ/crypto';
import { findKey, type RegistryState, rederiveVerdict } from '@writ/domain';
import { describe, expect, it } from 'vitest';
import { AGENT, BOUNDARY, DISCLOSED, decision, intent, kidOf, known, registry } from '../test/escalation.js';
import { type DecisionAtPlace, decisionObjection } from './grounds.js';

const judge = (data: object = {}, state: RegistryState = registry(), more: Partial<DecisionAtPlace> = {}) => {
  const at = { ...known, decision: { ...decision, data: { ...decision.data, ...data } }, ...more };
  return decisionObjection(state, at, rederiveVerdict(at.decision.data, at.intent, BOUNDARY))?.reason;
};

describe('a recorded decision', () => {
  it('stands as it was honestly made', () => {
    expect(judge()).toBeUndefined();
  });

  it.each([
    ['another rule', { rule: 'read' }],
    ['other codes', { codes: ['rule-permit'] }],
    ['an obligation that follows from nothing', { obligations: [{ type: 'read-only' }] }],
    ['a smaller reach', { blastRadius: 'single' }],
    ['another reversibility', { reversibility: 'reversible' }],
    ['another gate', { gate: { name: 'anybody', digest: 'gate' } }],
    ['a low risk', { lowRisk: true }],
  ])('does not stand with %s', (_, data) => {
    expect(judge(data)).toMatch(/recorded verdict/);
  });

  it('does not stand as an event of another effect', () => {
    expect(judge({}, registry(), { type: 'writ.decision.permitted.v1' })).toMatch(/recorded verdict/);
  });

  it('does not stand on values that the agent did not commit to', () => {
    expect(judge({ disclosed: [disclose('rows', 3).disclosure] })).toMatch(/not of this intent/);
    expect(judge({ disclosed: [DISCLOSED, disclose('more', 1).disclosure] })).toMatch(/not of this intent/);
  });

  it('obliges to no other arguments where it obliges to nothing', () => {
    expect(judge({ obligedDigest: 'other' })).toMatch(/arguments/);
  });
});

describe('its signer', () => {
  const withKey = (more: object): RegistryState => {
    const state = registry();
    const key = findKey(state, kidOf(AGENT))!;
    return { ...state, keys: state.keys.set(key.kid, { ...key, ...more }) };
  };

  it.each(['retired', 'orphaned'] as const)('is no %s agent', (status) => {
    const state = registry();
    const agents = state.agents.set(AGENT, { ...state.agents.get(AGENT)!, status });
    expect(judge({}, { ...state, agents })).toMatch(/not active/);
    expect(judge({}, { ...state, agents: state.agents.clear() })).toMatch(/not active/);
  });

  it('holds a key that stood then and has not been taken back since', () => {
    for (const more of [{ revokedAt: 120 }, { distrustedFrom: 120 }, { retiredAt: 99 }, { certifiedAt: 100 }])
      expect(judge({}, withKey(more)), JSON.stringify(more)).toMatch(/key/);
    for (const more of [{ holder: `${AGENT}2` }, { role: 'enforcement-point' }])
      expect(judge({}, withKey(more))).toMatch(/key/);
    expect(judge({}, registry(), { intent: { ...intent, kid: 'unknown' } })).toMatch(/key/);
  });

  it('may have changed the key after the decision', () => {
    expect(judge({}, withKey({ retiredAt: 101 }))).toBeUndefined();
  });
});
