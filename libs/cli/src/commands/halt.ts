// `writ halt`: stops everything beneath a scope at once. What `nats pub` does, and waits for the record of it.
import { covers, HaltTool, Scope } from '@writ/contracts';
import { type Command, InvalidArgumentError } from 'commander';
import { type ExitCode, ExitCodes } from '../exit-codes.js';
import { CliFault, fault } from '../fault.js';
import { signerOf } from '../home.js';
import type { Io } from '../io.js';
import { AS, type Call, defineAction } from '../options.js';
import type { RecordedEvent } from '../person/answer.js';
import { withPerson } from '../person/carry-out.js';
import { eventJson } from '../person/show.js';
import { positionsOf } from '../reading/positions.js';

type Options = { readonly as?: string; readonly reason?: string; readonly tool?: HaltTool };

/** Registers `writ halt`. */
export function registerHalt(program: Command, io: Io): void {
  const command = program
    .command('halt')
    .description('stop every agent beneath a scope, now')
    .argument('<scope>', 'an organisation, project, environment or agent')
    .option('--reason <text>', 'why; it stands on the bus in clear, in the ledger as a digest')
    .option('--tool <resource:operation>', 'only actions that match; everything when absent', parseTool)
    .option(...AS);
  const example = [
    'writ halt acme.shop.prod --reason "runaway refunds" --as oncall',
    '# without writ, from any NATS client:',
    `nats pub gov.halt.oncall.acme.shop.prod '{"reason":"runaway refunds"}'`,
  ].join('\n');
  defineAction<Options>(command, io, example, halt);
}

// A resource may have colons of its own; an operation has none.
function parseTool(text: string): HaltTool {
  const at = text.lastIndexOf(':');
  const tool = HaltTool.safeParse({
    resource: text.slice(0, Math.max(0, at)),
    operation: text.slice(at + 1),
  });
  if (at < 0 || !tool.success)
    throw new InvalidArgumentError('It must be <resource>:<operation>, as in pg:orders/**:delete.');
  return tool.data;
}

async function halt({ io, home, options, args }: Call<Options>): Promise<ExitCode> {
  const scope = args[0] as string;
  if (!Scope.safeParse(scope).success) fault('WRIT-CLI-002', `${scope} is not a scope`);
  const person = signerOf(home, options.as);
  const answer = await withPerson(home, person, async (as) => {
    if (!covers(as.org, scope)) fault('WRIT-HLT-006', `${scope} is not in ${as.org}`);
    return as.halt(scope, { reason: options.reason, tool: options.tool });
  });
  if (answer.kind === 'no-answer')
    return sayUnconfirmed(io, scope, person, 'the kill-switch has not answered that it is recorded');
  // Published is published: an answer that nobody can vouch for takes nothing back.
  if (answer.kind === 'refused' && answer.code === 'WRIT-ENF-008')
    return sayUnconfirmed(
      io,
      scope,
      person,
      `an answer came that the plane has not signed (${answer.code}: ${answer.reason})`,
    );
  if (answer.kind === 'refused') throw new CliFault(answer);
  await sayRecorded(io, home, scope, person, answer.events);
  return ExitCodes.ok;
}

function sayUnconfirmed(io: Io, scope: string, person: string, what: string): ExitCode {
  const why = `published, and taken by the bus; ${what}`;
  io.document({
    ok: false,
    scope,
    person,
    published: true,
    recorded: false,
    why,
    exit: ExitCodes.unreachable,
  });
  io.err(`${io.colour.yellow('halt sent, record not confirmed')}: ${scope}`);
  io.err(`  ${why}`);
  io.err('  agents stop on sight of it all the same; it is recorded when the kill-switch is back');
  io.err('  next: writ status');
  return ExitCodes.unreachable;
}

async function sayRecorded(
  io: Io,
  home: string,
  scope: string,
  person: string,
  events: readonly RecordedEvent[],
): Promise<void> {
  const positions = await positionsOf(home, events);
  const engaged = events.flatMap((event) => {
    const { document } = event;
    if (document.type !== 'writ.authority.halt-engaged.v1') return [];
    const { environment, halt } = document.data;
    return [{ environment, halt, position: positions.get(document.id) ?? null, ...eventJson(event) }];
  });
  io.document({ ok: true, scope, person, published: true, recorded: true, halts: engaged });
  io.out(`${io.colour.red('halted')} ${scope}`);
  for (const { environment, halt, position, verified } of engaged) {
    const where = position === null ? 'recorded' : `recorded at ledger position ${position}`;
    io.out(`  ${environment}  ${halt}  ${where}${verified ? '' : ' (signature not checked)'}`);
  }
  if (engaged.length === 0) io.out('  no environment lies beneath it: nothing to record');
  io.out(`release: writ release ${scope} --all --as PERSON`);
}
