// Rows of people, grants, agents, environments and documents from the registry's events.
import type { LedgerDocumentOf, RoleGrant } from '@writ/contracts';
import { type Change, remove, update, upsert } from '../rows/change.js';
import { certified, ended } from './keys.js';
import { type Effective, type Handler, orgOf, timeOf } from './recorded.js';

type Of<T extends Parameters<typeof onRegistry>[0]['document']['type']> = Effective<LedgerDocumentOf<T>>;

const grantKey = (event: Effective<unknown>, person: string, { role, scope }: RoleGrant) => ({
  org: orgOf(event),
  person,
  role,
  scope,
});

const granted = (event: Effective<unknown>, person: string, grant: RoleGrant): Change =>
  upsert('grants', grantKey(event, person, grant), { granted_at: timeOf(event) });

const personAdded = (event: Of<'writ.registry.person-added.v1'>): readonly Change[] => {
  const { person, grants, key } = event.document.data;
  return [
    upsert('people', { org: orgOf(event), person }, { status: 'active', added_at: timeOf(event) }),
    ...grants.map((grant) => granted(event, person, grant)),
    certified(event, key),
  ];
};

const registered = (
  event: Of<'writ.registry.agent-registered.v1' | 'writ.registry.enforcement-point-registered.v1'>,
  scope: string,
  kind: 'agent' | 'enforcement-point',
): readonly Change[] => {
  const { owner, key } = event.document.data;
  return [
    upsert(
      'agents',
      { scope },
      { kind, owner, status: 'active', kid: key.kid, registered_at: timeOf(event) },
    ),
    certified(event, key),
  ];
};

const published = (event: Effective<{ readonly id: string }>) => ({
  event_id: event.document.id,
  published_at: timeOf(event),
  published_seq: event.seq,
  retired_at: null,
});

const boundary = (event: Of<'writ.registry.boundary-published.v1'>): Change => {
  const { name, scope, digest, boundary: document } = event.document.data;
  const { level, autonomy } = document.spec;
  return upsert('boundaries', { scope }, { name, digest, level, autonomy, document, ...published(event) });
};

const gate = (event: Of<'writ.registry.gate-published.v1'>): Change => {
  const { name, scope, digest, gate: document } = event.document.data;
  return upsert('gate_definitions', { scope, name }, { digest, document, ...published(event) });
};

const keyCertified = (event: Of<'writ.registry.key-certified.v1'>): readonly Change[] => {
  const { key } = event.document.data;
  const ofAgent = key.role === 'agent' || key.role === 'enforcement-point';
  const renewed = ofAgent ? [update('agents', { scope: key.holder }, { kid: key.kid })] : [];
  return [certified(event, key), ...renewed];
};

const distrusted = (event: Of<'writ.registry.key-distrusted.v1'>): Change => {
  const { kid, reason, from } = event.document.data;
  return ended(event, kid, 'distrusted', { reason, distrusted_from: from });
};

const appointed = (event: Of<'writ.registry.registrar-appointed.v1'>): readonly Change[] => {
  const { registrar, revokes, from, reason } = event.document.data;
  if (revokes === null) return [certified(event, registrar)];
  const end =
    from === null
      ? ended(event, revokes, 'revoked', { reason })
      : ended(event, revokes, 'distrusted', { reason, distrusted_from: from });
  return [certified(event, registrar), end];
};

const environmentCreated = (event: Of<'writ.registry.environment-created.v1'>): Change => {
  const { project, environment } = event.document.data;
  return upsert(
    'environments',
    { environment: `${orgOf(event)}.${project}.${environment}` },
    { created_at: timeOf(event) },
  );
};

const personRemoved = (event: Of<'writ.registry.person-removed.v1'>): Change =>
  update(
    'people',
    { org: orgOf(event), person: event.document.data.person },
    { status: 'removed', removed_at: timeOf(event) },
  );

/** Changes of people, agents and environments; the rest is documents and keys. */
export const onRegistry: Handler<'registry'> = (event) => {
  const { document } = event;
  switch (document.type) {
    case 'writ.registry.organisation-founded.v1':
      return [certified(event, document.data.registrar)];
    case 'writ.registry.environment-created.v1':
      return [environmentCreated({ ...event, document })];
    case 'writ.registry.person-added.v1':
      return personAdded({ ...event, document });
    case 'writ.registry.person-removed.v1':
      return [personRemoved({ ...event, document })];
    case 'writ.registry.role-granted.v1':
      return [granted(event, document.data.person, document.data.grant)];
    case 'writ.registry.role-revoked.v1':
      return [remove('grants', grantKey(event, document.data.person, document.data.grant))];
    case 'writ.registry.agent-registered.v1':
      return registered({ ...event, document }, document.data.agent, 'agent');
    case 'writ.registry.enforcement-point-registered.v1':
      return registered({ ...event, document }, document.data.name, 'enforcement-point');
    case 'writ.registry.agent-retired.v1':
      return [update('agents', { scope: document.data.agent }, { status: 'retired' })];
    case 'writ.registry.owner-changed.v1':
      return [update('agents', { scope: document.data.agent }, { owner: document.data.owner })];
    default:
      return onDocumentOrKey({ ...event, document });
  }
};

const onDocumentOrKey: Handler<'registry'> = (event) => {
  const { document } = event;
  switch (document.type) {
    case 'writ.registry.registrar-appointed.v1':
      return appointed({ ...event, document });
    case 'writ.registry.key-certified.v1':
      return keyCertified({ ...event, document });
    case 'writ.registry.key-retired.v1':
      return [ended(event, document.data.kid, 'retired')];
    case 'writ.registry.key-revoked.v1':
      return [ended(event, document.data.kid, 'revoked', { reason: document.data.reason })];
    case 'writ.registry.key-distrusted.v1':
      return [distrusted({ ...event, document })];
    case 'writ.registry.boundary-published.v1':
      return [boundary({ ...event, document })];
    case 'writ.registry.boundary-retired.v1':
      return [update('boundaries', { scope: document.data.scope }, { retired_at: timeOf(event) })];
    case 'writ.registry.gate-published.v1':
      return [gate({ ...event, document })];
    case 'writ.registry.gate-retired.v1':
      return [
        update(
          'gate_definitions',
          { scope: document.data.scope, name: document.data.name },
          { retired_at: timeOf(event) },
        ),
      ];
    default:
      return [];
  }
};
