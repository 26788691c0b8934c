// Owns the first frames of an organisation: the genesis and the root's commands. It signs; it appends nothing.
import {
  Command,
  type KeyCertificate,
  LEDGER_PAYLOAD_TYPE,
  ledgerEvents,
  type RegistryAction,
  subjects,
  type Token,
} from '@writ/contracts';
import { type KeyPair, signFrame, ZERO_DIGEST } from '@writ/crypto';
import { signLive } from '../plane/live.js';

const GENESIS = 'writ.registry.organisation-founded.v1';

/** What the frames have in common. `newId` makes UUIDv7s; times are RFC 3339 UTC milliseconds. */
export type Founding = {
  readonly org: Token;
  readonly root: KeyPair;
  readonly time: string;
  readonly newId: () => string;
};

/**
 * The genesis: version 1 of the registry subject, signed by the root key that it names, 1 of 1. It needs no trust in the registry:
 * whoever pins the root key can check it.
 */
export function genesisFrame({ org, root, time, newId }: Founding, registrar: KeyCertificate): Uint8Array {
  const id = newId();
  const document = ledgerEvents[GENESIS].parse({
    specversion: '1.0',
    id: `${id}.registry.0`,
    type: GENESIS,
    source: '/writ/registry',
    subject: subjects.ledger('registry', org),
    time,
    datacontenttype: 'application/json',
    kid: root.kid,
    seen: 0,
    ver: 1,
    prev: ZERO_DIGEST,
    causationid: id,
    correlationid: id,
    data: { org, roots: [{ kid: root.kid, x: root.x }], threshold: 1, registrar },
  });
  return signFrame(LEDGER_PAYLOAD_TYPE, document, root);
}

/**
 * Root-signed commands to the registry, in order. Each is made against the version that the one before it leaves behind: the
 * genesis is version 1, and every command makes one event.
 */
export function rootCommandFrames(
  { org, root, time, newId }: Founding,
  actions: readonly RegistryAction[],
  expires: string,
): readonly Uint8Array[] {
  const subject = subjects.command('registry', org, 'root');
  return actions.map((action, index) => {
    const data = Command.shape.data.parse({ action, expires, version: index + 1 });
    return signLive('command', subject, data, root, { id: newId(), time }).bytes;
  });
}
