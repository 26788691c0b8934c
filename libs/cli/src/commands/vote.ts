// `writ approve` and `writ reject`: one person's signed answer to one gate, bound to the action that was shown.
import type { VoteData } from '@writ/contracts';
import type { Command } from 'commander';
import { fault } from '../fault.js';
import { signerOf } from '../home.js';
import type { Io } from '../io.js';
import { AS, type Call, defineAction } from '../options.js';
import { recordedEvents, withPerson } from '../person/carry-out.js';
import { eventJson, eventLine } from '../person/show.js';
import { type GateFacts, gatesInApi, gatesInView } from '../reading/gates.js';
import { readPlane } from '../reading/ledger-view.js';
import { hasReader } from '../reading/reader.js';
import { askEither } from '../reading/snapshot.js';
import { gateWords } from './gate-words.js';

type Options = {
  readonly as?: string;
  readonly reason?: string;
  readonly show?: boolean;
  readonly ledger?: boolean;
};
type Choice = VoteData['choice'];

/** Registers one of the two voting commands. */
export function registerVote(program: Command, io: Io, name: 'approve' | 'reject'): void {
  const command = program
    .command(name)
    .description(`${name} the action that waits at a gate, by a signed vote`)
    .argument('<intent>', 'the intent at the gate; its beginning is enough when only one begins so')
    .option(...AS)
    .option('--reason <text>', 'kept private: in the ledger stands its salted digest')
    .option('--show', 'only show what it is about; vote nothing')
    .option(
      '--ledger',
      'take the facts from the ledger itself, every signature checked, not from the read model',
    );
  const example = `writ ${name} 01981f2e-7c3a-7d50-a1b2-c3d4e5f60718 --as bob --reason "seen with the team"`;
  defineAction<Options>(command, io, example, (call) => vote(call, name));
}

async function vote({ io, home, options, args }: Call<Options>, choice: Choice): Promise<void> {
  const gate = await findGate(home, args[0] as string, options.ledger ?? false);
  for (const line of gateWords(io, gate, Date.now())) io.out(line);
  if (options.show) return io.document({ ok: true, voted: false, gate });
  const person = signerOf(home, options.as);
  mayVote(gate, person);
  const events = await withPerson(home, person, async (as) =>
    recordedEvents(await as.vote({ gate, choice, reason: options.reason }), 'approval'),
  );
  const status = statusAfter(events.map(({ document }) => document.type));
  io.document({ ok: true, voted: true, person, choice, status, gate, events: events.map(eventJson) });
  for (const event of events) io.out(eventLine(io, event));
  io.out(`${io.colour.green(`${person}: ${choice}`)}; the gate is ${status}`);
}

async function findGate(home: string, prefix: string, ledger: boolean): Promise<GateFacts> {
  const asked = await askEither(
    home,
    ledger,
    async (api) => {
      const open = await gatesInApi(api, prefix, 'open');
      return open.length > 0 ? open : gatesInApi(api, prefix, 'all');
    },
    (view) => gatesInView(view, prefix),
  );
  // The read model may be a moment behind; a gate that it does not know yet may stand in the ledger.
  const found = asked.length > 0 || !hasReader(home) ? asked : gatesInView(await readPlane(home), prefix);
  const [gate, ...more] = found;
  if (gate === undefined) return fault('WRIT-APR-001', `no gate holds an intent ${prefix}`);
  if (more.length > 0)
    return fault('WRIT-CLI-002', `${found.length} gates hold an intent that begins with ${prefix}`);
  return gate;
}

// The service judges again; here it saves a person from signing what can only be refused.
function mayVote(gate: GateFacts, person: string): void {
  if (gate.status === 'frozen') fault('WRIT-APR-007', `a halt covers ${gate.agent}`);
  if (gate.status !== 'open') fault('WRIT-APR-004', `the gate is ${gate.status}`);
  if (!gate.approvers.includes(person))
    fault('WRIT-APR-002', `${person} is not among ${gate.approvers.join(', ')}`);
  if (gate.votes.some((cast) => cast.person === person))
    fault('WRIT-APR-003', `${person} has voted at this gate`);
}

function statusAfter(types: readonly string[]): 'granted' | 'rejected' | 'open' {
  if (types.includes('writ.approval.granted.v1')) return 'granted';
  return types.includes('writ.approval.rejected.v1') ? 'rejected' : 'open';
}
