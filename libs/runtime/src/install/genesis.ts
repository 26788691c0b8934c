// Owns the first frames of an organisation: the genesis and the root's commands. It signs; it appends nothing.
import {
  Command,
  type KeyCertificate,
  LEDGER_PAYLOAD_TYPE,
  ledgerEvents,
  livePayloadType,
  type RegistryAction,
  subjects,
  type Token,
} from '@writ/contracts';
import { digestOf, type KeyPair, readFrame, signFrame, ZERO_DIGEST } from '@writ/crypto';
import { signLive } from '../plane/live.js';
import { endorse } from './endorse.js';

const GENESIS = 'writ.registry.organisation-founded.v1';

/**
 * What the frames have in common: the root that signs, the others, and how many must agree. `newId` makes UUIDv7s; times are RFC 3339
 * UTC milliseconds.
 */
export type Founding = {
  readonly org: Token;
  readonly root: KeyPair;
  readonly others: readonly KeyPair[];
  readonly threshold: number;
  readonly time: string;
  readonly newId: () => string;
};

/**
 * The genesis: version 1 of the registry subject, signed by one root key that it names and, above a threshold of one, endorsed by the
 * others. It needs no trust in the registry: whoever pins roots and threshold can check it. `commands`: the frames of the first
 * commands, named above a threshold of one, since a root key then commands nothing alone.
 */
export function genesisFrame(
  founding: Founding,
  registrar: KeyCertificate,
  commands: readonly Uint8Array[],
): Uint8Array {
  const { org, root, time, newId } = founding;
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
    data: agreed(founding, registrar, commands),
  });
  return signFrame(LEDGER_PAYLOAD_TYPE, document, root);
}

function agreed(
  { org, root, others, threshold, time, newId }: Founding,
  registrar: KeyCertificate,
  commands: readonly Uint8Array[],
) {
  const roots = [root, ...others].map(({ kid, x }) => ({ kid, x }));
  const founded = { org, roots, threshold, registrar };
  if (threshold === 1) return founded;
  const data = { ...founded, commands: commands.map(digestOfCommand) };
  const endorsements = others.map((other) => endorse(other, { org, data, time, id: newId() }));
  return { ...data, endorsements };
}

function digestOfCommand(frame: Uint8Array): string {
  const read = readFrame(frame);
  if (!read.ok) throw new TypeError('a command that is no frame');
  return digestOf(livePayloadType('command'), read.frame.document);
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
