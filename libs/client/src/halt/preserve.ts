// Hands the agent's own state to the plane on a halt and fetches it back. It logs sizes and codes, never the state.

import type { JsonValue } from '@writ/contracts';
import { subjects } from '@writ/contracts';
import { disclose, disclosureDigest, readDisclosure, splitFrames, splitMessage } from '@writ/crypto';
import { pause } from '../clock.js';
import { messageOf, signLive } from '../documents.js';
import { WritError } from '../errors.js';
import type { GateKeeper } from '../gate/keeper.js';
import type { Session } from '../session.js';

/** The most that is kept: characters of the one disclosure, that is about 192 KiB of JSON. */
export const PRESERVE_LIMIT = 256 * 1024;

const ATTEMPTS = 8;
const ATTEMPT_MS = 3000;

/**
 * Sends the state until the plane has recorded it; gives its digest, or `undefined` when it never did. Throws WRIT-HLT-004 (too
 * large) before anything is sent.
 */
export const putState = async (
  session: Session,
  keeper: GateKeeper,
  value: JsonValue,
): Promise<string | undefined> => {
  const { scope: agent } = session.credentials;
  const { disclosure, digest } = disclose('state', value);
  const bytes = disclosure.length;
  if (bytes > PRESERVE_LIMIT) throw new WritError('WRIT-HLT-004', `the state takes ${bytes} characters`);
  const subject = subjects.preserve(agent);
  const halts = [...keeper.state().halts.keys()].slice(0, 64);
  const data = { agent, op: 'put' as const, digest, bytes, halts };
  const request = await signLive('preserve-request', session.signing, subject, keeper.planeTime(), data);
  const message = messageOf(request, [disclosure]);
  const read = async (reply: Uint8Array): Promise<string | undefined> =>
    readStored(session, reply, digest) ?? (await keptAs(keeper, digest));
  const stored = await repeat(session, subject, message, read);
  session.log({ event: stored === undefined ? 'state-not-preserved' : 'state-preserved', count: bytes });
  return stored;
};

/** The plane says in its signed state what it keeps: enough when the answer to the request itself was lost. */
const keptAs = async (keeper: GateKeeper, digest: string): Promise<string | undefined> => {
  const kept = (await keeper.read([]))?.data.preserved?.digest;
  return kept === digest ? digest : undefined;
};

/** Fetches a preserved state by its digest. */
export const getState = async (
  session: Session,
  keeper: GateKeeper,
  digest: string,
): Promise<{ readonly value: JsonValue } | undefined> => {
  const { scope: agent } = session.credentials;
  const subject = subjects.preserve(agent);
  const data = { agent, op: 'get' as const, digest, bytes: 0, halts: [] };
  const request = await signLive('preserve-request', session.signing, subject, keeper.planeTime(), data);
  return repeat(session, subject, messageOf(request), async (reply) => readPreserved(session, reply, digest));
};

const repeat = async <T>(
  session: Session,
  subject: string,
  message: Uint8Array,
  read: (reply: Uint8Array) => Promise<T | undefined>,
): Promise<T | undefined> => {
  for (let n = 0; n < ATTEMPTS && !session.closed.aborted; n++) {
    const reply = await session.bus.request(subject, message, ATTEMPT_MS);
    const answer = reply === undefined ? undefined : await read(reply);
    if (answer !== undefined) return answer;
    logRefusal(session, subject, reply);
    await pause(100 * 2 ** n, session.closed);
  }
  return undefined;
};

/** A refusal is worth a line: the code says why the state is not kept. */
const logRefusal = (session: Session, subject: string, reply: Uint8Array | undefined): void => {
  const [frame] = reply === undefined ? [] : splitFrames(reply);
  if (frame === undefined) return;
  const refusal = session.trust.live('refusal', frame, { roles: ['kill-switch'], subjects: [subject] });
  if (refusal.ok) session.log({ event: 'preserve-refused', code: refusal.document.data.code });
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
