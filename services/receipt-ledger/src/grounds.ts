// Whether a recorded decision still stands: its signer, its disclosures, and the very verdict that follows from it. Pure.
import type { Intent } from '@writ/contracts';
import { committedDigest, disclosureDigest } from '@writ/crypto';
import {
  agentOf,
  agreesWith,
  findKey,
  keyStandingAt,
  type ReceiptDecision,
  type ReceiptObjection,
  type RegistryState,
  type rederiveVerdict,
} from '@writ/domain';

/** A recorded decision at its place in the ledger; `type` is that of its event. */
export type DecisionAtPlace = {
  readonly type: string;
  readonly seq: number;
  readonly decision: ReceiptDecision;
  readonly intent: Intent;
};

type Verdict = ReturnType<typeof rederiveVerdict>;

const no = (code: ReceiptObjection['code'], reason: string): ReceiptObjection => ({ code, reason });

/** A key that was retired after the decision stands for what it signed before; a revoked or distrusted one does not. */
const signerObjection = (
  registry: RegistryState,
  { decision, intent, seq }: DecisionAtPlace,
): ReceiptObjection | undefined => {
  const { agent } = decision.data;
  if (agentOf(registry, agent)?.status !== 'active')
    return no('WRIT-RCP-002', 'the agent is not active any more');
  const key = findKey(registry, decision.data.session?.kid ?? intent.kid);
  const own = key?.role === 'agent' && key.holder === agent && keyStandingAt(key, seq) === 'valid';
  const retired = key?.retiredAt !== undefined && key.retiredAt < seq;
  const lost = key?.revokedAt !== undefined || key?.distrustedFrom !== undefined;
  return own && !retired && !lost
    ? undefined
    : no('WRIT-RCP-002', 'the key that signed the intent does not stand');
};

/** Every disclosed value is one that the agent committed to, and without obligations nothing else is to be done than it said. */
const inputsObjection = ({ decision, intent }: DecisionAtPlace): ReceiptObjection | undefined => {
  const { data } = decision;
  const { args } = intent.data.action;
  const committed = new Set(args._sd);
  if (!data.disclosed.every((disclosure) => committed.has(disclosureDigest(disclosure))))
    return no('WRIT-RCP-002', 'a disclosed value is not of this intent');
  if (data.obligations.length === 0 && data.obligedDigest !== committedDigest(args))
    return no('WRIT-RCP-002', 'the decided arguments are not those of the intent');
  return undefined;
};

/** Why a decision does not stand now, whoever recorded it, or `undefined`. `verdictNow`: as derived again from its inputs. */
export const decisionObjection = (
  registry: RegistryState,
  at: DecisionAtPlace,
  verdictNow: Verdict,
): ReceiptObjection | undefined => {
  const agrees = agreesWith({ type: at.type, data: at.decision.data }, verdictNow);
  return (
    signerObjection(registry, at) ??
    inputsObjection(at) ??
    (agrees ? undefined : no('WRIT-RCP-002', 'the recorded inputs do not give the recorded verdict'))
  );
};
