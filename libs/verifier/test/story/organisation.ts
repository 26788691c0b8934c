// An organisation founded by the real registry decider: services, people, agents, a boundary, a gate, an opened environment.
import {
  type ApprovalGate,
  type Command,
  type Frame,
  type KeyCertificate,
  type KeyRole,
  PermissionBoundary,
  type RegistryAction,
  type ServiceName,
  subjects,
} from '@writ/contracts';
import { canonicalize, type KeyPair, sha256 } from '@writ/crypto';
import { type Author, decideOpenEnvironment, decideRegistry, foundOrganisation } from '@writ/domain';
import { AGENT, ENV, iso, type Live, ORG, OTHER, POINT, type TestLedger } from './ledger.js';

export const boundary = PermissionBoundary.parse({
  apiVersion: 'writ/v1',
  kind: 'PermissionBoundary',
  metadata: { name: 'refunds', scope: ENV },
  spec: {
    task: 'refund customers',
    level: 1,
    autonomy: 'autonomous',
    clear: ['args.amount'],
    default: { effect: 'deny' },
    limits: [{ id: 'refunds-per-hour', resource: 'psp:refunds', max: 4, windowSeconds: 3600 }],
    rules: [
      {
        id: 'read',
        resource: 'db:shop/**',
        operations: ['read'],
        effect: 'permit',
        reversibility: 'reversible',
        blastRadius: 'single',
      },
      {
        id: 'small-refund',
        resource: 'psp:refunds',
        operations: ['create'],
        when: 'args.amount <= 5000',
        effect: 'permit',
        reversibility: 'reversible',
        blastRadius: 'single',
        obligations: [{ kind: 'clamp', field: 'args.amount', max: 4000 }],
      },
      {
        id: 'large-refund',
        resource: 'psp:refunds',
        operations: ['create'],
        when: 'args.amount > 5000',
        effect: 'gate',
        gate: 'two-people',
        reversibility: 'reversible',
        blastRadius: 'single',
      },
    ],
  },
});

export const gate: ApprovalGate = {
  apiVersion: 'writ/v1',
  kind: 'ApprovalGate',
  metadata: { name: 'two-people', scope: ENV },
  spec: {
    type: 'human',
    approvers: { people: [], roles: ['approver'] },
    quorum: 2,
    deadlineSeconds: 600,
    fallback: 'deny',
    excludeOwner: true,
    grantSeconds: 300,
  },
};

/** A certificate with proof of possession. */
export const certificate = (
  ledger: TestLedger,
  name: string,
  role: KeyRole,
  holder: string,
  scope: string,
): KeyCertificate => {
  const key = ledger.keyOf(name);
  const data = { x: key.x, role, holder, scope };
  const { frame } = ledger.live('key-possession', key, subjects.ledger('registry', ORG), data);
  return { kid: key.kid, ...data, possession: frame };
};

/** A command of a person (or the root), signed with their key. */
export const command = (
  ledger: TestLedger,
  person: string,
  service: ServiceName,
  action: Command['data']['action'],
  more: { readonly key?: KeyPair; readonly seconds?: number; readonly version?: number } = {},
): Live<'command'> =>
  ledger.live('command', more.key ?? ledger.keyOf(person), subjects.command(service, ORG, person), {
    action,
    expires: iso(ledger.ms() + (more.seconds ?? 60) * 1000),
    version: more.version ?? ledger.states.registry.ver,
  });

/** What the registry would record of a command now. Throws when it refuses. */
export const registryDraft = (ledger: TestLedger, signed: Live<'command'>, author: Author) => {
  const { action } = signed.document.data;
  const digest = (document: object) => sha256(canonicalize(document));
  const { result, events } = decideRegistry(
    {
      command: signed.document,
      frame: signed.frame as Frame,
      author,
      now: ledger.now(),
      digests: {
        boundary: action.do === 'publish-boundary' ? digest(action.boundary) : undefined,
        gate: action.do === 'publish-gate' ? digest(action.gate) : undefined,
      },
      possession: () => true,
    },
    ledger.states.registry,
  );
  const [draft] = events;
  if (draft === undefined) throw new Error(JSON.stringify(result));
  return draft;
};

/** Carries out a registry command of a person, or of the root. */
export const change = (ledger: TestLedger, action: RegistryAction, by = 'root') => {
  const author: Author = by === 'root' ? { kind: 'root' } : { kind: 'person', person: by };
  return ledger.write(registryDraft(ledger, command(ledger, by, 'registry', action), author));
};

const SERVICES = ['decision', 'approval', 'receipt-ledger', 'anomaly-detector', 'kill-switch'] as const;

const addPeople = (ledger: TestLedger): void => {
  const grants = {
    olga: [
      { role: 'admin', scope: ORG },
      { role: 'approver', scope: ENV },
    ],
    ann: [{ role: 'approver', scope: ENV }],
    ben: [{ role: 'approver', scope: ENV }],
    kim: [{ role: 'operator', scope: ENV }],
    lee: [],
  } as const;
  for (const [person, held] of Object.entries(grants)) {
    const key = certificate(ledger, person, 'person', person, ORG);
    change(ledger, { do: 'add-person', person, grants: [...held], key });
  }
};

/** Founds the organisation: everything up to the opened environment. */
export const found = (ledger: TestLedger): void => {
  const genesis = foundOrganisation({
    id: ledger.nextId(),
    org: ORG,
    roots: ledger.roots(),
    threshold: 1,
    registrar: certificate(ledger, 'registrar', 'registrar', 'registry', ORG),
    possession: () => true,
  });
  if ('kind' in genesis) throw new Error(genesis.reason);
  ledger.write(genesis, { key: ledger.keyOf('root') });
  for (const role of SERVICES) {
    change(ledger, { do: 'certify-key', key: certificate(ledger, role, role, role, ORG) });
  }
  addPeople(ledger);
  change(ledger, { do: 'create-project', project: 'shop' }, 'olga');
  const created = change(ledger, { do: 'create-environment', project: 'shop', environment: 'prod' }, 'olga');
  const { events } = decideOpenEnvironment(
    {
      environment: ENV,
      registryEvent: { id: created.document.id, correlationid: created.document.correlationid },
      haltsInForce: [],
    },
    ledger.states.authority,
  );
  for (const draft of events) ledger.write(draft);
  for (const agent of [AGENT, OTHER]) {
    const key = certificate(ledger, agent, 'agent', agent, agent);
    change(ledger, { do: 'register-agent', agent, owner: 'olga', key }, 'olga');
  }
  const key = certificate(ledger, POINT, 'enforcement-point', POINT, POINT);
  change(ledger, { do: 'register-enforcement-point', name: POINT, owner: 'olga', key }, 'olga');
  change(ledger, { do: 'publish-gate', gate }, 'olga');
  change(ledger, { do: 'publish-boundary', boundary }, 'olga');
};
