// Owns how a gate is told to a person: what would happen, how far it could be undone, who must agree, until when. Words only.
import type { Io } from '../io.js';
import { columns, printable, printableValue } from '../printable.js';
import type { GateFacts } from '../reading/gates.js';

const REVERSAL: Readonly<Record<string, string>> = {
  none: 'no way to undo it is named',
  'inverse-action': 'it would be undone by the inverse action',
  'restore-backup': 'it would be undone from a backup',
  'transaction-rollback': 'it would be rolled back',
  compensation: 'it would be compensated',
};

const RADIUS: Readonly<Record<string, string>> = {
  single: 'one thing',
  many: 'many things',
  system: 'the whole system',
  external: 'things outside the system',
};

/** Several lines; `now` is wall time in ms. What agents wrote is made printable. */
export function gateWords(io: Io, gate: GateFacts, now: number): readonly string[] {
  const { action, agent, owner } = gate;
  const who = `${agent}${owner === undefined ? '' : ` (owner ${owner})`}`;
  const what = `${printable(action.operation)} on ${printable(action.resource)} with ${printable(action.tool)}`;
  return [`${io.colour.bold(who)} wants to ${io.colour.bold(what)}`, ...columns(facts(gate, now))];
}

/** One line for a list. */
export function gateLine(
  { intentId, agent, action, status, votes, quorum, deadline }: GateFacts,
  now: number,
): readonly string[] {
  const approvals = votes.filter(({ choice }) => choice === 'approve').length;
  const what = `${printable(action.operation)} on ${printable(action.resource)}`;
  return [
    intentId,
    agent,
    what,
    `${approvals} of ${quorum}`,
    status === 'frozen' ? 'frozen by a halt' : remaining(deadline, now),
  ];
}

function facts(gate: GateFacts, now: number): readonly (readonly string[])[] {
  const { reversibility, reversal, blastRadius, rule, boundary, codes, name, quorum, approvers, fallback } =
    gate;
  const waits =
    gate.status === 'frozen'
      ? 'frozen by a halt'
      : `until ${gate.deadline} (${remaining(gate.deadline, now)})`;
  const rows: (readonly string[])[] = [
    ['reversibility', `${reversibility}; ${REVERSAL[reversal] ?? reversal}`],
    ['blast radius', `${blastRadius}: it can touch ${RADIUS[blastRadius] ?? 'an unknown part'}`],
    ['rule', `${rule ?? 'none'}${boundary === null ? '' : ` of boundary ${boundary}`}; ${codes.join(', ')}`],
    ['gate', `${name}: ${quorum} of ${approvers.join(', ')} must agree, ${waits}; then ${fallback}`],
    ['votes', gate.votes.map(({ person, choice }) => `${person}: ${choice}`).join(', ') || 'none yet'],
    ['intent', `${gate.intentId}, digest ${gate.intentDigest}`],
    [
      'checked',
      gate.checked === 'signatures' ? 'signatures, up to the pinned root' : 'the digest of the intent',
    ],
  ];
  const args = Object.entries(gate.args).map(([key, value]) => [
    'argument',
    `${printable(key)} = ${printableValue(value)}`,
  ]);
  const obligations = gate.obligations.map((obligation) => ['obligation', printableValue(obligation)]);
  return [...args, ...obligations, ...rows];
}

/** `in 4 min 30 s`, or that it is over. */
export function remaining(deadline: string, now: number): string {
  const seconds = Math.ceil((Date.parse(deadline) - now) / 1000);
  if (Number.isNaN(seconds) || seconds <= 0) return 'the deadline has passed';
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor((seconds % 86_400) / 3600), 'h'],
    [Math.floor((seconds % 3600) / 60), 'min'],
    [seconds % 60, 's'],
  ] as const;
  const shown = parts.filter(([n]) => n > 0).slice(0, 2);
  return `${shown.map(([n, unit]) => `${n} ${unit}`).join(' ')} left`;
}
