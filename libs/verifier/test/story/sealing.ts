// A sealer and witnesses for test ledgers: real checkpoints over real trees, signed with keys that the ledger certifies.
import {
  checkpointText,
  cosignNote,
  createHeads,
  generateKeyPair,
  hashText,
  headLeaves,
  headsRootOf,
  type KeyPair,
  ledgerLeafHash,
  ledgerOrigin,
  messageAgent,
  type NoteSignature,
  noteText,
  rootOfLeaves,
  signNote,
  verifierKey,
} from '@writ/crypto';
import { readWitnessPolicy, type StoredMessage, type Trust, type Witnesses } from '../../src/index.js';
import { ORG, type TestLedger } from './ledger.js';
import { certificate, change } from './organisation.js';

/** Certifies the sealer's key in the ledger, as the root does. */
export const certifySealer = (ledger: TestLedger, name = 'sealer') =>
  change(ledger, { do: 'certify-key', key: certificate(ledger, name, 'sealer', 'sealer', ORG) });

/** The origin of a ledger. */
export const originOf = (messages: readonly StoredMessage[]): string =>
  ledgerOrigin(ORG, messages[0]!.bytes) as string;

/** The text of a checkpoint over exactly these messages. */
export const textOver = (messages: readonly StoredMessage[], origin = originOf(messages)): string => {
  const leaves = messages.map(ledgerLeafHash);
  const heads = createHeads();
  messages.forEach((message, n) => {
    heads.take(message.subject, messageAgent(message), message.seq, leaves[n]!);
  });
  return checkpointText({
    origin,
    size: messages.length,
    root: rootOfLeaves(leaves),
    extensions: [`heads ${hashText(headsRootOf(headLeaves(heads.all())))}`, `time ${messages.at(-1)!.time}`],
  });
};

/** A witness: a name, an operator and a key. */
export type Witness = { readonly name: string; readonly operator: string; readonly key: KeyPair };

export const witness = (name: string, operator = name): Witness => ({
  name,
  operator,
  key: generateKeyPair(),
});

/** A checkpoint as a signed note. `by` none: nobody but the witnesses signs. */
export const sealed = (
  ledger: TestLedger,
  messages: readonly StoredMessage[] = ledger.messages,
  more: {
    readonly by?: readonly string[];
    readonly witnesses?: readonly Witness[];
    readonly text?: string;
  } = {},
): string => {
  const { by = ['sealer'], witnesses = [], text = textOver(messages) } = more;
  const origin = text.slice(0, text.indexOf('\n'));
  const signatures: NoteSignature[] = [
    ...by.map((name) => signNote(text, origin, ledger.keyOf(name))),
    ...witnesses.map(({ name, key }) => cosignNote(text, name, key, 1_772_000_000)),
  ];
  return noteText({ text, signatures });
};

/** The auditor's policy over witnesses. */
export const policyOf = (witnesses: readonly Witness[], threshold: number): Witnesses => {
  const keys = witnesses.map(({ name, operator, key }) => ({
    key: verifierKey({ kind: 'witness', name, key }),
    operator,
  }));
  const policy = readWitnessPolicy({ threshold, keys });
  if (policy === undefined) throw new Error('not a policy');
  return policy;
};

/** What an auditor of a test ledger holds. */
export const trustIn = (ledger: TestLedger, more: Partial<Trust> = {}): Trust => ({
  org: ORG,
  roots: ledger.roots(),
  ...more,
});
