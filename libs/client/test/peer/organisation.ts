// The keys of a sample organisation and its registry facts, signed for real: what the key path of a state reply is made of.
import {
  type KeyRole,
  LEDGER_PAYLOAD_TYPE,
  type LiveKind,
  livePayloadType,
  type RoleGrant,
  subjects,
} from '@writ/contracts';
import { generateKeyPair, type KeyPair, openFrame, signFrame, ZERO_DIGEST } from '@writ/crypto';
import { newCommandId } from '../../src/new-id.js';

export const ORG = 'acme';
export const ENV = 'acme.shop.prod';
export const AGENT = 'acme.shop.prod.refunds';
export const POINT = 'acme.shop.prod.gateway';

export const iso = (ms = Date.now()): string => new Date(ms).toISOString();

export type Json = Record<string, unknown>;

/** A live document's frame. */
export const live = (
  kind: LiveKind,
  key: KeyPair,
  subject: string,
  data: Json,
  more: Json = {},
): Uint8Array => {
  const at = Date.now();
  const document = {
    type: `writ.${kind}.v1`,
    id: newCommandId(at),
    kid: key.kid,
    subject,
    time: iso(at),
    data,
    ...more,
  };
  return signFrame(livePayloadType(kind), document, key);
};

/** A ledger event's frame. */
export const event = (
  key: KeyPair,
  type: string,
  subject: string,
  source: string,
  data: Json,
  more: Json = {},
): Uint8Array => {
  const at = Date.now();
  const cause = newCommandId(at);
  const document = {
    specversion: '1.0',
    id: `${cause}.${type.split('.')[1]}.1`,
    source: `/writ/${source}`,
    subject,
    time: iso(at),
    datacontenttype: 'application/json',
    kid: key.kid,
    seen: 0,
    causationid: cause,
    correlationid: cause,
    type,
    ver: 1,
    prev: ZERO_DIGEST,
    data,
    ...more,
  };
  for (const name of Object.keys(document)) {
    if ((document as Json)[name] === undefined) delete (document as Json)[name];
  }
  return signFrame(LEDGER_PAYLOAD_TYPE, document, key);
};

/** A frame as it is embedded in a document. */
export const embedded = (frame: Uint8Array): Json => JSON.parse(new TextDecoder().decode(frame)) as Json;

export const digestOfFrame = (frame: Uint8Array, payloadType: string, key: KeyPair): string => {
  const opened = openFrame(frame, payloadType, key);
  if (!opened.ok) throw new Error(opened.reason);
  return opened.digest;
};

const certificate = (key: KeyPair, role: KeyRole, holder: string, scope = ORG): Json => {
  const possession = live('key-possession', key, subjects.ledger('registry', ORG), {
    x: key.x,
    role,
    holder,
    scope,
  });
  return { kid: key.kid, x: key.x, role, holder, scope, possession: embedded(possession) };
};

export type Organisation = ReturnType<typeof createOrganisation>;

/** A new organisation: root, registrar, services, an agent, an enforcement point; people are added one by one. */
export const createOrganisation = () => {
  const pair = () => generateKeyPair();
  const keys = {
    root: pair(),
    registrar: pair(),
    decision: pair(),
    'receipt-ledger': pair(),
    'kill-switch': pair(),
    agent: pair(),
    point: pair(),
  };
  const people = new Map<string, KeyPair>();
  const path: Uint8Array[] = [];
  const by = { command: embedded(live('command', keys.root, `gov.command.registry.${ORG}.root`, {})) };
  const registry = (key: KeyPair, type: string, data: Json): Uint8Array => {
    const more = { ver: path.length + 1 };
    const frame = event(key, type, subjects.ledger('registry', ORG), 'registry', data, more);
    path.push(frame);
    return frame;
  };
  const fact = (type: string, data: Json) => registry(keys.registrar, type, { ...data, ...by });

  registry(keys.root, 'writ.registry.organisation-founded.v1', {
    org: ORG,
    roots: [{ kid: keys.root.kid, x: keys.root.x }],
    threshold: 1,
    registrar: certificate(keys.registrar, 'registrar', 'registry'),
  });
  for (const role of ['decision', 'receipt-ledger', 'kill-switch'] as const) {
    fact('writ.registry.key-certified.v1', { key: certificate(keys[role], role, role) });
  }
  const addPerson = (person: string, grants: readonly RoleGrant[]): KeyPair => {
    const key = pair();
    people.set(person, key);
    fact('writ.registry.person-added.v1', { person, grants, key: certificate(key, 'person', person) });
    return key;
  };
  return { keys, people, path, addPerson, fact, registry, certificate };
};
