// Reads the decision on one intent: role, subject, agent and binding are checked before a word of it is believed.
import { type LedgerDocumentOf, type Obligation, oblige, type Refused, refused } from '@writ/contracts';
import { canonicalize, committedDigest, obligeCommitted, reveal } from '@writ/crypto';
import type { Session } from '../session.js';
import type { NotTrusted, Trusted } from '../trust/trust.js';
import type { Args, DecisionSummary } from '../types.js';
import type { CommittedArgs, HeldIntent } from './handle.js';

const DECISIONS = [
  'writ.decision.permitted.v1',
  'writ.decision.denied.v1',
  'writ.decision.escalated.v1',
] as const;
export type DecisionDocument = LedgerDocumentOf<(typeof DECISIONS)[number]>;

/** A decision event under the decision service's key. */
export const openDecision = (session: Session, frame: Uint8Array): Trusted<DecisionDocument> | NotTrusted =>
  session.trust.fact(DECISIONS, frame, session.signers.decision);

/** What a decision says. */
export const summarise = (document: DecisionDocument, digest: string): DecisionSummary => {
  const { data } = document;
  const effect = document.type.split('.')[2] as DecisionSummary['effect'];
  return {
    effect,
    id: document.id,
    digest,
    codes: data.codes,
    rule: data.rule,
    boundary: data.boundary && {
      name: data.boundary.name,
      digest: data.boundary.digest,
      level: data.boundary.level,
    },
    obligations: data.obligations,
    gate: document.type === 'writ.decision.escalated.v1' ? document.data.gate.name : null,
    expires: data.expires,
  };
};

/** Whether a decision is about exactly this intent. */
export const bindsTo = (document: DecisionDocument, intent: HeldIntent): boolean =>
  document.data.agent === intent.agent &&
  document.data.intentDigest === intent.digest &&
  canonicalize(document.data.intent) === new TextDecoder().decode(intent.frame);

/** The values behind a commitment; every digest must be disclosed, and nothing else. Refused: WRIT-FRM-013. */
export const plainArgs = (args: CommittedArgs): { readonly kind: 'args'; readonly args: Args } | Refused => {
  const shown = reveal(args.committed, args.disclosures);
  if (!shown.ok) return refused(shown.code, shown.reason);
  if (args.disclosures.length !== args.committed._sd.length) {
    return refused('WRIT-FRM-013', 'an argument is not disclosed');
  }
  return { kind: 'args', args: shown.values };
};

export type Obliged = { readonly kind: 'obliged'; readonly args: CommittedArgs } | Refused;

/** Arguments as the obligations want them. Refused: WRIT-ENF-005 (unknown), WRIT-OBL-002, WRIT-FRM-013. */
export const obligeArgs = (args: CommittedArgs, obligations: readonly Obligation[]): Obliged => {
  const plain = plainArgs(args);
  if (plain.kind === 'refused') return plain;
  const result = oblige(plain.args, obligations);
  if (result.kind === 'obliged') {
    return { kind: 'obliged', args: obligeCommitted(args.committed, args.disclosures, result.args) };
  }
  return refused(result.code === 'WRIT-OBL-001' ? 'WRIT-ENF-005' : result.code, result.reason);
};

/** The values to run with: they must be obliged already, so that obliging them again changes nothing (else WRIT-ENF-004). */
export const argsUnder = (
  args: CommittedArgs,
  obligations: readonly Obligation[],
): ReturnType<typeof plainArgs> => {
  const again = obligeArgs(args, obligations);
  if (again.kind === 'refused') return again;
  if (argsDigest(again.args) === argsDigest(args)) return plainArgs(args);
  return refused('WRIT-ENF-004', 'the arguments are not the obliged ones');
};

/** The digest that votes and receipts bind. */
export const argsDigest = (args: CommittedArgs): string => committedDigest(args.committed);
