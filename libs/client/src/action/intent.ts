// Builds and signs the intent: every private value becomes a salted digest, its disclosure travels behind the frame.
import {
  DocumentLimits,
  type JsonValue,
  liveDocuments,
  livePayloadType,
  type Refused,
  refused,
  subjects,
} from '@writ/contracts';
import { CanonicalError, commit, importPublic, openFrame, openSessionKey } from '@writ/crypto';
import { timestamp } from '../clock.js';
import { messageOf, notSigned, type SignedDocument, signLive } from '../documents.js';
import { WritError } from '../errors.js';
import type { Session } from '../session.js';
import type { Args, HandleJson, IntentInput } from '../types.js';
import { type HeldIntent, holdIntent, type IntentDocument } from './handle.js';

const DEADLINE_MS = 300_000;

/**
 * Builds a new intent for `at` (plane time, epoch ms). Refused: WRIT-FRM-004 (not canonical JSON: fractions, unsafe integers),
 * WRIT-FRM-002 (over 12 KiB), WRIT-FRM-009 (a field is wrong).
 */
export const newIntent = async (
  session: Session,
  input: IntentInput,
  at: number,
): Promise<HeldIntent | Refused> => {
  try {
    return await build(session, input, at);
  } catch (error) {
    return error instanceof CanonicalError ? refused('WRIT-FRM-004', error.message) : notSigned(error);
  }
};

const build = async (session: Session, input: IntentInput, at: number): Promise<HeldIntent | Refused> => {
  const { scope } = session.credentials;
  const args = commit({ ...input.action.args });
  const { data, disclosures } = intentData(input, args.committed, at);
  const valid = liveDocuments.intent.shape.data.safeParse(data);
  if (!valid.success)
    return refused('WRIT-FRM-009', `intent: ${valid.error.issues[0]?.path.join('.') ?? ''} is wrong`);
  const signed = await signLive('intent', session.signing, subjects.intent(scope), at, valid.data);
  return hold(session, signed, args.disclosures.length, [...args.disclosures, ...disclosures], false);
};

const intentData = (input: IntentInput, committedArgs: { _sd: string[] }, at: number) => {
  const { tool, operation, resource } = input.action;
  const { goal, alternatives, chosen, promptDigest, contextDigest, model, tools } = input.reasoning ?? {};
  const reasoning = commit(defined({ goal, alternatives, chosen }));
  const reversal = commit({ ...input.reversal?.details });
  const evidence = (input.evidence ?? []).map((e) => ({ ...e, ...commit({ ...e.value }) }));
  const data = {
    action: { tool, operation, resource, args: committedArgs },
    reasoning: { private: reasoning.committed, ...defined({ promptDigest, contextDigest, model, tools }) },
    evidence: evidence.map((e) => ({ source: e.source, observedAt: e.observedAt, value: e.committed })),
    reversal: { method: input.reversal?.method ?? 'none', private: reversal.committed },
    deadline: timestamp(at + (input.deadlineMs ?? DEADLINE_MS)),
    delegation: [],
    ...defined({ plan: input.plan, idempotencyKey: input.idempotencyKey }),
  };
  const rest = [reasoning, reversal, ...evidence].flatMap((part) => part.disclosures);
  return { data, disclosures: rest };
};

const defined = (fields: Readonly<Record<string, JsonValue | undefined>>): Args =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Args;

/** The key behind a frame of this agent: its own, or that of the certificate. */
const signedWith = (session: Session, certificate: Uint8Array | undefined) => {
  const own = importPublic(session.credentials.key.x);
  if (certificate === undefined) return own;
  const opened = openSessionKey(certificate, () => own);
  return opened.ok ? opened.vouched.key : opened;
};

/** Opens the frame as the plane will, so that a limit is met here and not there. */
const hold = (
  session: Session,
  { frame, certificate }: Pick<SignedDocument, 'frame' | 'certificate'>,
  argCount: number,
  disclosures: readonly string[],
  started: boolean,
): HeldIntent | Refused => {
  const own = signedWith(session, certificate);
  if ('code' in own) return refused(own.code, own.reason);
  const opened = openFrame(frame, livePayloadType('intent'), own, DocumentLimits.intent);
  if (!opened.ok) return refused(opened.code, opened.reason);
  const document = opened.document as unknown as IntentDocument;
  const args = { committed: document.data.action.args, disclosures: disclosures.slice(0, argCount) };
  const { scope: agent } = session.credentials;
  return holdIntent(
    { document, frame, certificate, digest: opened.digest, args, disclosures, agent },
    started,
  );
};

/** Takes a stored handle up again; throws WRIT-FRM-009 when it is not one of this agent's. */
export const storedIntent = (session: Session, json: HandleJson): HeldIntent => {
  const utf8 = new TextEncoder();
  const { frame, certificate } = json;
  const signed = {
    frame: utf8.encode(frame),
    ...(certificate === undefined ? {} : { certificate: utf8.encode(certificate) }),
  };
  const handle = hold(session, signed, json.argCount, json.disclosures, json.started);
  if ('code' in handle || json.v !== 1 || json.agent !== session.credentials.scope || handle.id !== json.id) {
    throw new WritError('WRIT-FRM-009', 'the stored intent is not one of this agent');
  }
  return handle;
};

/** What goes onto the wire. */
export const intentMessage = ({ frame, certificate, disclosures }: HeldIntent): Uint8Array =>
  messageOf({ frame, ...(certificate && { certificate }) }, disclosures);
