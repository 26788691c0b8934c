// What checkpoints say about a record: sealed, witnessed, diverged, or invalid. The tree itself was computed before.
import { extensionOf, hashText, readHash, sameHash } from '@writ/crypto';
import type { RegistryState } from '@writ/domain';
import type { VerifierCode } from '../codes.js';
import type { Found } from '../report/findings.js';
import type { OutsideReport, SealReport } from '../report/report.js';
import { readSignedCheckpoint, type SignedCheckpoint, type Signers, signersOf } from './notes.js';
import type { TreeAt } from './tree.js';
import { isWitnessed, type Witnesses } from './witnesses.js';

/** What is known of the tree. `at` gives `undefined` for a size that is not at hand. */
export type KnownTree = {
  /** The origin that message 1 gives; `undefined` when it is not here or does not verify. */
  readonly origin: string | undefined;
  /** Messages at hand from the beginning, or the size that proofs lead to. */
  readonly size: number;
  at(size: number): TreeAt | undefined;
  /** Whether only a part is at hand: heads are shown by proofs instead of computed. */
  readonly headsShown: boolean;
};

/** The checkpoint that came with the messages, and those that came another way: signed notes. */
export type SealInput = {
  readonly checkpoint?: string | undefined;
  readonly outside?: readonly string[] | undefined;
  readonly origin?: string | undefined;
  readonly witnesses: Witnesses;
};

/** What came of it. */
export type Sealed = {
  readonly findings: readonly Found[];
  readonly seal: SealReport | undefined;
  readonly outside: readonly OutsideReport[];
  readonly verdict: 'UNANCHORED' | 'SEALED' | 'WITNESSED';
};

const found = (
  seq: number,
  code: VerifierCode,
  reason: string,
  verdict: Found['verdict'] = 'INVALID',
): Found => ({ seq, subject: '', id: '', code, reason, verdict });

const originFaults = (tree: KnownTree, { origin }: SealInput): readonly Found[] =>
  origin === undefined || tree.origin === origin
    ? []
    : [found(0, 'WRIT-VER-204', `it is ${tree.origin ?? 'a ledger without genesis'}, not ${origin}`)];

const signatureFaults = ({ sealer, bad }: Signers): readonly Found[] => {
  if (bad !== undefined) return [found(0, 'WRIT-VER-208', `the signature of ${bad} does not verify`)];
  return sealer === undefined
    ? [found(0, 'WRIT-VER-201', 'no key certified here as sealer, and valid there, has signed it')]
    : [];
};

const treeFaults = ({ checkpoint }: SignedCheckpoint, tree: KnownTree): readonly Found[] => {
  const { size, root, origin } = checkpoint;
  if (origin !== tree.origin) return [found(0, 'WRIT-VER-204', `the checkpoint is for ${origin}`)];
  if (size > tree.size) {
    return [found(0, 'WRIT-VER-203', `it is of ${size} messages, and ${tree.size} are here`)];
  }
  const at = tree.at(size);
  if (at === undefined || !sameHash(at.root, root)) {
    return [found(0, 'WRIT-VER-202', `these messages do not give its root at ${size}`)];
  }
  const time = extensionOf(checkpoint, 'time');
  return at.time === '' || time === undefined || time === at.time
    ? []
    : [found(size, 'WRIT-VER-207', `it says ${time}, message ${size} was stored at ${at.time}`)];
};

const headsOf = ({ checkpoint }: SignedCheckpoint, tree: KnownTree): SealReport['heads'] => {
  const text = extensionOf(checkpoint, 'heads');
  if (text === undefined) return 'none';
  if (tree.headsShown) return 'shown';
  const stated = readHash(text);
  const computed = tree.at(checkpoint.size)?.headsRoot;
  return stated !== undefined && computed !== undefined && sameHash(stated, computed) ? 'holds' : 'differs';
};

const reportOf = (
  signed: SignedCheckpoint,
  { sealer, witnesses }: Signers,
  tree: KnownTree,
  heads: SealReport['heads'],
): SealReport => {
  const { origin, size, root } = signed.checkpoint;
  const time = extensionOf(signed.checkpoint, 'time') ?? null;
  const unsealed = Math.max(0, tree.size - size);
  return { origin, size, root: hashText(root), time, sealer: sealer ?? null, unsealed, heads, witnesses };
};

type Inside = {
  readonly findings: readonly Found[];
  readonly seal: SealReport | undefined;
  readonly text: string;
};

const judgeInside = (input: SealInput, tree: KnownTree, registry: RegistryState): Inside => {
  if (input.checkpoint === undefined) return { findings: [], seal: undefined, text: '' };
  const signed = readSignedCheckpoint(input.checkpoint);
  if (signed === undefined) {
    return { findings: [found(0, 'WRIT-VER-205', 'it is not exactly one')], seal: undefined, text: '' };
  }
  const signers = signersOf(signed, registry, input.witnesses);
  const faults = [...treeFaults(signed, tree), ...signatureFaults(signers)];
  const { text } = signed.note;
  if (faults.length > 0) return { findings: faults, seal: undefined, text };
  const heads = headsOf(signed, tree);
  const differ = heads === 'differs' ? [found(0, 'WRIT-VER-206', 'they are not those of the messages')] : [];
  return { findings: differ, seal: reportOf(signed, signers, tree, heads), text };
};

