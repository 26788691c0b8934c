// `writ erase`: orders that private values are destroyed, keys and disclosures. What stands in the ledger stays; it holds digests.
import { readFileSync } from 'node:fs';
import { AgentScope, CommandId, type ErasureRequest, type LedgerDocumentOf, Month } from '@writ/contracts';
import { commit } from '@writ/crypto';
import { type ErasureOrder, holdOver } from '@writ/domain';
import type { Command } from 'commander';
import { type ExitCode, ExitCodes } from '../exit-codes.js';
import { fault } from '../fault.js';
import { signerOf } from '../home.js';
import type { Io } from '../io.js';
import { AS, type Call, defineAction } from '../options.js';
import type { RecordedEvent } from '../person/answer.js';
import { carryOut } from '../person/carry-out.js';
import { eventJson, eventLine } from '../person/show.js';
import { columns } from '../printable.js';
import { readRegistry } from '../reading/ledger-view.js';

/** Whom or what a command of erasure or hold is about; `words` are the disclosures that go with it. */
export type About<T> = { readonly target: T; readonly words: readonly string[] };

type Options = {
  readonly as?: string;
  readonly agent?: string;
  readonly month?: string;
  readonly subject?: string;
  readonly intent?: string;
  readonly reason?: string;
  readonly list?: boolean;
};

/** The options that name a data subject or an intent, for erasure and hold alike. */
export const SUBJECT: readonly [string, string] = [
  '--subject <id>',
  'a data subject, by the identifier that agents send; - reads it from stdin. It is kept nowhere',
];
export const INTENT: readonly [string, string] = ['--intent <id>', 'one intent, with its votes and outcome'];
export const REASON: readonly [string, string] = [
  '--reason <text>',
  'why; in the ledger stands its salted digest',
];

/** Registers `writ erase`. */
export function registerErase(program: Command, io: Io): void {
  const command = program
    .command('erase')
    .description('destroy private values for good: their keys and their disclosures')
    .option('--agent <scope>', 'an agent; with --month')
    .option('--month <month>', 'a month of that agent, as in 2026-01')
    .option(...SUBJECT)
    .option(...INTENT)
    .option(...REASON)
    .option('--list', 'the orders so far, open and carried out')
    .option(...AS);
  const example = [
    'writ erase --agent acme.shop.prod.bot --month 2026-01 --reason "end of contract" --as alice',
    'writ erase --subject - --reason "GDPR art. 17, request 88" --as alice < identifier.txt',
    'writ erase --list',
  ].join('\n');
  defineAction<Options>(command, io, example, erase);
}

/** A data subject as a command carries it: committed to, the identifier beside it. */
export function subjectOf(option: string): About<{ kind: 'subject'; subject: { _sd: string[] } }> {
  const identifier = option === '-' ? readFileSync(0, 'utf8').trim() : option;
  if (identifier === '') fault('WRIT-CLI-002', 'the identifier of the data subject is empty');
  const { committed, disclosures } = commit({ subject: identifier });
  return { target: { kind: 'subject', subject: committed }, words: disclosures };
}

/** An intent as a command carries it. */
export function intentOf(option: string): About<{ kind: 'intent'; intentId: string }> {
  if (!CommandId.safeParse(option).success) fault('WRIT-CLI-002', `${option} is not the id of an intent`);
  return { target: { kind: 'intent', intentId: option }, words: [] };
}

/** The reason that a command must have. */
export function reasonOf(option: string | undefined) {
  if (option === undefined || option.trim() === '') return fault('WRIT-CLI-002', 'give --reason');
  return commit({ reason: option });
}

function targetOf({ agent, month, subject, intent }: Options): About<ErasureRequest> {
  const given = [agent ?? month, subject, intent].filter((option) => option !== undefined);
  if (given.length !== 1)
    fault('WRIT-CLI-002', 'give exactly one of --agent with --month, --subject, --intent');
  if (subject !== undefined) return subjectOf(subject);
  if (intent !== undefined) return intentOf(intent);
  if (!AgentScope.safeParse(agent).success || !Month.safeParse(month).success)
    fault('WRIT-CLI-002', '--agent wants org.project.env.agent, --month a month as in 2026-01');
  return { target: { kind: 'agent-month', agent: agent as string, month: month as string }, words: [] };
}

async function erase(call: Call<Options>): Promise<ExitCode> {
  const { io, home, options } = call;
  if (options.list === true) return list(call);
  const { target, words } = targetOf(options);
  const reason = reasonOf(options.reason);
  const action = { do: 'erase' as const, target, reason: reason.committed };
  const disclosures = [...words, ...reason.disclosures];
  const events = await carryOut(home, signerOf(home, options.as), 'registry', action, { disclosures });
  return say(io, events);
}

type Erased = LedgerDocumentOf<'writ.registry.erased.v1'>;

function say(io: Io, events: readonly RecordedEvent[]): ExitCode {
  const order = events[0]?.document.id;
  const done = events
    .map((event) => event.document)
    .find((d): d is Erased => d.type === 'writ.registry.erased.v1');
  const { keys = null, disclosures = null } = done?.data ?? {};
  io.document({
    ok: true,
    order,
    erased: done !== undefined,
    keys,
    disclosures,
    events: events.map(eventJson),
  });
  for (const event of events) io.out(eventLine(io, event));
  if (done === undefined) {
    io.out(
      `${io.colour.yellow('ordered, not carried out yet')}: a hold blocks it, or the vault does not answer`,
    );
    io.out('  it is tried again every 30 s; see: writ erase --list');
  } else {
    const { count } = done.data.disclosures;
    io.out(`${io.colour.green('erased')} ${count} disclosures, ${done.data.keys} keys, by order ${order}`);
    io.out('  backups and what agents keep are not reached from here: docs/guides/privacy.md');
  }
  return ExitCodes.ok;
}

const whatOf = ({ what }: ErasureOrder): string => {
  switch (what.kind) {
    case 'agent-month':
      return `agent ${what.agent}, month ${what.month}`;
    case 'subject':
      return `data subject ${what.subject}`;
    case 'intent':
      return `intent ${what.intentId}`;
    case 'retention':
      return `retention class ${what.class}, due before ${what.before}`;
  }
};

async function list({ io, home }: Call<Options>): Promise<ExitCode> {
  const registry = await readRegistry(home);
  const orders = [...registry.erasures.values()].sort((a, b) => a.seq - b.seq);
  const blocking = (order: ErasureOrder) =>
    order.done === undefined ? (holdOver(registry, order.what)?.event ?? null) : null;
  io.document({ ok: true, orders: orders.map((order) => ({ ...order, blockedBy: blocking(order) })) });
  const rows = orders.map((order) => {
    const { event, seq, done } = order;
    const state =
      done === undefined
        ? io.colour.yellow(blocking(order) === null ? 'open' : 'held')
        : `erased at ${done.seq}: ${done.disclosures.count} disclosures, ${done.keys} keys`;
    return [event, `ordered at ${seq}`, whatOf(order), state];
  });
  for (const line of rows.length === 0 ? ['nothing was ordered to be erased'] : columns(rows)) io.out(line);
  return ExitCodes.ok;
}
