// What a registry command or event is about, as a name with a version of its own. Names only; no rules.
import type {
  AgentScope,
  EventId,
  KeyCertificate,
  KeyRole,
  Kid,
  LedgerDocument,
  RegistryAction,
  RegistryEvent,
  Scope,
} from '@writ/contracts';

/** The names of things whose last change is remembered. */
export const thing = {
  project: (scope: Scope) => `project:${scope}`,
  environment: (scope: Scope) => `environment:${scope}`,
  person: (person: string) => `person:${person}`,
  agent: (agent: AgentScope) => `agent:${agent}`,
  key: (kid: Kid) => `key:${kid}`,
  keysOf: (role: KeyRole, holder: string) => `keys-of:${role}:${holder}`,
  boundary: (scope: Scope) => `boundary:${scope}`,
  gate: (scope: Scope, name: string) => `gate:${scope}/${name}`,
  tool: (tool: string) => `tool:${tool}`,
  criteria: (scope: Scope, name: string) => `criteria:${scope}/${name}`,
  delegation: (from: AgentScope, to: AgentScope) => `delegation:${from}>${to}`,
  delegationEvent: (event: EventId) => `delegation:${event}`,
  erasure: (order: EventId) => `erasure:${order}`,
  hold: (event: EventId) => `hold:${event}`,
} as const;

const keyThings = (key: KeyCertificate): readonly string[] => [
  thing.key(key.kid),
  thing.keysOf(key.role, key.holder),
];

/** The things that a command is about: it is refused when one changed after the version it was made against. */
export const thingsOfAction = (org: string, action: RegistryAction): readonly string[] => {
  switch (action.do) {
    case 'create-project':
      return [thing.project(`${org}.${action.project}`)];
    case 'create-environment':
      return [thing.environment(`${org}.${action.project}.${action.environment}`)];
    case 'add-person':
      return [thing.person(action.person), ...keyThings(action.key)];
    case 'remove-person':
    case 'grant-role':
    case 'revoke-role':
      return [thing.person(action.person)];
    case 'register-agent':
      return [thing.agent(action.agent), ...keyThings(action.key)];
    case 'register-enforcement-point':
      return [thing.agent(action.name), ...keyThings(action.key)];
    case 'retire-agent':
    case 'change-owner':
      return [thing.agent(action.agent)];
    case 'certify-key':
      return keyThings(action.key);
    case 'retire-key':
    case 'revoke-key':
    case 'distrust-key':
      return [thing.key(action.kid)];
    case 'publish-boundary':
      return [thing.boundary(action.boundary.metadata.scope)];
    case 'retire-boundary':
      return [thing.boundary(action.scope)];
    case 'publish-gate':
      return [thing.gate(action.gate.metadata.scope, action.gate.metadata.name)];
    case 'retire-gate':
      return [thing.gate(action.scope, action.name)];
    case 'register-tool':
      return [thing.tool(action.manifest.tool)];
    case 'publish-criteria':
      return [thing.criteria(action.criteria.scope, action.criteria.name)];
    case 'grant-delegation':
      return [thing.delegation(action.delegation.from, action.delegation.to)];
    case 'revoke-delegation':
      return [thing.delegationEvent(action.event)];
    case 'erase':
    case 'place-hold':
    case 'adopt-ledger':
      return [];
    case 'lift-hold':
      return [thing.hold(action.hold)];
  }
};

/** The things that an event changes, besides what follows from it (a removed person's agents). */
export const thingsOfEvent = (org: string, event: RegistryEvent): readonly string[] => {
  switch (event.type) {
    case 'writ.registry.organisation-founded.v1':
    case 'writ.registry.ledger-adopted.v1':
      return [];
    case 'writ.registry.registrar-appointed.v1':
      return [
        ...keyThings(event.data.registrar),
        ...(event.data.revokes === null ? [] : [thing.key(event.data.revokes)]),
      ];
    case 'writ.registry.project-created.v1':
      return [thing.project(`${org}.${event.data.project}`)];
    case 'writ.registry.environment-created.v1':
      return [thing.environment(`${org}.${event.data.project}.${event.data.environment}`)];
    case 'writ.registry.person-added.v1':
      return [thing.person(event.data.person), ...keyThings(event.data.key)];
    case 'writ.registry.person-removed.v1':
    case 'writ.registry.role-granted.v1':
    case 'writ.registry.role-revoked.v1':
      return [thing.person(event.data.person)];
    case 'writ.registry.agent-registered.v1':
      return [thing.agent(event.data.agent), ...keyThings(event.data.key)];
    case 'writ.registry.enforcement-point-registered.v1':
      return [thing.agent(event.data.name), ...keyThings(event.data.key)];
    case 'writ.registry.agent-retired.v1':
    case 'writ.registry.owner-changed.v1':
      return [thing.agent(event.data.agent)];
    case 'writ.registry.key-certified.v1':
      return keyThings(event.data.key);
    case 'writ.registry.key-retired.v1':
    case 'writ.registry.key-revoked.v1':
    case 'writ.registry.key-distrusted.v1':
      return [thing.key(event.data.kid)];
    case 'writ.registry.boundary-published.v1':
    case 'writ.registry.boundary-retired.v1':
      return [thing.boundary(event.data.scope)];
    case 'writ.registry.gate-published.v1':
    case 'writ.registry.gate-retired.v1':
      return [thing.gate(event.data.scope, event.data.name)];
    case 'writ.registry.tool-registered.v1':
      return [thing.tool(event.data.manifest.tool)];
    case 'writ.registry.criteria-published.v1':
      return [thing.criteria(event.data.criteria.scope, event.data.criteria.name)];
    case 'writ.registry.delegation-granted.v1':
      return [
        thing.delegation(event.data.delegation.from, event.data.delegation.to),
        thing.delegationEvent(event.id),
      ];
    case 'writ.registry.delegation-revoked.v1':
      return [thing.delegationEvent(event.data.event)];
    case 'writ.registry.erasure-ordered.v1':
    case 'writ.registry.retention-due.v1':
      return [thing.erasure(event.id)];
    case 'writ.registry.erased.v1':
      return [thing.erasure(event.data.order)];
    case 'writ.registry.legal-hold-placed.v1':
      return [thing.hold(event.id)];
    case 'writ.registry.legal-hold-lifted.v1':
      return [thing.hold(event.data.hold)];
  }
};

/** Whether a ledger document is one of the registry's. */
export const isRegistryEvent = (document: LedgerDocument): document is RegistryEvent =>
  document.type.startsWith('writ.registry.');