/** Whether heads and time are those of the messages too, where they are computed: one tree, two texts are two histories. */
const saysTheSame = (signed: SignedCheckpoint, tree: KnownTree): boolean => {
  const time = extensionOf(signed.checkpoint, 'time');
  const at = tree.at(signed.checkpoint.size)?.time ?? '';
  const sameTime = at === '' || time === undefined || time === at;
  return sameTime && headsOf(signed, tree) !== 'differs';
};

const standingOf = (
  signed: SignedCheckpoint,
  { sealer, witnesses }: Signers,
  tree: KnownTree,
): OutsideReport['standing'] => {
  const { checkpoint } = signed;
  if (sealer === undefined && witnesses.length === 0) return 'unknown-signer';
  if (checkpoint.origin !== tree.origin) return 'other-origin';
  if (checkpoint.size > tree.size) return tree.headsShown ? 'not-comparable' : 'longer';
  const at = tree.at(checkpoint.size);
  if (at === undefined) return 'not-comparable';
  return sameHash(at.root, checkpoint.root) && saysTheSame(signed, tree) ? 'consistent' : 'differs';
};

const outsideFound = ({ size, standing, signers }: OutsideReport, tree: KnownTree): readonly Found[] => {
  const by = signers.join(', ');
  switch (standing) {
    case 'consistent':
      return [];
    case 'longer': {
      const reason = `a checkpoint of ${size} messages, signed by ${by}; ${tree.size} are here`;
      return [found(tree.size, 'WRIT-VER-211', reason, 'DIVERGED')];
    }
    case 'differs':
      return [
        found(
          0,
          'WRIT-VER-212',
          `a checkpoint of ${size} messages, signed by ${by}, is not of these messages`,
          'DIVERGED',
        ),
      ];
    case 'unknown-signer':
      return [
        found(
          0,
          'WRIT-VER-214',
          'neither a sealer certified here nor a witness of the policy',
          'UNDETERMINED',
        ),
      ];
    case 'other-origin':
      return [found(0, 'WRIT-VER-215', 'it is of another ledger', 'UNDETERMINED')];
    case 'not-comparable':
      return [
        found(0, 'WRIT-VER-215', `the root at ${size} does not follow from what is here`, 'UNDETERMINED'),
      ];
  }
};

type Outside = {
  readonly report: OutsideReport;
  readonly seal: SealReport | undefined;
  /** What was signed, as it stands. */
  readonly text: string;
};

const judgeOne = (text: string, input: SealInput, tree: KnownTree, registry: RegistryState): Outside => {
  const signed = readSignedCheckpoint(text);
  if (signed === undefined) {
    const report = { origin: '', size: 0, root: '', signers: [], standing: 'unknown-signer' } as const;
    return { report, seal: undefined, text: '' };
  }
  const signers = signersOf(signed, registry, input.witnesses);
  const standing = standingOf(signed, signers, tree);
  const { origin, size, root } = signed.checkpoint;
  const names = [
    ...(signers.sealer === undefined ? [] : ['the sealer']),
    ...signers.witnesses.map((w) => w.name),
  ];
  const report = { origin, size, root: hashText(root), signers: names, standing };
  const counts = standing === 'consistent' && signers.sealer !== undefined;
  const { text: stated } = signed.note;
  return { report, seal: counts ? reportOf(signed, signers, tree, 'none') : undefined, text: stated };
};

/** Two signed texts of one size, in root, heads or time: whoever signed both shows different ledgers to different people. */
const twice = (outside: readonly Outside[], { seal, text: own }: Inside): readonly Found[] => {
  const texts = new Map<number, string>(seal === undefined ? [] : [[seal.size, own]]);
  for (const { report, text } of outside) {
    const { size, standing, signers } = report;
    if (signers.length === 0 || standing === 'other-origin') continue;
    const known = texts.get(size) ?? text;
    texts.set(size, known);
    if (known !== text) return [found(0, 'WRIT-VER-213', `two signed texts at ${size}`, 'DIVERGED')];
  }
  return [];
};

/** The one that covers more; of two for one tree the one that is witnessed. A verdict on all messages never rests on a smaller one. */
const better = (a: SealReport, b: SealReport, witnesses: Witnesses): SealReport => {
  if (a.size !== b.size) return b.size > a.size ? b : a;
  return !isWitnessed(a.witnesses, witnesses) && isWitnessed(b.witnesses, witnesses) ? b : a;
};

/** Judges every checkpoint against the tree and the keys that the registry gives. */
export const judgeSeal = (input: SealInput, tree: KnownTree, registry: RegistryState): Sealed => {
  const inside = judgeInside(input, tree, registry);
  const outside = (input.outside ?? []).map((text) => judgeOne(text, input, tree, registry));
  const reports = outside.map(({ report }) => report);
  const findings = [
    ...originFaults(tree, input),
    ...inside.findings,
    ...reports.flatMap((report) => outsideFound(report, tree)),
    ...twice(outside, inside),
  ];
  const seals = [inside.seal, ...outside.map(({ seal }) => seal)].filter((seal) => seal !== undefined);
  const [first, ...more] = seals;
  if (first === undefined) return { findings, seal: undefined, outside: reports, verdict: 'UNANCHORED' };
  const seal = more.reduce((best, next) => better(best, next, input.witnesses), first);
  const verdict = isWitnessed(seal.witnesses, input.witnesses) ? 'WITNESSED' : 'SEALED';
  return { findings, seal, outside: reports, verdict };
};
