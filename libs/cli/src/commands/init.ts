// `writ init`: founds an installation. It starts nothing and never touches one that is there.

import { initInstallation, type OrganisationFile } from '@writ/runtime';
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { orFault } from '../fault.js';
import type { Io } from '../io.js';
import { type Call, defineAction } from '../options.js';

type Environment = { readonly project: string; readonly environment: string };
type Options = {
  readonly org: string;
  readonly admin: string;
  readonly env: readonly Environment[];
  readonly roots: number;
  readonly threshold: number;
};

const EXAMPLE = 'writ init --org acme --admin alice --env shop.prod --env shop.staging';

/** Registers `writ init`. */
export function registerInit(program: Command, io: Io): void {
  const command = program
    .command('init')
    .description('found an organisation here: keys, bus permissions, the first signed frames')
    .requiredOption('--org <name>', 'name of the organisation')
    .requiredOption('--admin <person>', 'the first person: administrator, operator and approver')
    .requiredOption('--env <project.environment>', 'an environment; give it again for more', parseEnvironment)
    .option('--roots <n>', 'how many root keys to make, one for each root holder', parseCount, 1)
    .option('--threshold <k>', 'how many of the root keys must agree', parseCount, 1);
  defineAction<Options>(command, io, EXAMPLE, init);
}

function parseEnvironment(text: string, before: readonly Environment[] = []): readonly Environment[] {
  const [project, environment, ...more] = text.split('.');
  if (!project || !environment || more.length > 0)
    throw new InvalidArgumentError('It must be <project>.<environment>.');
  return [...before, { project, environment }];
}

function parseCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 16)
    throw new InvalidArgumentError('It must be a number from 1 to 16.');
  return count;
}

async function init({ io, home, options }: Call<Options>): Promise<void> {
  const { org, admin, env: environments, roots, threshold } = options;
  const { paths, organisation } = orFault(
    initInstallation({ home, org, admin, environments, roots, threshold }),
  );
  const scopes = environments.map((e) => `${org}.${e.project}.${e.environment}`);
  const root = organisation.roots[0]?.kid;
  io.document({
    ok: true,
    org,
    home: paths.root,
    admin,
    environments: scopes,
    root,
    roots: organisation.roots.map(({ kid }) => kid),
    threshold,
    credentials: paths.personDir(admin),
  });
  io.out(`${io.colour.green('founded')} ${org} in ${paths.root}`);
  io.out(`  environments  ${scopes.join(', ')}`);
  io.out(`  administrator ${admin}; keys in ${paths.personDir(admin)}`);
  for (const line of rootLines(organisation)) io.out(line);
  io.out('next: writ up');
}

function rootLines({ roots, threshold }: OrganisationFile): readonly string[] {
  const [root] = roots;
  if (roots.length === 1)
    return [
      `  root key      ${root?.kid}; its private half is keys/root.jwk: take it off this machine where it matters`,
    ];
  return [
    `  root keys     ${threshold} of ${roots.length} must agree; take each off this machine, to its holder:`,
    ...roots.map(({ kid }, n) => `    ${kid}  keys/root-${n + 1}.jwk`),
  ];
}
