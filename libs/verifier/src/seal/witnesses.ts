// Whose cosignatures count: the auditor's own list, never what a ledger or a bundle says. Counts operators, not keys.
import { type NoteKey, readVerifierKey, verifierKey } from '@writ/crypto';

/** A witness's cosignature: its name, its operator, when. */
export type Cosignature = { readonly name: string; readonly operator: string; readonly at: string };

/** The policy as the auditor writes it. `key`: a C2SP verifier key; `threshold`: how many distinct operators must have cosigned. */
export type WitnessPolicy = {
  readonly threshold: number;
  readonly keys: readonly { readonly key: string; readonly operator: string }[];
};

/** The policy with its keys read. */
export type Witnesses = {
  readonly threshold: number;
  readonly keys: readonly NoteKey[];
  operatorOf(key: NoteKey): string;
};

/** No witness is asked for: nothing is ever witnessed. */
export const NO_WITNESSES: Witnesses = {
  threshold: Number.POSITIVE_INFINITY,
  keys: [],
  operatorOf: () => '',
};

/** Reads a policy; `undefined` when a key is none of a witness, or fewer operators are named than must have cosigned. */
export const readWitnessPolicy = ({ threshold, keys }: WitnessPolicy): Witnesses | undefined => {
  const operators = new Map<string, string>();
  const read: NoteKey[] = [];
  for (const { key, operator } of keys) {
    const noteKey = readVerifierKey(key);
    if (noteKey?.kind !== 'witness') return undefined;
    read.push(noteKey);
    operators.set(key, operator);
  }
  const enough = new Set(operators.values()).size >= threshold;
  if (!Number.isSafeInteger(threshold) || threshold < 1 || !enough) return undefined;
  return { threshold, keys: read, operatorOf: (key) => operators.get(verifierKey(key)) ?? key.name };
};

/** Whether as many distinct operators have cosigned as the policy asks for. */
export const isWitnessed = (cosigned: readonly Cosignature[], { threshold }: Witnesses): boolean =>
  new Set(cosigned.map(({ operator }) => operator)).size >= threshold;
