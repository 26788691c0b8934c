// The report as a person reads it. Computes nothing; JSON is the report itself.
import { VerifierCodes } from '../codes.js';
import type { Finding, Report } from './report.js';

const RECORD_MEANS = {
  INVALID: 'altered, incomplete or out of order: see the findings',
  DIVERGED: 'a checkpoint that was signed elsewhere shows another history: see the findings',
  UNANCHORED: 'it holds together; no checkpoint says that its end was not cut off',
  SEALED: 'the sealer signed it; only witnesses would show that it signed nothing else',
  WITNESSED: 'the sealer signed it, and as many witnesses as were asked for',
} as const;

const HEADS_MEAN = {
  holds: 'computed again',
  shown: 'proved',
  none: 'not looked at',
  differs: 'they differ',
} as const;

const AUTHORITY_MEANS = {
  WITHIN: 'nothing was done beyond what was authorised',
  VIOLATION: 'something was done or recorded that was not authorised',
  UNDETERMINED: 'the ledger alone does not tell about everything',
} as const;

const line = (name: string, text: string): string => `${name.padEnd(11)}${text}`;

const receiptsLine = ({ authority }: Report): string => {
  const { within, violation, undetermined } = authority.receipts;
  const beyond =
    authority.beyondSeal === 0 ? '' : `; ${authority.beyondSeal} of them beyond the checkpoint, not sealed`;
  return `${within} within, ${violation} in violation, ${undetermined} undetermined${beyond}`;
};

const countsLine = ({ counts }: Report): string => {
  const { messages, events, junk, decisions, receipts, halts } = counts;
  return (
    `${messages} messages: ${events} events, ${counts.void} void, ${junk} junk; ` +
    `${decisions} decisions, ${receipts} receipts, ${halts} halts`
  );
};

const junkLines = ({ junk }: Report): readonly string[] => {
  const kinds = Object.entries(junk).map(([code, count]) => `${count} x ${code}`);
  return kinds.length === 0 ? [] : [line('Junk', `${kinds.join(', ')} (skipped; it has no effect)`)];
};

const findingLines = ({ seq, verdict, code, subject, id, reason, invariant }: Finding): readonly string[] => {
  const { title, next } = VerifierCodes[code];
  const rule = invariant === 0 ? '' : ` [invariant ${invariant}]`;
  return [
    `  ${verdict} ${code} at ${seq}: ${title}${rule}`,
    `    ${subject}${id === '' ? '' : ` ${id}`}`,
    `    ${reason}`,
    ...(verdict === 'VOID' ? [] : [`    next: ${next}`]),
  ];
};

const headLines = ({ head }: Report): readonly string[] => [
  line('Head', head.seq === 0 ? 'nothing was read' : `sequence ${head.seq} of ${head.time}`),
  ...Object.entries(head.tips).map(([subject, tip]) => `  ${subject} version ${tip.ver} ${tip.head}`),
];

/** A verdict that rests on a checkpoint is about what that covers. */
const sealedPart = ({ record, seal }: Report): string => {
  const rests = record.verdict === 'SEALED' || record.verdict === 'WITNESSED';
  return rests && seal !== null && seal.unsealed > 0 ? ` (messages 1 to ${seal.size} alone)` : '';
};

const sealLines = ({ seal }: Report): readonly string[] => {
  if (seal === null) return [];
  const { size, root, time, unsealed, heads, witnesses } = seal;
  const beyond = unsealed === 0 ? '' : `; ${unsealed} messages beyond it are not sealed`;
  return [
    line('Checkpoint', `${size} messages${time === null ? '' : ` up to ${time}`}, root ${root}${beyond}`),
    line('', `heads: ${HEADS_MEAN[heads]}`),
    ...witnesses.map(({ name, operator, at }) => line('', `witnessed by ${name} (${operator}) at ${at}`)),
  ];
};

const outsideLines = ({ outside }: Report): readonly string[] =>
  outside.map(({ size, standing, signers }) =>
    line(
      'Outside',
      `a checkpoint of ${size} messages, signed by ${signers.join(', ') || 'nobody known'}: ${standing}`,
    ),
  );

const privateLines = ({ bundle }: Report): readonly string[] => {
  if (bundle?.commitments == null) return [];
  const { shown, erased, notAvailable, erasures } = bundle.commitments;
  return [
    line('Private', `${shown} values shown, ${erased} erased, ${notAvailable} not available`),
    ...erasures.map(({ seq, count, order }) => line('', `${count} erased at ${seq}, by the order ${order}`)),
  ];
};

const bundleLines = ({ bundle }: Report): readonly string[] => {
  if (bundle === null) return [];
  const { kind, query, by, createdAt, notShown } = bundle;
  const who =
    by === null ? '' : `, exported by ${by.holder ?? `a key that is not in this ledger (${by.kid})`}`;
  const asked = Object.entries(query).flatMap(([name, value]) =>
    name === 'kind' ? [] : [`${name} ${value}`],
  );
  const what = `${kind}${asked.length === 0 ? '' : ` (${asked.join(', ')})`}`;
  return [
    line('Bundle', `${what}${who}${createdAt === null ? '' : ` at ${createdAt}`}`),
    ...notShown.map((text) => line('', text)),
  ];
};

/** The report as text: both verdicts, the counts, the head of every chain, and each finding with what to do next. */
export const formatReport = (report: Report): string => {
  const { record, authority, findings, omitted } = report;
  const more = omitted === 0 ? [] : [`  ... and ${omitted} more`];
  const found = findings.length === 0 ? ['none'] : ['', ...findings.flatMap(findingLines), ...more];
  const [first = '', ...rest] = found;
  return [
    line('Ledger', report.org + (report.complete ? '' : ' (not from its beginning)')),
    ...(report.origin === null ? [] : [line('Origin', report.origin)]),
    ...bundleLines(report),
    ...privateLines(report),
    line('Record', `${record.verdict}: ${RECORD_MEANS[record.verdict]}${sealedPart(report)}`),
    ...sealLines(report),
    ...outsideLines(report),
    line('Authority', `${authority.verdict}: ${AUTHORITY_MEANS[authority.verdict]}`),
    line('Receipts', receiptsLine(report)),
    line('Read', countsLine(report)),
    ...junkLines(report),
    ...headLines(report),
    line('Findings', first),
    ...rest,
  ]
    .map((text) => text.trimEnd())
    .join('\n');
};
