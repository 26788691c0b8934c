// `writ boundary` and `writ gate`: check, compare and publish documents. The kind in the document decides which it is.
import type { Command } from 'commander';
import { type Difference, diffBoundaries, diffGates } from '../document/diff.js';
import { type Checked, loadDocument, problemLine, publishAction, type Unfit } from '../document/load.js';
import { type ExitCode, ExitCodes } from '../exit-codes.js';
import { signerOf } from '../home.js';
import type { Io } from '../io.js';
import { AS, type Call, defineAction } from '../options.js';
import { carryOut } from '../person/carry-out.js';
import { eventJson, eventLine } from '../person/show.js';
import { printableValue } from '../printable.js';
import { readRegistry } from '../reading/ledger-view.js';

type Options = { readonly as?: string };

/** Registers `writ boundary check|publish|diff`. */
export function registerBoundary(program: Command, io: Io): void {
  registerDocuments(program, io, 'boundary', 'permission boundaries: what an agent may do');
}

/** Registers `writ gate check|publish|diff`: the same commands under the other name. */
export function registerGate(program: Command, io: Io): void {
  registerDocuments(program, io, 'gate', 'approval gates: who must agree');
}

function registerDocuments(program: Command, io: Io, name: 'boundary' | 'gate', description: string): void {
  const group = program.command(name).description(`${description}; check, publish, diff`);
  const withFile = (verb: string, text: string) =>
    group
      .command(verb)
      .description(text)
      .argument('<file>', 'YAML or JSON; kind: PermissionBoundary or ApprovalGate');
  const example = (verb: string, more = '') => `writ ${name} ${verb} ${name}.yaml${more}`;
  defineAction<Options>(withFile('check', 'check a document without the plane'), io, example('check'), check);
  const publishing = withFile('publish', 'check a document and put it in force by a signed command').option(
    ...AS,
  );
  defineAction<Options>(publishing, io, example('publish', ' --as alice'), publish);
  defineAction<Options>(
    withFile('diff', 'compare with what is in force at its scope'),
    io,
    example('diff'),
    diff,
  );
}

async function check({ io, args }: Call<Options>): Promise<ExitCode> {
  const checked = loadDocument(args[0] as string);
  if (!checked.ok) return sayUnfit(io, checked);
  const { kind, digest, warnings, document } = checked;
  const { name, scope } = document.metadata;
  io.document({ ok: true, kind, name, scope, digest, problems: [], warnings });
  sayWarnings(io, checked);
  io.out(`${io.colour.green('fit')} ${kind} ${name} for ${scope}, digest ${digest}`);
  return ExitCodes.ok;
}

function sayUnfit(io: Io, { problems }: Unfit): ExitCode {
  io.document({ ok: false, problems, warnings: [] });
  for (const problem of problems) io.err(problemLine(problem));
  io.err(`${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}: nothing was published`);
  return ExitCodes.refused;
}

function sayWarnings(io: Io, { warnings }: Checked): void {
  for (const warning of warnings) io.err(`${io.colour.yellow('warning')} ${problemLine(warning)}`);
}

async function publish({ io, home, options, args }: Call<Options>): Promise<ExitCode> {
  const checked = loadDocument(args[0] as string);
  if (!checked.ok) return sayUnfit(io, checked);
  sayWarnings(io, checked);
  const events = await carryOut(home, signerOf(home, options.as), 'registry', publishAction(checked));
  const { kind, digest, warnings, document } = checked;
  const { name, scope } = document.metadata;
  io.document({ ok: true, kind, name, scope, digest, warnings, events: events.map(eventJson) });
  io.out(`${io.colour.green('in force')} ${kind} ${name} for ${scope}, digest ${digest}`);
  for (const event of events) io.out(eventLine(io, event));
  return ExitCodes.ok;
}

async function diff({ io, home, args }: Call<Options>): Promise<ExitCode> {
  const checked = loadDocument(args[0] as string);
  if (!checked.ok) return sayUnfit(io, checked);
  const { name, scope } = checked.document.metadata;
  const { inForce, differences } = await compare(home, checked);
  io.document({ ok: true, kind: checked.kind, name, scope, digest: checked.digest, inForce, differences });
  if (inForce === null) io.out(`nothing is in force at ${scope}: all of it would be new`);
  else if (differences.length === 0) io.out(`the same as what is in force at ${scope} (${inForce.name})`);
  else io.out(`against ${inForce.name} in force at ${scope}, published as registry version ${inForce.ver}:`);
  for (const line of differences.flatMap((difference) => differenceLines(io, difference))) io.out(line);
  return ExitCodes.ok;
}

type InForce = { readonly name: string; readonly digest: string; readonly ver: number };

async function compare(
  home: string,
  checked: Checked,
): Promise<{ inForce: InForce | null; differences: readonly Difference[] }> {
  const registry = await readRegistry(home);
  const { name, scope } = checked.document.metadata;
  if (checked.kind === 'ApprovalGate') {
    const gate = registry.gates.get(`${scope}/${name}`);
    return { inForce: shownInForce(gate), differences: gate ? diffGates(gate.gate, checked.document) : [] };
  }
  const boundary = registry.boundaries.get(scope);
  return {
    inForce: shownInForce(boundary),
    differences: boundary ? diffBoundaries(boundary.boundary, checked.document) : [],
  };
}

function shownInForce(published: InForce | undefined): InForce | null {
  return published ? { name: published.name, digest: published.digest, ver: published.ver } : null;
}

function differenceLines(io: Io, { change, at, before, after }: Difference): readonly string[] {
  const { green, red, yellow } = io.colour;
  const value = (v: unknown) => printableValue(v, 400);
  switch (change) {
    case 'added':
      return [green(`  + ${at}  ${value(after)}`)];
    case 'removed':
      return [red(`  - ${at}  ${value(before)}`)];
    case 'changed':
      return [`  ${yellow('~')} ${at}  ${red(value(before))} -> ${green(value(after))}`];
    case 'moved':
      return [`  ${yellow('~')} the order of ${at}  ${value(before)} -> ${value(after)}`];
  }
}
