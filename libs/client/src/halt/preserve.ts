// Hands the agent's own state to the plane on a halt and fetches it back. It logs sizes and codes, never the state.

import type { JsonValue } from '@writ/contracts';
import { subjects } from '@writ/contracts';
import {
  canonicalize,
  disclose,
  disclosureDigest,
  joinMessage,
  readDisclosure,
  splitFrames,
  splitMessage,
} from '@writ/crypto';
import { pause } from '../clock.js';
import { signLive } from '../documents.js';
import { WritError } from '../errors.js';
import type { GateKeeper } from '../gate/keeper.js';
import type { Session } from '../session.js';

/** The most that is kept, bytes of canonical JSON. */
export const PRESERVE_LIMIT = 256 * 1024;

const ATTEMPTS = 8;
const ATTEMPT_MS = 3000;

/** Sends the state until the plane has recorded it; gives its digest, or `undefined` when it never answered. */
export const putState = async (
  session: Session,
  keeper: GateKeeper,
  value: JsonValue,
): Promise<string | undefined> => {
  const text = new TextEncoder().encode(canonicalize(value));
  if (text.length > PRESERVE_LIMIT) throw new WritError('WRIT-HLT-004', `the state has ${text.length} bytes`);
  const { key, scope: agent } = session.credentials;
  const { disclosure, digest } = disclose('state', value);
  const subject = subjects.preserve(agent);
  const ask = () => {
    const halts = [...keeper.state().halts.keys()].slice(0, 64);
    const data = { agent, op: 'put' as const, digest, bytes: text.length, halts };
    return joinMessage(signLive('preserve-request', key, subject, keeper.planeTime(), data).frame, [
      disclosure,
    ]);
  };
  const stored = await repeat(session, subject, ask, (reply) => readStored(session, reply, digest));
  session.log({
    event: stored === undefined ? 'state-not-preserved' : 'state-preserved',
    count: text.length,
  });
  return stored;
};

/** Fetches a preserved state by its digest. */
export const getState = async (
  session: Session,
  keeper: GateKeeper,
  digest: string,
): Promise<{ readonly value: JsonValue } | undefined> => {
  const { key, scope: agent } = session.credentials;
  const subject = subjects.preserve(agent);
  const data = { agent, op: 'get' as const, digest, bytes: 0, halts: [] };
  const ask = () => signLive('preserve-request', key, subject, keeper.planeTime(), data).frame;
  return repeat(session, subject, ask, (reply) => readPreserved(session, reply, digest));
};

const repeat = async <T>(
  session: Session,
  subject: string,
  ask: () => Uint8Array,
  read: (reply: Uint8Array) => T | undefined,
): Promise<T | undefined> => {
  for (let n = 0; n < ATTEMPTS && !session.closed.aborted; n++) {
    const reply = await session.bus.request(subject, ask(), ATTEMPT_MS);
    const answer = reply === undefined ? undefined : read(reply);
    if (answer !== undefined) return answer;
    await pause(100 * 2 ** n, session.closed);
  }
  return undefined;
};

const readStored = (session: Session, reply: Uint8Array, digest: string): string | undefined => {
  const [frame] = splitFrames(reply);
  if (frame === undefined) return undefined;
  const fact = session.trust.fact(['writ.stop.state-preserved.v1'], frame, session.signers.stop);
  if (!fact.ok || fact.document.data.agent !== session.credentials.scope) return undefined;
  return fact.document.data.digest === digest ? digest : undefined;
};

const readPreserved = (
  session: Session,
  reply: Uint8Array,
  digest: string,
): { readonly value: JsonValue } | undefined => {
  const { frame, rest } = splitMessage(reply);
  const preserved = session.trust.live('preserved', frame, session.signers.preserved);
  const [disclosure] = rest;
  if (!preserved.ok || disclosure === undefined) return undefined;
  const { data } = preserved.document;
  if (data.agent !== session.credentials.scope || data.digest !== digest) return undefined;
  if (disclosureDigest(disclosure) !== digest) return undefined;
  const read = readDisclosure(disclosure);
  return read.ok && read.name === 'state' ? { value: read.value } : undefined;
};
