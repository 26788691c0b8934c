// A founded organisation and commands against it, for specs.
import type { Command, Frame, KeyCertificate, KeyRole, RegistryAction } from '@writ/contracts';
import {
  type Author,
  decideRegistry,
  evolveRegistry,
  foundOrganisation,
  type RegistryResult,
  type RegistryState,
  registryInitial,
} from '../../src/index.js';
import { digest, iso, recorded, uuid } from './recorded.js';

export const T0 = Date.parse('2026-03-01T12:00:00.000Z');
const frameOf = (signed: Record<string, string>): Frame => ({
  kid: digest(9),
  sig: `${'A'.repeat(85)}A`,
  signed,
});

/** A certificate; its number makes its kid. */
export const cert = (n: number, role: KeyRole, holder: string, scope: string): KeyCertificate => ({
  kid: digest(n),
  x: digest(n + 5000),
  role,
  holder,
  scope,
  possession: frameOf({ id: 'possession' }),
});

export const personKey = (n: number, person: string): KeyCertificate => cert(n, 'person', person, 'acme');
export const agentKey = (n: number, agent: string): KeyCertificate => cert(n, 'agent', agent, agent);

/** acme, with one root and its registrar. */
export const founded = (): RegistryState => {
  const registrar = cert(2, 'registrar', 'registry', 'acme');
  const roots = [{ kid: digest(1), x: digest(5001) }];
  const draft = foundOrganisation({
    id: uuid(T0),
    org: 'acme',
    roots,
    threshold: 1,
    registrar,
    possession: () => true,
  });
  if ('kind' in draft) throw new Error(draft.reason);
  return evolveRegistry(registryInitial, recorded(draft, { seq: 10, ver: 1, time: iso(T0) }));
};

/** How a command differs from an ordinary one of the root. */
export type Manner = {
  readonly author?: Author;
  readonly version?: number;
  readonly expires?: string;
  readonly id?: string;
  readonly possession?: boolean;
  readonly boundaryDigest?: string;
  readonly subject?: string;
};

let counter = 0;

/** Decides a command against a state and folds what came of it. */
export const when = (
  state: RegistryState,
  action: RegistryAction,
  manner: Manner = {},
): { readonly result: RegistryResult; readonly state: RegistryState } => {
  counter += 1;
  const id = manner.id ?? uuid(T0 + counter, counter);
  const command: Command = {
    type: 'writ.command.v1',
    id,
    kid: digest(3),
    subject: 'gov.command.registry.acme.ann',
    time: iso(T0),
    data: { action, expires: manner.expires ?? iso(T0 + 60_000), version: manner.version ?? state.ver },
  };
  const { result, events } = decideRegistry(
    {
      command,
      frame: frameOf({ id }),
      author: manner.author ?? { kind: 'root' },
      now: iso(T0),
      digests: { boundary: manner.boundaryDigest ?? digest(700), gate: digest(800) },
      possession: () => manner.possession ?? true,
      subject: manner.subject,
    },
    state,
  );
  const at = { ver: state.ver + 1, seq: state.seq + 3, time: iso(T0) };
  return { result, state: events.reduce((s, draft) => evolveRegistry(s, recorded(draft, at)), state) };
};

/** Folds commands that must all succeed. */
export const given = (...actions: readonly RegistryAction[]): RegistryState =>
  actions.reduce((state, action) => {
    const next = when(state, action);
    if (next.result.kind === 'refused') throw new Error(`${action.do}: ${next.result.reason}`);
    return next.state;
  }, founded());

/** Ann administers acme; shop has prod and staging; bot is hers. */
export const AGENT = 'acme.shop.prod.bot';
export const ann = { kind: 'person', person: 'ann' } as const;
export const addPerson = (
  person: string,
  n: number,
  ...grants: readonly [string, string][]
): RegistryAction => ({
  do: 'add-person',
  person,
  grants: grants.map(([role, scope]) => ({ role: role as 'admin', scope })),
  key: personKey(n, person),
});
export const shop: readonly RegistryAction[] = [
  addPerson('ann', 100, ['admin', 'acme']),
  { do: 'create-project', project: 'shop' },
  { do: 'create-environment', project: 'shop', environment: 'prod' },
  { do: 'create-environment', project: 'shop', environment: 'staging' },
];
export const withBot: readonly RegistryAction[] = [
  ...shop,
  { do: 'register-agent', agent: AGENT, owner: 'ann', key: agentKey(200, AGENT) },
];
